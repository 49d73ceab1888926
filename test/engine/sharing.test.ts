import { startNode, type NodeResult, type StartedNode } from '../harness/engine';
import { hints, paired, row, runOn, undone, type Job } from '../harness/rows';
import {
	startSimulator,
	TEST_ACCOUNT,
	type CallRecord,
	type Simulator,
} from '../simulator/simulator';

/** Forty executions at once, in one process, against one server: each is told of its own rows alone. */

const USER = '13800000000';
const OTHER_ACCOUNT = { appKey: 'anotherappkey0123456789abcdef012', secretKey: 'ANOTHERSECRET' };
const BAD = '坏字公司';
const REFUSED = '不支持的查询关键字';
const CANCELLED = '取消公司';
const SMALL = 33;

const small = (i: number): Job => ({
	operation: 'create',
	items: [{ loginName: USER, company: `小单公司${i}`, order: i }],
	options: { includeInputFields: true },
});

let simulator: Simulator;
/** Told of a call when it has come. */
let arrived: (call: CallRecord) => void;
beforeEach(async () => {
	arrived = () => undefined;
	simulator = await startSimulator({
		latency: (call) => {
			arrived(call);
			return 150;
		},
		accounts: [TEST_ACCOUNT, OTHER_ACCOUNT],
		poison: { [BAD]: 215 },
	});
});
afterEach(async () => {
	await simulator.close();
});

const told = ({ outputs, hints: own, error, status }: NodeResult) => ({
	outputs,
	hints: own,
	error: error?.message,
	...(error && 'description' in error ? { description: error.description } : {}),
	status,
});

/** How many calls a run shared in depends on who came when. */
const totals = (what: string, warning?: string) => hints(`${what}, in \\d+ calls?`, warning);

const fine = (items: readonly unknown[]) => ({
	outputs: [items],
	hints: totals(`Assigned ${items.length}`),
	error: undefined,
	status: 'success',
});

const thrown = (error: string, description: string) => ({
	outputs: [],
	hints: [],
	error,
	description,
	status: 'error',
});

/** An execution that is cancelled when the call with its row has come to the server. */
async function startCancelled(): Promise<StartedNode> {
	const started = await startNode({
		inputs: [[{ loginName: USER, company: CANCELLED }]],
		parameters: {
			resource: 'user',
			operation: 'assignCompanies',
			loginName: '={{ $json.loginName }}',
			companies: '={{ $json.company }}',
		},
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url },
	});
	arrived = ({ values }) => {
		if (values.includes(CANCELLED)) started.cancel();
	};
	return started;
}

test('forty executions at once, each with its own rows, hints and errors', async () => {
	const cancelled = await startCancelled();
	const smalls = Promise.all(
		Array.from({ length: SMALL }, async (_, i) => told(await runOn(simulator, small(i)))),
	);
	const several = runOn(simulator, {
		operation: 'assignCompanies',
		items: [
			{ loginName: USER, companies: ['多行公司甲', '多行公司乙'] },
			{ loginName: '139', companies: '多行公司甲' },
			{ loginName: USER, companies: '小单公司0' },
		],
	});
	const withBadRow = runOn(simulator, {
		operation: 'create',
		items: [
			{ loginName: USER, company: BAD },
			{ loginName: USER, company: '好字公司' },
		],
		onError: 'continueErrorOutput',
	});
	const stopped = runOn(simulator, {
		operation: 'create',
		items: [{ loginName: USER, company: BAD }],
		options: { failOnRejectedRows: true },
	});
	const unfit = runOn(simulator, {
		operation: 'create',
		items: [
			{ loginName: USER, company: '未发公司' },
			{ loginName: USER, company: '' },
		],
	});
	const otherAccount = runOn(simulator, {
		operation: 'create',
		items: [{ loginName: USER, company: '他户公司' }],
		credential: OTHER_ACCOUNT,
	});
	const wrongSecret = runOn(simulator, {
		operation: 'create',
		items: [{ loginName: USER, company: '错钥公司' }],
		credential: { secretKey: 'WRONG' },
		onError: 'continueRegularOutput',
	});
	expect(await smalls).toEqual(
		Array.from({ length: SMALL }, (_, i) =>
			fine([paired(0, { ...row(USER, `小单公司${i}`), company: `小单公司${i}`, order: i })]),
		),
	);
	expect(told(await several)).toEqual(
		fine([
			paired(0, row(USER, '多行公司甲')),
			paired(0, row(USER, '多行公司乙')),
			paired(1, row('139', '多行公司甲')),
			paired(2, row(USER, '小单公司0')),
		]),
	);
	const refusal = undone(USER, BAD, { outcome: 'rejected', status: 215, msg: REFUSED });
	expect(told(await withBadRow)).toEqual({
		outputs: [
			[paired(1, row(USER, '好字公司'))],
			[
				paired(0, {
					loginName: USER,
					company: BAD,
					error: { message: REFUSED, ...refusal },
				}),
			],
		],
		hints: totals('Assigned 1, rejected 1', `Not done: 1 of 2 rows. ${REFUSED} (1)`),
		error: undefined,
		status: 'success',
	});
	expect(told(await stopped)).toEqual(
		thrown(
			`QCC rejected 1 of 1 rows: ${REFUSED} (1)`,
			'Rows done: 0, rejected: 1, unknown: 0, not sent: 0. Switch “Fail on Rejected Rows” off to get each row with its own answer.',
		),
	);
	expect(told(await unfit)).toMatchObject({
		outputs: [],
		error: 'The parameter “Company” of item 1 is empty: the item has “loginName”, “company”',
		status: 'error',
	});
	expect(told(await otherAccount)).toEqual(fine([paired(0, row(USER, '他户公司'))]));
	const wrong = 'the IP address is not allowed, or the signature is wrong';
	expect(told(await wrongSecret)).toEqual({
		outputs: [
			[
				paired(
					0,
					undone(USER, '错钥公司', {
						outcome: 'notSent',
						status: 107,
						msg: '被禁止的 IP 或者签名错误',
					}),
				),
			],
		],
		hints: totals('Not sent 1', expect.stringContaining(wrong) as string),
		error: undefined,
		status: 'success',
	});
	expect(told(await cancelled.result)).toMatchObject({
		outputs: [
			[
				paired(
					0,
					undone(USER, CANCELLED, { outcome: 'unknown', msg: 'The execution was cancelled' }),
				),
			],
		],
		status: 'canceled',
	});

	const own = simulator.calls.filter(({ key }) => key === TEST_ACCOUNT.appKey);
	expect(own.filter(({ answer }) => answer === 107).map(({ values }) => values)).toEqual([
		['错钥公司'],
	]);
	expect(
		simulator.calls.filter(({ key }) => key === OTHER_ACCOUNT.appKey).map(({ values }) => values),
	).toEqual([['他户公司']]);
	// All at once but for the halves around the bad row: each of its own would have been 38.
	expect(own.length).toBeLessThanOrEqual(16);
	// What became of the cancelled one’s row depends on the call that it was in.
	expect(simulator.pairs().filter((pair) => !pair.endsWith(CANCELLED))).toEqual(
		[
			...Array.from({ length: SMALL }, (_, i) => `${USER} 小单公司${i}`),
			`${USER} 多行公司甲`,
			`${USER} 多行公司乙`,
			'139 多行公司甲',
			`${USER} 好字公司`,
			`${USER} 他户公司`,
		].sort(),
	);
	expect(simulator.stats().maxInFlight).toBeLessThanOrEqual(5);
});

test('a shared call goes on for the others when one who shares it is cancelled', async () => {
	// These hold the five places, so that the next two travel together.
	const before = Promise.all(
		Array.from({ length: 5 }, (_, i) =>
			runOn(simulator, {
				operation: 'assignCompanies',
				items: [{ loginName: `13${i}`, companies: '先行公司' }],
			}),
		),
	);
	const cancelled = await startCancelled();
	const other = runOn(simulator, {
		operation: 'assignCompanies',
		items: [{ loginName: USER, companies: '同行公司' }],
	});
	await before;
	expect((await cancelled.result).status).toBe('canceled');
	expect(told(await other)).toEqual(fine([paired(0, row(USER, '同行公司'))]));
	const shared = simulator.calls.filter(({ centre }) => centre === USER);
	expect(shared.map(({ values, answer }) => [values, answer])).toEqual([
		[[CANCELLED, '同行公司'], 'rows'],
	]);
	expect(simulator.has(USER, CANCELLED)).toBe(true);
});
