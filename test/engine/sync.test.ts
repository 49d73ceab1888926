import fc from 'fast-check';
import type { IDataObject, OnError } from 'n8n-workflow';
import {
	planOf,
	startSimulator,
	TEST_ACCOUNT,
	type Fault,
	type Simulator,
} from '../simulator/simulator';
import { runNode, type NodeResult } from '../harness/engine';
import { keyNoOf } from '../simulator/ledger';
import { paired, row } from '../harness/rows';

interface Relation {
	readonly loginName: string;
	readonly company: string;
	[field: string]: string;
}

async function sync(
	simulator: Simulator,
	desired: readonly IDataObject[],
	current: readonly IDataObject[],
	options: Record<string, number | boolean> = {},
	onError?: OnError,
): Promise<NodeResult> {
	return await runNode({
		inputs: [desired, current],
		parameters: {
			resource: 'assignment',
			operation: 'sync',
			loginName: '={{ $json.loginName }}',
			company: '={{ $json.company }}',
			options,
		},
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url },
		...(onError ? { onError } : {}),
	});
}

function relation(user: number, company: number): Relation {
	return { loginName: `138${String(user).padStart(8, '0')}`, company: `测试第${company}公司` };
}

/** A ledger's row that has the company's number, too. */
function keyed(pair: Relation): Relation {
	return { ...pair, keyNo: keyNoOf(pair.company) };
}

/** The rows that belong into the ledger, as a user would keep them. */
function ledgerOf({ outputs }: NodeResult): IDataObject[] {
	const rows = outputs.flat().map(({ json }) => (json.error ?? json) as IDataObject);
	return rows.filter(({ assigned }) => assigned !== false);
}

/** A relation as given, or a row of the output. */
interface Named {
	loginName: string;
	company?: string;
	keyWord?: string;
}

function pairsOf(relations: readonly IDataObject[]): string[] {
	const named = relations as unknown as readonly Named[];
	const names = named.map((pair) => `${pair.loginName} ${pair.company ?? pair.keyWord ?? ''}`);
	return [...new Set(names)].sort();
}

const STOOD = { outcome: 'unchanged', status: null, msg: 'Already as desired' };

let simulator: Simulator;
beforeEach(async () => {
	simulator = await startSimulator();
});
afterEach(async () => {
	await simulator.close();
});

test('assigns what is only desired, removes what is only current, answers each pair of either', async () => {
	simulator.assign('1', '旧公司');
	simulator.assign('1', '甲公司');
	const desired = [
		{ loginName: '1', company: '甲公司' },
		{ loginName: '2', company: '乙公司' },
		{ loginName: '1', company: '甲公司' },
	];
	const current = [
		{ loginName: '1', keyWord: '旧公司', outcome: 'ok' },
		{ loginName: '1', company: '甲公司' },
		{ loginName: '9', keyWord: '早已移除', assigned: false },
		{},
	];

	const { outputs, error } = await sync(simulator, desired, current, { maxRemovals: 50 });

	expect(error).toBeUndefined();
	// Its keyNo was asked for before anything of this user was removed.
	const stood = row('1', '甲公司', { action: 'none', ...STOOD, assigned: true });
	expect(outputs).toEqual([
		[
			paired(0, stood),
			paired(1, row('2', '乙公司', { assigned: true })),
			paired(2, stood),
			{
				json: row('1', '旧公司', { action: 'unassign', msg: '删除成功', assigned: false }),
				pairedItem: { item: 0, input: 1 },
			},
		],
	]);
	expect(simulator.pairs()).toEqual(['1 甲公司', '2 乙公司']);
	expect(simulator.calls.map(({ action, values }) => [action, values])).toEqual([
		['assign', ['乙公司']],
		['assign', ['甲公司', '旧公司']],
		['unassign', ['旧公司']],
	]);
});

test('10,000 desired and 10,000 current that differ by 500 each way: 1,000 rows; then none', async () => {
	const at = (i: number) => relation(Math.floor(i / 1000), i % 1000);
	const current = Array.from({ length: 10_000 }, (_, i) => keyed(at(i)));
	const desired = Array.from({ length: 10_000 }, (_, i) => at(i + 500));
	for (const { loginName, company } of current) simulator.assign(loginName, company);

	const first = await sync(simulator, desired, current);

	expect(first.error).toBeUndefined();
	// User 10 gets 500 companies and user 0 loses 500: three calls of at most 200 each way.
	expect(simulator.stats()).toMatchObject({ calls: 6, rows: 1000 });
	expect(simulator.calls.map(({ action }) => action)).toEqual([
		...Array.from({ length: 3 }, () => 'assign'),
		...Array.from({ length: 3 }, () => 'unassign'),
	]);
	expect(simulator.pairs()).toEqual(pairsOf(desired));
	expect(pairsOf(ledgerOf(first))).toEqual(pairsOf(desired));

	simulator.resetStats();
	const second = await sync(simulator, desired, ledgerOf(first));
	expect(simulator.stats().calls).toBe(0);
	expect(second.outputs.flat()).toHaveLength(10_000);
	expect(second.outputs.flat().every(({ json }) => json.outcome === 'unchanged')).toBe(true);
});

describe('the brake', () => {
	const current = Array.from({ length: 10_000 }, (_, i) => keyed(relation(0, i)));

	test('an empty Desired trips it: no call, and an error that says why and how to allow it', async () => {
		const { error, outputs } = await sync(simulator, [], current);
		expect(outputs).toEqual([]);
		expect(error?.message).toBe(
			'The sync would remove 10000 of the 10000 current assignments, more than the 30 % that “Max Removals” allows',
		);
		expect((error as { description?: string }).description).toBe(
			'Nothing was sent. See whether the Desired input is complete. If these removals are meant, raise “Max Removals”; 100 allows any number. Rows done: 0, rejected: 0, unknown: 0, not sent: 10000.',
		);
		expect(simulator.calls).toEqual([]);
	});

	test.each([
		[3000, 3],
		[2999, 3],
	])('%i of 10,000 may go', async (removed) => {
		const { error } = await sync(simulator, current.slice(removed), current);
		expect(error).toBeUndefined();
		expect(simulator.stats().rows).toBe(removed);
	});

	test('3,001 of 10,000 may not, and under Continue every row stays what it was', async () => {
		const desired = [...current.slice(3001), relation(1, 1)];
		const { outputs, error } = await sync(simulator, desired, current, {}, 'continueRegularOutput');
		expect(error).toBeUndefined();
		expect(simulator.calls).toEqual([]);
		const outcomes = (outputs[0] ?? []).map(({ json }) => [json.outcome, json.assigned]);
		expect(outcomes).toEqual([
			...Array.from({ length: 6999 }, () => ['unchanged', true]),
			['notSent', false],
			...Array.from({ length: 3001 }, () => ['notSent', true]),
		]);
	});

	test('100 turns it off', async () => {
		const { error } = await sync(simulator, [], current, { maxRemovals: 100 });
		expect(error).toBeUndefined();
		expect(simulator.stats()).toMatchObject({ calls: 50, rows: 10_000 });
	});
});

test('a first run without a ledger assigns all', async () => {
	const { outputs } = await sync(simulator, [relation(1, 1)], []);
	const { loginName, company } = relation(1, 1);
	expect(outputs).toEqual([[paired(0, row(loginName, company, { assigned: true }))]]);
});

test('a dry run shows the whole difference, numbered through both directions', async () => {
	const desired = [relation(1, 1), relation(1, 2)];
	const current = [relation(1, 2), relation(2, 3)];
	const { outputs } = await sync(simulator, desired, current, { dryRun: true, maxRemovals: 50 });
	const told = (outputs[0] ?? []).map(({ json }) => [
		json.action,
		json.outcome,
		json.call,
		json.assigned,
		json.msg,
	]);
	expect(told).toEqual([
		['assign', 'planned', 1, false, 'Would be sent in call 1 of 2'],
		['none', 'unchanged', undefined, true, STOOD.msg],
		['unassign', 'planned', 2, true, 'Would be sent in call 2 of 2'],
	]);
	expect(simulator.calls).toEqual([]);
});

test('while a desired row cannot be read nothing is removed, under Continue', async () => {
	simulator.assign('1', '旧公司');
	const desired = [{ loginName: '1' }, { loginName: '1', company: '新公司' }];
	const { outputs } = await sync(
		simulator,
		desired,
		[{ loginName: '1', keyWord: '旧公司' }],
		{ maxRemovals: 100 },
		'continueRegularOutput',
	);
	expect((outputs[0] ?? []).map(({ json }) => [json.keyWord, json.outcome, json.assigned])).toEqual(
		[
			[null, 'notSent', false],
			['新公司', 'ok', true],
			['旧公司', 'notSent', true],
		],
	);
	expect(simulator.pairs()).toEqual(['1 新公司', '1 旧公司']);
});

test('rows that answer Current repeat its own spelling, so that the ledger finds them', async () => {
	const [user, company] = ['13800138000', '甲方测试公司'];
	for (const name of [company, '乙方测试公司']) simulator.assign(user, name);
	const current = [
		{ loginName: '+86 138-0013-8000', keyWord: '甲方\u200b测试公司', assigned: true },
		{ loginName: 13800138000, keyWord: ' 乙方测试公司 ', keyNo: keyNoOf('乙方测试公司') },
	];
	const options = { maxRemovals: 100 };
	const { outputs } = await sync(simulator, [], current, options);
	expect(outputs.flat().map(({ json }) => [json.loginName, json.keyWord, json.outcome])).toEqual([
		['+86 138-0013-8000', '甲方\u200b测试公司', 'ok'],
		[user, ' 乙方测试公司 ', 'ok'],
	]);
	expect(simulator.pairs()).toEqual([]);
});

test('an option that cannot be read changes nothing of what the ledger should hold', async () => {
	const stands = { loginName: '1', company: '甲公司', assigned: true };
	const options = { maxRemovals: 'thirty' as unknown as number };
	const { outputs } = await sync(
		simulator,
		[{ loginName: '1', company: '甲公司' }, relation(2, 2)],
		[stands, { loginName: '1', company: '乙公司', assigned: null }],
		options,
		'continueRegularOutput',
	);
	expect(outputs.flat().map(({ json }) => [json.keyWord, json.outcome, json.assigned])).toEqual([
		['甲公司', 'notSent', true],
		[relation(2, 2).company, 'notSent', false],
		['甲公司', 'notSent', true],
		['乙公司', 'notSent', null],
	]);
	expect(simulator.calls).toEqual([]);
});

test('removals wait for the assignments: when these stop, nothing is removed', async () => {
	simulator.assign('1', '旧公司');
	simulator.faults = ({ action }) =>
		action === 'assign' ? { kind: 'code', code: 112, msg: '当前账户购买额度已用完' } : undefined;
	const current = [{ loginName: '1', keyWord: '旧公司' }];
	const { outputs } = await sync(
		simulator,
		[{ loginName: '1', company: '新公司' }],
		current,
		{ maxRemovals: 100 },
		'continueRegularOutput',
	);
	expect((outputs[0] ?? []).map(({ json }) => [json.outcome, json.status, json.assigned])).toEqual([
		['notSent', 112, false],
		['notSent', 112, true],
	]);
	expect(simulator.pairs()).toEqual(['1 旧公司']);
	expect(simulator.calls).toHaveLength(1);
});

test('keyNo is told to rows of the other direction as well', async () => {
	const current = [{ loginName: '2', keyWord: '甲公司' }];
	const { outputs } = await sync(simulator, [{ loginName: '1', company: '甲公司' }], current, {
		maxRemovals: 100,
	});
	expect(outputs.flat().map(({ json }) => json.keyNo)).toEqual([
		keyNoOf('甲公司'),
		keyNoOf('甲公司'),
	]);
});

describe('whatever fails, runs converge', () => {
	const pairSet = fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(7)), {
		selector: (pair) => pair.join(),
		maxLength: 24,
	});
	const fault = fc.constantFrom<Fault>(
		{ kind: 'reset', when: 'before' },
		{ kind: 'reset', when: 'after' },
		{ kind: 'truncate', when: 'after' },
		{ kind: 'http', status: 503 },
		{ kind: 'code', code: 199, when: 'after' },
		{ kind: 'code', code: 109 },
		{ kind: 'code', code: 112 },
		{ kind: 'code', code: 202 },
		{ kind: 'html' },
		{ kind: 'rows', change: (rows) => rows.slice(1) },
		{ kind: 'rows', change: (rows) => [...rows].reverse() },
	);
	const plan = fc.array(fc.option(fault, { freq: 2 }), { maxLength: 8 });

	test('to Desired, in QCC and in the ledger, and no run removes a desired pair', async () => {
		await fc.assert(
			fc.asyncProperty(pairSet, pairSet, plan, fc.boolean(), async (want, have, faults, strict) => {
				const server = await startSimulator({ refuseRepeats: strict, lockAfter: 1000 });
				try {
					const desired = want.map((pair) => relation(...pair));
					const start = have.map((pair) => relation(...pair));
					for (const { loginName, company } of start) server.assign(loginName, company);
					const options = { maxRemovals: 100, batchSize: 3, retryFor: 2 };
					server.faults = planOf(
						faults.flatMap((one, i) => (one ? [{ call: i + 1, fault: one }] : [])),
					);

					let ledger: IDataObject[] = start;
					for (let runs = 0; runs < 2; runs++) {
						const kept = desired.filter(({ loginName, company }) => server.has(loginName, company));
						const result = await sync(server, desired, ledger, options, 'continueRegularOutput');
						ledger = ledgerOf(result);
						for (const { loginName, company } of kept) {
							expect(server.has(loginName, company)).toBe(true);
						}
						server.faults = undefined;
					}
					expect(server.pairs()).toEqual(pairsOf(desired));
					expect(pairsOf(ledger)).toEqual(pairsOf(desired));
				} finally {
					await server.close();
				}
			}),
			{ numRuns: 40 },
		);
	});
});
