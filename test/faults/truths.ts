import type { IDataObject } from 'n8n-workflow';
import { runNode, type NodeResult } from '../harness/engine';
import { secretsTold } from '../harness/secrets';
import { listen, selfSigned, spoilingProxy, tlsBefore } from '../harness/tlsFront';
import {
	companiesOf,
	runTrial,
	startTrial,
	tallyOf,
	wrongsOf,
	type Report,
	type Trial,
} from '../harness/trial';
import { startSimulator, TEST_ACCOUNT, type Fault, type Simulator } from '../simulator/simulator';
import { FAULT_KINDS } from './faultKinds';
import { exactly, type Figure, type Scenario } from './figures';

/** What the node says beside what the server holds, where it is easy to say too much. */

const CONTINUE = 'continueRegularOutput';

async function sync(
	simulator: Simulator,
	desired: readonly IDataObject[],
	current: readonly IDataObject[],
): Promise<NodeResult> {
	return await runNode({
		inputs: [desired, current],
		parameters: {
			resource: 'assignment',
			operation: 'sync',
			loginName: '={{ $json.loginName }}',
			company: '={{ $json.company }}',
			options: { maxRemovals: 100 },
		},
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url },
		onError: CONTINUE,
	});
}

const rowsOf = ({ outputs }: NodeResult) => outputs.flat().map(({ json }) => json);
const saying = (result: NodeResult, outcome: string) =>
	rowsOf(result).filter((row) => row.outcome === outcome).length;

async function namesIntoCodes(keyed: boolean): Promise<Figure[]> {
	const companies = Array.from({ length: 1000 }, (_, i) => ({
		name: `测试（第${i}）有限公司`,
		creditCode: `9133${String(i).padStart(14, '0')}`,
		keyNo: `K${i}`,
	}));
	const loginName = '13800000000';
	const simulator = await startSimulator({ companies, openRegister: false });
	try {
		for (const { name } of companies) simulator.assign(loginName, name);
		const result = await sync(
			simulator,
			companies.map(({ creditCode }) => ({ loginName, company: creditCode })),
			companies.map(({ name, keyNo }) => ({
				loginName,
				keyWord: name,
				assigned: true,
				...(keyed && { keyNo }),
			})),
		);
		const removals = simulator.calls.filter(({ action }) => action === 'unassign');
		return [
			exactly('rows ok', saying(result, 'ok'), 1000),
			exactly('rows unchanged', saying(result, 'unchanged'), 1000),
			exactly('removals sent', removals.length, 0),
			exactly('pairs on the server', simulator.pairs().length, 1000),
		];
	} finally {
		await simulator.close();
	}
}

/** A removal is done, and never answered; then the company is wanted again. */
async function removalInDoubt(): Promise<Figure[]> {
	const loginName = '13800000000';
	const simulator = await startSimulator({ lockAfter: 1000 });
	try {
		simulator.assign(loginName, '留下公司');
		simulator.assign(loginName, '离开公司');
		const stay = { loginName, company: '留下公司', keyWord: '留下公司', assigned: true };
		const gone = { loginName, company: '离开公司', keyWord: '离开公司', assigned: true };
		simulator.faults = ({ action }) =>
			action === 'unassign' ? { kind: 'reset', when: 'after' } : undefined;
		const first = await sync(simulator, [stay], [stay, gone]);
		const held = simulator.pairs().length;
		simulator.faults = undefined;
		const second = await sync(simulator, [stay, gone], rowsOf(first));
		return [
			exactly('rows unknown', saying(first, 'unknown'), 1),
			exactly(
				'of these “assigned: null”',
				rowsOf(first).filter(({ outcome, assigned }) => outcome === 'unknown' && assigned === null)
					.length,
				1,
			),
			exactly('pairs on the server', held, 1),
			exactly('wanted again: rows ok', saying(second, 'ok'), 1),
			exactly('pairs on the server then', simulator.pairs().length, 2),
		];
	} finally {
		await simulator.close();
	}
}

/** The connection breaks in TLS once the calls were carried out; then the rows are sent again. */
async function brokenTls(): Promise<Figure[]> {
	const simulator = await startSimulator({ lockAfter: 1000 });
	const front = tlsBefore(simulator.url, selfSigned());
	let breaks = true;
	const proxy = spoilingProxy(await listen(front), () => breaks && simulator.pairs().length > 0);
	const trial: Trial = { pairs: companiesOf(ROWS), onError: CONTINUE, options: { retryFor: 1 } };
	// The certificate is nobody's: these connections alone are let off.
	const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
	process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
	try {
		const url = `https://127.0.0.1:${await listen(proxy)}`;
		const first = tallyOf(await (await startTrial(trial, url)).result);
		const held = simulator.pairs().length;
		breaks = false;
		const second = tallyOf(await (await startTrial(trial, url)).result);
		return [
			exactly('rows unknown', first.unknown, ROWS),
			exactly('pairs on the server', held, ROWS),
			exactly('sent again: rows ok', second.ok, ROWS),
		];
	} finally {
		if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
		else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
		proxy.close();
		front.closeAllConnections();
		front.close();
		await simulator.close();
	}
}

const ROWS = 3;

/** Three rows, each call of which meets one fault. */
async function threeRows(fault: (n: number) => Fault): Promise<Report> {
	return await runTrial(
		{ pairs: companiesOf(ROWS), onError: CONTINUE },
		{ lockAfter: 1000, faults: ({ n }) => fault(n) },
	);
}

/** The words of a report beside what the server holds. */
function saidAndHeld(report: Report, said: Partial<Report['tally']>, held: number): Figure[] {
	const lies = report.answers.filter(
		({ item, outcome }) =>
			(outcome === 'ok' && !report.after[item]) ||
			((outcome === 'rejected' || outcome === 'notSent') && report.after[item]),
	);
	return [
		...Object.entries(said).map(([outcome, count]) =>
			exactly(`rows ${outcome}`, report.tally[outcome as keyof Report['tally']], count),
		),
		exactly('pairs on the server', report.after.filter(Boolean).length, held),
		exactly('rows of which the server holds otherwise', lies.length, 0),
	];
}

/** QCC refuses each row in a sentence that merely sounds as if it stood already. */
async function refusedInWords(msg: string): Promise<Figure[]> {
	const report = await threeRows(() => ({
		kind: 'body',
		when: 'before',
		body: JSON.stringify({
			status: '200',
			result: {
				batchList: companiesOf(ROWS).map(({ company }) => ({
					keyWord: company,
					status: '201',
					msg,
				})),
			},
		}),
	}));
	return saidAndHeld(report, { ok: 0, rejected: ROWS }, 0);
}

async function faultNamed(name: string, said: Partial<Report['tally']>): Promise<Figure[]> {
	const fault = FAULT_KINDS.find((kind) => kind.name === name);
	if (!fault) throw new Error(`No fault is called ${name}`);
	const report = await runTrial(
		{ pairs: companiesOf(ROWS), onError: CONTINUE },
		{ lockAfter: 1000, faults: (call) => fault.on(call) },
	);
	return saidAndHeld(report, said, ROWS);
}

/** What is the account's or the address's fault is nobody's row's. */
async function notTheRows(): Promise<Figure[]> {
	const names = [
		'code 101',
		'code 107',
		'code 110',
		'code 112',
		'HTTP 401',
		'HTTP 403',
		'HTTP 404',
	];
	const kinds = FAULT_KINDS.filter(({ name }) => names.includes(name));
	const reports = await Promise.all(
		kinds.map(async (kind) =>
			runTrial(
				{ pairs: companiesOf(ROWS), onError: CONTINUE },
				{ lockAfter: 1000, faults: (call) => kind.on(call) },
			),
		),
	);
	const sum = (outcome: 'rejected' | 'notSent') =>
		reports.reduce((total, { tally }) => total + tally[outcome], 0);
	return [
		exactly('refusals', reports.length, names.length),
		exactly('rows rejected', sum('rejected'), 0),
		exactly('rows notSent', sum('notSent'), ROWS * names.length),
		exactly('pairs on the server', reports.flatMap(({ after }) => after).filter(Boolean).length, 0),
	];
}

async function secretsInOtherClothes(): Promise<Figure[]> {
	const kinds = FAULT_KINDS.filter(({ name }) => name.includes('what'));
	const reports = await Promise.all(
		kinds.map(async (kind) =>
			runTrial(
				{ pairs: companiesOf(ROWS), onError: CONTINUE },
				{ lockAfter: 1000, faults: (call) => kind.on(call) },
			),
		),
	);
	return [
		{ what: 'answers that repeat them', value: reports.length, least: 3 },
		exactly(
			'secrets told',
			reports.flatMap(({ result, calls }) => secretsTold(result, calls)).length,
			0,
		),
		exactly('lies', reports.flatMap(wrongsOf).length, 0),
	];
}

export const TRUTHS: readonly Scenario[] = [
	{
		name: 'A sync turns 1,000 names into credit codes, with a ledger that has keyNos',
		run: () => namesIntoCodes(true),
	},
	{ name: 'The same, with a ledger that has none', run: () => namesIntoCodes(false) },
	{ name: 'A removal that was done and never answered, wanted again', run: removalInDoubt },
	{ name: 'TLS that breaks once the call was carried out', run: brokenTls, commandOnly: true },
	...['您已监控的企业数量已达上限', '该账号未分配此接口权限'].map((msg) => ({
		name: `Rows refused with ${msg}`,
		run: () => refusedInWords(msg),
	})),
	{
		name: 'HTTP 422 with rows that QCC confirms',
		run: () => faultNamed('HTTP 422 that carries rows', { ok: ROWS }),
	},
	{
		name: 'All done, and answered by rows without names of which the first is no row',
		run: () => faultNamed('rows without names, after one that is none', { ok: 0, unknown: ROWS }),
	},
	{ name: '101, 107, 110, 112, HTTP 401, 403, 404', run: notTheRows },
	{
		name: 'Answers that repeat the keys and the signature, in any clothes',
		run: secretsInOtherClothes,
	},
];
