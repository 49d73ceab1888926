import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import type { IDataObject, INodeExecutionData, INodeParameters, OnError } from 'n8n-workflow';

import { runNode } from '../harness/engine';
import { paired, undone } from '../harness/rows';
import { keyNoOf } from '../simulator/ledger';
import { startSimulator, TEST_ACCOUNT, type Fault, type Simulator } from '../simulator/simulator';
import type { Execution } from './execution';
import type { Workflow } from './n8nApi';
import { executeWorkflow, importCredential, importWorkflow, N8nServer } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import { credentialFor, NODE, QCC_CREDENTIAL, qccWorkflow } from './workflows';

const MOST_BYTES = 100_000;
const ALLOWED = /^(dist\/.+|README\.md|LICENSE\.md|CHANGELOG\.md|package\.json)$/;

/** Long enough for calls that a cancelled execution would still make. */
const QUIET_MS = 1_500;

const USERS = ['13800138000', '13900139000', '13700137000'] as const;
const [ANNA, BEN, CARL] = USERS;
const COMMA = 'Acme (China) Co., Ltd.';
const UNKNOWN = '不存在有限公司';

/** What QCC says of a row that was done, by endpoint (the examples of sections 5.1.1 to 5.1.4). */
const DONE = {
	user: { assign: '保存成功', unassign: '删除成功' },
	company: { assign: '保存成功', unassign: '删除成功' },
} as const;

type Direction = 'assign' | 'unassign';

/** An output item's JSON for a row that QCC confirmed; company-centred calls tell no `keyNo`. */
function done(
	shape: keyof typeof DONE,
	action: Direction,
	loginName: string,
	keyWord: string,
	more: IDataObject = {},
): IDataObject {
	return {
		loginName,
		keyWord,
		outcome: 'ok',
		msg: DONE[shape][action],
		success: true,
		status: 200,
		keyNo: shape === 'user' ? keyNoOf(keyWord) : null,
		action,
		...more,
	};
}

const refused = (loginName: string, keyWord: string) =>
	undone(loginName, keyWord, { outcome: 'rejected', status: 500, msg: '关键字不存在' });

/** One run of the node, and all that it must lead to. */
interface Case {
	readonly name: string;
	readonly inputs: readonly (readonly IDataObject[])[];
	readonly parameters: INodeParameters;
	readonly onError?: OnError;
	/** Pairs that stand before. */
	readonly before?: readonly (readonly [loginName: string, company: string])[];
	readonly outputs: readonly (readonly INodeExecutionData[])[];
	readonly hints: readonly string[];
	/** The ledger afterwards. */
	readonly pairs: readonly string[];
	readonly calls: number;
}

const byRow = { loginName: '={{ $json.phone }}', company: '={{ $json.company }}' };

/** Rows of three users in turn, with what people's sheets hold: repeats, brackets, an unknown name. */
function sheet(): Case {
	const rows = Array.from({ length: 300 }, (_, i) => ({
		phone: USERS[i % USERS.length] ?? ANNA,
		company: i % 50 === 49 ? UNKNOWN : `深圳市第${i % 120}号科技（集团）有限公司`,
	}));
	rows.push({ phone: BEN, company: COMMA });
	const items = rows.map(({ phone, company }, i) => {
		if (company === UNKNOWN) return paired(i, refused(phone, company));
		return paired(i, done(company === COMMA ? 'company' : 'user', 'assign', phone, company));
	});
	return {
		name: 'a sheet of 301 rows',
		inputs: [rows],
		parameters: { resource: 'assignment', operation: 'create', ...byRow, options: {} },
		outputs: [items],
		hints: ['Assigned 295, rejected 6, in 4 calls', 'Not done: 6 of 301 rows. 关键字不存在 (6)'],
		pairs: [
			...new Set(
				rows
					.filter(({ company }) => company !== UNKNOWN)
					.map(({ phone, company }) => `${phone} ${company}`),
			),
		].sort(),
		calls: 4,
	};
}

const LISTED = ['小米科技有限责任公司', '91110108551385082Q', '腾讯科技（深圳）有限公司'];
const [XIAOMI = '', CODE = '', TENCENT = ''] = LISTED;
/** A pair that no case is about: it stays. */
const OTHER = [CARL, TENCENT] as const;

function userOperations(): Case[] {
	const list = '小米科技有限责任公司,91110108551385082Q\n腾讯科技（深圳）有限公司';
	return [
		{
			name: 'user: assignCompanies',
			inputs: [[{ phone: ANNA, list }]],
			parameters: {
				resource: 'user',
				operation: 'assignCompanies',
				loginName: '={{ $json.phone }}',
				companies: '={{ $json.list }}',
				options: {},
			},
			outputs: [LISTED.map((company) => paired(0, done('user', 'assign', ANNA, company)))],
			hints: ['Assigned 3, in 1 call'],
			pairs: LISTED.map((company) => `${ANNA} ${company}`).sort(),
			calls: 1,
		},
		{
			name: 'user: unassignCompanies',
			inputs: [[{ phone: ANNA, list: LISTED }]],
			parameters: {
				resource: 'user',
				operation: 'unassignCompanies',
				loginName: ANNA,
				companies: '={{ $json.list }}',
				options: {},
			},
			before: [...LISTED.map((company) => [ANNA, company] as const), OTHER],
			outputs: [LISTED.map((company) => paired(0, done('user', 'unassign', ANNA, company)))],
			hints: ['Removed 3, in 1 call'],
			pairs: [OTHER.join(' ')],
			calls: 1,
		},
	];
}

function companyOperations(): Case[] {
	return [
		{
			name: 'company: assignUsers',
			inputs: [[{ company: COMMA }, { company: XIAOMI }]],
			parameters: {
				resource: 'company',
				operation: 'assignUsers',
				company: '={{ $json.company }}',
				loginNames: USERS.join('；'),
				options: {},
			},
			outputs: [
				[COMMA, XIAOMI].flatMap((company, item) =>
					USERS.map((user) => paired(item, done('company', 'assign', user, company))),
				),
			],
			hints: ['Assigned 6, in 2 calls'],
			pairs: USERS.flatMap((user) => [`${user} ${COMMA}`, `${user} ${XIAOMI}`]).sort(),
			calls: 2,
		},
		{
			name: 'company: unassignUsers',
			inputs: [[{ users: [13800138000, BEN] }]],
			parameters: {
				resource: 'company',
				operation: 'unassignUsers',
				company: XIAOMI,
				loginNames: '={{ $json.users }}',
				options: {},
			},
			before: USERS.map((user) => [user, XIAOMI] as const),
			outputs: [[ANNA, BEN].map((user) => paired(0, done('company', 'unassign', user, XIAOMI)))],
			hints: ['Removed 2, in 1 call'],
			pairs: [`${CARL} ${XIAOMI}`],
			calls: 1,
		},
	];
}

function assignmentOperations(): Case[] {
	const rows = [
		{ phone: ANNA, company: XIAOMI },
		{ phone: BEN, company: XIAOMI },
		{ phone: BEN, company: CODE },
	];
	const pairs = rows.map(({ phone, company }) => [phone, company] as const);
	const lines = rows.map(({ phone, company }) => `${phone} ${company}`).sort();
	return [
		{
			name: 'assignment: create, with the input’s fields',
			inputs: [rows],
			parameters: {
				resource: 'assignment',
				operation: 'create',
				...byRow,
				options: { includeInputFields: true },
			},
			outputs: [
				rows.map((row, i) =>
					paired(i, { ...row, ...done('user', 'assign', row.phone, row.company) }),
				),
			],
			hints: ['Assigned 3, in 2 calls'],
			pairs: lines,
			calls: 2,
		},
		{
			name: 'assignment: delete',
			inputs: [rows],
			parameters: { resource: 'assignment', operation: 'delete', ...byRow, options: {} },
			before: [...pairs, OTHER],
			outputs: [
				rows.map(({ phone, company }, i) => paired(i, done('user', 'unassign', phone, company))),
			],
			hints: ['Removed 3, in 2 calls'],
			pairs: [OTHER.join(' ')],
			calls: 2,
		},
		{
			name: 'assignment: sync',
			inputs: [
				rows,
				[XIAOMI, CODE, TENCENT, COMMA].map((keyWord) => ({
					loginName: BEN,
					keyWord,
					assigned: keyWord !== COMMA,
				})),
			],
			parameters: {
				resource: 'assignment',
				operation: 'sync',
				...byRow,
				options: { maxRemovals: 40 },
			},
			before: [XIAOMI, CODE, TENCENT].map((company) => [BEN, company] as const),
			outputs: [
				[
					paired(0, done('user', 'assign', ANNA, XIAOMI, { assigned: true })),
					...[XIAOMI, CODE].map((keyWord, i) =>
						paired(i + 1, {
							action: 'none',
							loginName: BEN,
							keyWord,
							keyNo: keyNoOf(keyWord),
							success: true,
							outcome: 'unchanged',
							status: null,
							msg: 'Already as desired',
							assigned: true,
						}),
					),
					paired(2, done('user', 'unassign', BEN, TENCENT, { assigned: false }), 1),
				],
			],
			hints: ['Assigned 1, removed 1, unchanged 2, in 3 calls'],
			pairs: lines,
			// The ledger tells no keyNos: one call asks for them before anything is removed.
			calls: 3,
		},
	];
}

const TOO_SHORT = 'is shorter than 2 characters';

/** A good row, one that QCC refuses and one that cannot be sent. */
const MIXED = [
	{ phone: ANNA, company: XIAOMI, note: '一' },
	{ phone: ANNA, company: UNKNOWN, note: '二' },
	{ phone: ANNA, company: '米', note: '三' },
];

function errorBranch(): Case {
	const unfit: IDataObject = {
		action: 'none',
		loginName: ANNA,
		keyWord: '米',
		keyNo: null,
		success: false,
		outcome: 'notSent',
		status: null,
		msg: `“Company” ${TOO_SHORT}`,
	};
	return {
		name: 'error branch',
		inputs: [MIXED],
		parameters: { resource: 'assignment', operation: 'create', ...byRow, options: {} },
		onError: 'continueErrorOutput',
		outputs: [
			[paired(0, done('user', 'assign', ANNA, XIAOMI))],
			[
				{ message: '关键字不存在', ...refused(ANNA, UNKNOWN) },
				{ message: `“Company” ${TOO_SHORT}`, ...unfit },
			].map((error, i) => paired(i + 1, { ...MIXED[i + 1], error })),
		],
		hints: [
			'Assigned 1, rejected 1, not sent 1, in 1 call',
			`Not done: 2 of 3 rows. 关键字不存在 (1); “Company” ${TOO_SHORT} (1)`,
		],
		pairs: [`${ANNA} ${XIAOMI}`],
		calls: 1,
	};
}

function dryRun(): Case {
	const rows = [ANNA, BEN].flatMap((phone) => LISTED.map((company) => ({ phone, company })));
	return {
		name: 'dry run',
		inputs: [rows],
		parameters: {
			resource: 'assignment',
			operation: 'create',
			...byRow,
			options: { dryRun: true },
		},
		outputs: [
			rows.map(({ phone, company }, i) => {
				const call = phone === ANNA ? 1 : 2;
				return paired(i, {
					action: 'assign',
					loginName: phone,
					keyWord: company,
					keyNo: null,
					success: null,
					outcome: 'planned',
					status: null,
					msg: `Would be sent in call ${call} of 2`,
					call,
				});
			}),
		],
		hints: ['Would assign 6, in 2 calls'],
		pairs: [],
		calls: 0,
	};
}

/** Every call as it was sent, in an order that does not depend on which came first. */
function queries(simulator: Simulator): string[] {
	return simulator.calls
		.map(({ endpoint, centre, values }) => JSON.stringify([endpoint, centre, ...values]))
		.sort();
}

interface Tally {
	rows: number;
	calls: number;
}

/** Runs a case in the server and in n8n-core within this process: one outcome, the expected one. */
async function check(
	simulator: Simulator,
	run: Case,
	execute: (workflow: Workflow) => Promise<Execution>,
	credential: string,
): Promise<Tally> {
	const prepare = () => {
		simulator.clear();
		simulator.resetStats();
		for (const [loginName, company] of run.before ?? []) simulator.assign(loginName, company);
	};
	const observe = (outputs: unknown, hints: readonly { message: string }[]) => ({
		outputs: JSON.parse(JSON.stringify(outputs)) as unknown,
		hints: hints.map(({ message }) => message.replace(/, \d+\.\d s$/, '')),
		pairs: simulator.pairs(),
		queries: queries(simulator),
	});

	prepare();
	const execution = await execute(qccWorkflow({ ...run, credential }));
	assert.equal(execution.status, 'success', JSON.stringify(execution.error));
	const [task, ...others] = execution.nodes[NODE] ?? [];
	assert(task, 'the node did not run');
	assert.equal(others.length, 0, 'the node ran more than once');
	const inServer = observe(task.outputs, task.hints);

	prepare();
	const result = await runNode({
		...run,
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url },
	});
	const inCore = observe(result.outputs, result.hints);

	assert.deepEqual(inServer, inCore);
	const { outputs, hints, pairs, calls } = run;
	assert.deepEqual(
		{ ...inServer, queries: inServer.queries.length },
		{ outputs, hints, pairs, queries: calls },
	);
	return { rows: outputs.flat().length, calls };
}

interface TestResult {
	readonly status: 'OK' | 'Error';
	readonly message: string;
}

async function credentialTest(server: N8nServer, simulator: Simulator): Promise<void> {
	// Saved first: n8n 1.x tests no credential that nobody owns.
	const test = async (data: IDataObject) => {
		const credential = {
			name: 'QCC',
			type: QCC_CREDENTIAL,
			data: { ...TEST_ACCOUNT, baseUrl: simulator.url, ...data },
		};
		const id = await server.createCredential(credential);
		const credentials = { id, ...credential };
		return await server.rest<TestResult>('POST', '/credentials/test', { credentials });
	};
	const testUnder = async (fault: Fault) => {
		simulator.faults = () => fault;
		try {
			return await test({});
		} finally {
			simulator.faults = undefined;
		}
	};

	assert.deepEqual(await test({}), { status: 'OK', message: 'Connection successful!' });
	assert.deepEqual(await test({ secretKey: 'wrong' }), {
		status: 'Error',
		message:
			'QCC code 107: the IP address is not allowed, or the signature is wrong. Check three things: this server’s public IP is on the whitelist in QCC Pro, the credential’s SecretKey belongs to its AppKey, and this server’s clock is right.',
	});
	assert.deepEqual(await testUnder({ kind: 'html' }), {
		status: 'Error',
		message:
			'The server answered, but not as QCC does. Check the Base URL, and any proxy between this server and QCC.',
	});
	const redirected = await testUnder({ kind: 'redirect', location: '/login' });
	assert.equal(redirected.status, 'Error');
	// n8n's own words, which differ between 1.x and 2.x.
	assert.match(redirected.message, /^(Request failed with status code 302|Found)$/);
	assert.deepEqual(await test({ baseUrl: 'http://pro.qcc.com' }), {
		status: 'Error',
		message:
			'The Base URL of the QCC Radar credential must be an https address such as https://pro.qcc.com',
	});
}

/** Stop: what no call can carry fails the run before anything is sent. */
async function badInput(
	server: N8nServer,
	simulator: Simulator,
	credential: string,
): Promise<void> {
	simulator.clear();
	simulator.resetStats();
	const { status, error } = await server.runWorkflow(
		qccWorkflow({ ...errorBranch(), onError: 'stopWorkflow', credential }),
	);
	assert.deepEqual(
		{ status, message: error?.message, description: error?.description },
		{
			status: 'error',
			message: `The parameter “Company” of item 2 ${TOO_SHORT}`,
			description:
				'Nothing was sent. Correct the input, or set On Error to Continue to send the other rows.',
		},
	);
	assert.deepEqual(simulator.calls, []);
}

async function cancelled(
	server: N8nServer,
	simulator: Simulator,
	credential: string,
): Promise<void> {
	simulator.clear();
	simulator.resetStats();
	simulator.faults = () => ({ kind: 'hang', when: 'before' });
	const rows = Array.from({ length: 2000 }, (_, i) => ({ phone: ANNA, company: `公司${i}` }));
	const id = await server.startWorkflow(
		qccWorkflow({
			name: 'cancelled',
			inputs: [rows],
			parameters: { resource: 'assignment', operation: 'create', ...byRow, options: {} },
			credential,
		}),
	);
	const deadline = Date.now() + 20_000;
	while (simulator.calls.length < 5 && Date.now() < deadline) await delay(50);
	assert.equal(simulator.calls.length, 5);

	await server.rest('POST', `/executions/${id}/stop`);
	assert.equal((await server.finished(id)).status, 'canceled');
	await delay(QUIET_MS);
	simulator.faults = undefined;
	assert.equal(simulator.calls.length, 5, 'calls went on after the cancel');
	assert.deepEqual(
		simulator.calls.filter(({ endedAt }) => endedAt === undefined),
		[],
		'calls were left open after the cancel',
	);
	assert.deepEqual(simulator.pairs(), []);
}

async function run(context: Context): Promise<Facts> {
	const { tarball, step, defer } = context;
	const foreign = tarball.files.filter((file) => !ALLOWED.test(file));
	assert.deepEqual(foreign, [], 'the tarball holds what it should not');
	assert(tarball.bytes < MOST_BYTES, `the tarball has ${tarball.bytes} bytes`);

	const simulator = await startSimulator();
	defer(() => simulator.close());
	const home = await newHome(context);
	const tallies: Tally[] = [];

	await step('n8n’s command line', async () => {
		const id = 'cli';
		await importCredential(home, {
			id,
			name: 'QCC',
			type: QCC_CREDENTIAL,
			data: { ...TEST_ACCOUNT, baseUrl: simulator.url },
		});
		const execute = async (workflow: Workflow) => {
			await importWorkflow(home, { ...workflow, id });
			return await executeWorkflow(home, id);
		};
		tallies.push(await check(simulator, sheet(), execute, id));
	});

	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(() => server.stop());
	const credential = await server.createCredential(credentialFor(simulator));
	const execute = async (workflow: Workflow) => await server.runWorkflow(workflow);
	for (const one of [
		sheet(),
		...userOperations(),
		...companyOperations(),
		...assignmentOperations(),
		errorBranch(),
		dryRun(),
	]) {
		await step(one.name, async () => {
			tallies.push(await check(simulator, one, execute, credential));
		});
	}
	await step('bad input', async () => {
		await badInput(server, simulator, credential);
	});
	await step('cancel', async () => {
		await cancelled(server, simulator, credential);
	});
	await step('credential test', async () => {
		await credentialTest(server, simulator);
	});

	const sum = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0);
	return { rows: sum('rows'), calls: sum('calls'), 'tarball kB': Math.ceil(tarball.bytes / 1000) };
}

/**
 * The package as a user of the server meets it: installed from its tarball, driven by n8n's command
 * line and by its own interface, with the same output as n8n-core gives in process.
 */
export const smoke: Scenario = { name: 'smoke', run };
