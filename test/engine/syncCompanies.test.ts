import type { IDataObject } from 'n8n-workflow';
import { startSimulator, TEST_ACCOUNT, type Company, type Simulator } from '../simulator/simulator';
import { runNode, type NodeResult } from '../harness/engine';

async function sync(
	simulator: Simulator,
	desired: readonly IDataObject[],
	current: readonly IDataObject[],
	options: { maxRemovals?: number } = {},
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
	});
}

const COMPANIES: Company[] = Array.from({ length: 100 }, (_, i) => ({
	name: `测试（第${i}）有限公司`,
	creditCode: `9133${String(i).padStart(14, '0')}`,
	keyNo: `K${i}`,
}));

/** 1,000 pairs: ten users with a hundred companies each. */
const PAIRS = Array.from({ length: 10 }, (_, user) =>
	COMPANIES.map((of) => ({ loginName: `1380000000${user}`, of })),
).flat();
const CODES = PAIRS.map(({ loginName, of }) => ({ loginName, company: of.creditCode ?? '' }));

function assignAll(simulator: Simulator): string[] {
	for (const { loginName, of } of PAIRS) simulator.assign(loginName, of.name);
	return simulator.pairs();
}

test.each([
	['a ledger that has keyNos', true, ['assign']],
	['a ledger without keyNos', false, ['assign']],
])('1,000 names turn into credit codes, with %s: no removal is sent', async (_, keyed, actions) => {
	const simulator = await startSimulator({ companies: COMPANIES, openRegister: false });
	try {
		const before = assignAll(simulator);
		const ledger = PAIRS.map(({ loginName, of }) => {
			return { loginName, keyWord: of.name, assigned: true, ...(keyed && { keyNo: of.keyNo }) };
		});
		const { outputs, error } = await sync(simulator, CODES, ledger);

		expect(error).toBeUndefined();
		expect(simulator.pairs()).toEqual(before);
		expect([...new Set(simulator.calls.map(({ action }) => action))]).toEqual(actions);
		const rows = outputs.flat().map(({ json }) => [json.keyWord, json.outcome, json.assigned]);
		expect(rows).toEqual([
			...CODES.map(({ company }) => [company, 'ok', true]),
			...PAIRS.map(({ of }) => [of.name, 'unchanged', false]),
		]);
	} finally {
		await simulator.close();
	}
});

test('10,000 pairs, 500 in and 500 out of other companies: the calls of the bare difference', async () => {
	const simulator = await startSimulator();
	try {
		const at = (i: number) => ({
			loginName: `1380000${String(Math.floor(i / 1000)).padStart(4, '0')}`,
			company: `测试第${i}公司`,
		});
		const all = Array.from({ length: 10_500 }, (_, i) => at(i));
		for (const { loginName, company } of all.slice(0, 10_000)) simulator.assign(loginName, company);
		const ledger = all.slice(0, 10_000).map((pair, i) => ({ ...pair, keyNo: `K${i}` }));
		const { error, outputs } = await sync(simulator, all.slice(500), ledger);
		expect(error).toBeUndefined();
		expect(simulator.calls.map(({ action, shape }) => `${action} ${shape}`)).toEqual([
			...Array.from({ length: 3 }, () => 'assign user'),
			...Array.from({ length: 3 }, () => 'unassign user'),
		]);
		expect(outputs.flat()).toHaveLength(10_500);
		expect(simulator.pairs()).toEqual(
			all
				.slice(500)
				.map(({ loginName, company }) => `${loginName} ${company}`)
				.sort(),
		);
	} finally {
		await simulator.close();
	}
});

test('a ledger whose keyNo and assigned columns failed in a spreadsheet makes no two companies one', async () => {
	const simulator = await startSimulator();
	try {
		simulator.assign('138', '甲公司');
		simulator.assign('138', '乙公司');
		const failed = { loginName: '138', keyNo: '#N/A', assigned: '#N/A' };
		const { outputs } = await sync(
			simulator,
			[
				{ loginName: '138', company: '甲公司' },
				{ loginName: '138', company: '丙公司' },
			],
			['甲公司', '乙公司', '丙公司'].map((keyWord) => ({ ...failed, keyWord })),
			{ maxRemovals: 50 },
		);
		expect(simulator.pairs()).toEqual(['138 丙公司', '138 甲公司']);
		expect(
			outputs.flat().map(({ json }) => [json.keyWord, json.action, json.outcome, json.assigned]),
		).toEqual([
			['甲公司', 'assign', 'ok', true],
			['丙公司', 'assign', 'ok', true],
			['乙公司', 'unassign', 'ok', false],
		]);
	} finally {
		await simulator.close();
	}
});

test('an administrator’s removal is made good for everybody who keeps the company', async () => {
	const simulator = await startSimulator({ administrators: ['1'] });
	try {
		for (const user of ['1', '2', '3']) simulator.assign(user, '甲公司');
		simulator.assign('2', '乙公司');
		const desired = ['2', '3'].map((loginName) => ({ loginName, company: '甲公司' }));
		const ledger = [
			...desired,
			{ loginName: '1', company: '甲公司' },
			{ loginName: '2', company: '乙公司' },
		];
		const { outputs } = await sync(simulator, desired, ledger, { maxRemovals: 100 });
		expect(simulator.pairs()).toEqual(['2 甲公司', '3 甲公司']);
		expect(
			outputs.flat().map(({ json }) => [json.loginName, json.action, json.outcome, json.assigned]),
		).toEqual([
			['2', 'assign', 'ok', true],
			['3', 'assign', 'ok', true],
			['1', 'unassign', 'ok', false],
			['2', 'unassign', 'ok', false],
		]);
	} finally {
		await simulator.close();
	}
});
