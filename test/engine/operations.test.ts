import type { IDataObject } from 'n8n-workflow';

import type { CallRecord, SimulatorOptions } from '../simulator/simulator';
import { hints, lines, paired, row, run, undone, unfit, type Job, type Ran } from '../harness/rows';

/** `shape centre ×rows`, in the order of arrival. */
const seen = (calls: readonly CallRecord[]) =>
	calls.map(({ shape, centre, values }) => `${shape} ${centre} ×${values.length}`);

const NO_KEY_NO = { keyNo: null };

function expectDone(ran: Ran, ...outputs: IDataObject[][]): void {
	expect(ran.error).toBeUndefined();
	expect({ status: ran.status, outputs: ran.outputs }).toEqual({ status: 'success', outputs });
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('as few calls as the caps allow', () => {
	const company = (i: number) => `公司${i}有限公司`;
	const phone = (i: number) => `1380000${i.toString().padStart(4, '0')}`;

	interface Case {
		name: string;
		pairs: (readonly [loginName: string, company: string])[];
		calls: number;
		told?: object;
	}
	test.each<Case>([
		{
			name: '1,234 companies for one user take 7',
			pairs: numbers(1234).map((i) => [phone(1), company(i)] as const),
			calls: 7,
		},
		{
			name: '1,234 users for one company take 3',
			pairs: numbers(1234).map((i) => [phone(i), company(1)] as const),
			calls: 3,
			told: NO_KEY_NO,
		},
		{
			name: '900 rows over 3 users in mixed order take 6',
			pairs: numbers(900).map((i) => [phone((i * 7) % 3), company(i)] as const),
			calls: 6,
		},
	])('$name', async ({ pairs, calls, told = {} }) => {
		const items = pairs.map(([loginName, name]) => ({ loginName, company: name }));
		const ran = await run({ operation: 'create', items });
		expectDone(
			ran,
			pairs.map(([loginName, name], item) => paired(item, row(loginName, name, { ...told }))),
		);
		expect(ran.pairs).toEqual(lines(pairs));
		expect(ran.calls).toHaveLength(calls);
		const assigned = pairs.length.toLocaleString('en-US');
		expect(ran.hints).toEqual(hints(`Assigned ${assigned}, in ${calls} calls`));
	});

	test('one item that holds a list of 1,234 is answered 1,234 times', async () => {
		const companies = numbers(1234).map(company);
		const ran = await run({
			operation: 'assignCompanies',
			items: [{ loginName: phone(1), companies }],
		});
		expectDone(
			ran,
			companies.map((name) => paired(0, row(phone(1), name))),
		);
		expect(ran.calls).toHaveLength(7);
	});
});

describe('the six operations', () => {
	interface Case {
		operation: Job['operation'];
		items: IDataObject[];
		calls: string[];
		endpoint: string;
		msg: string;
		told?: object;
	}
	const removed = { action: 'unassign' };
	const list = [{ loginName: '138', companies: '甲公司,乙公司' }];
	const users = [{ loginNames: '138,139', company: '甲公司' }];
	const rows = [
		{ loginName: '138', company: '甲公司' },
		{ loginName: '138', company: '乙公司' },
	];
	test.each<Case>([
		{
			operation: 'assignCompanies',
			items: list,
			calls: ['user 138 ×2'],
			endpoint: 'batchAddRadarCompanyListToExistedUser',
			msg: '保存成功',
		},
		{
			operation: 'unassignCompanies',
			items: list,
			calls: ['user 138 ×2'],
			endpoint: 'batchCancelRadarCompanyListFromExistedUser',
			msg: '删除成功',
			told: removed,
		},
		{
			operation: 'assignUsers',
			items: users,
			calls: ['company 甲公司 ×2'],
			endpoint: 'batchAddRadarCompanyToExistedUserList',
			msg: '保存成功',
			told: NO_KEY_NO,
		},
		{
			operation: 'unassignUsers',
			items: users,
			calls: ['company 甲公司 ×2'],
			endpoint: 'batchCancelRadarCompanyFromExistedUserList',
			msg: '删除成功',
			told: { ...removed, ...NO_KEY_NO },
		},
		{
			operation: 'create',
			items: rows,
			calls: ['user 138 ×2'],
			endpoint: 'batchAddRadarCompanyListToExistedUser',
			msg: '保存成功',
		},
		{
			operation: 'delete',
			items: rows,
			calls: ['user 138 ×2'],
			endpoint: 'batchCancelRadarCompanyListFromExistedUser',
			msg: '删除成功',
			told: removed,
		},
	])('$operation', async ({ operation, items, calls, endpoint, msg, told }) => {
		const around = operation.endsWith('Users');
		const pairs = around
			? ([
					['138', '甲公司'],
					['139', '甲公司'],
				] as const)
			: ([
					['138', '甲公司'],
					['138', '乙公司'],
				] as const);
		const others = [['137', '甲公司']] as const;
		const removes = msg !== '保存成功';
		const ran = await run({ operation, items }, {}, removes ? [...pairs, ...others] : others);
		expectDone(
			ran,
			pairs.map(([loginName, name], i) =>
				paired(items.length > 1 ? i : 0, row(loginName, name, { ...told, msg })),
			),
		);
		expect(ran.pairs).toEqual(lines(removes ? others : [...pairs, ...others]));
		expect(seen(ran.calls)).toEqual(calls);
		expect(ran.calls.map((call) => call.endpoint)).toEqual([endpoint]);
	});
});

test('ten equal rows are sent once and answered ten times', async () => {
	const items = numbers(10).map(() => ({ loginName: '138', company: '甲公司' }));
	const ran = await run({ operation: 'create', items });
	expectDone(
		ran,
		items.map((_, item) => paired(item, row('138', '甲公司'))),
	);
	expect(seen(ran.calls)).toEqual(['user 138 ×1']);
});

test('a list with any separators is answered name by name', async () => {
	const items = [
		{ loginName: '138', companies: '甲公司,乙公司，丙公司\n丁公司' },
		{ loginName: '138', companies: '乙公司' },
	];
	const ran = await run({ operation: 'assignCompanies', items });
	expectDone(ran, [
		...['甲公司', '乙公司', '丙公司', '丁公司'].map((name) => paired(0, row('138', name))),
		paired(1, row('138', '乙公司')),
	]);
	expect(seen(ran.calls)).toEqual(['user 138 ×4']);
});

test('a name with a comma arrives whole', async () => {
	const acme = 'Acme (China) Co., Ltd.';
	const items = [{ loginName: '138', companies: ['甲公司', acme] }];
	const ran = await run({ operation: 'assignCompanies', items });
	expectDone(ran, [paired(0, row('138', '甲公司')), paired(0, row('138', acme, { ...NO_KEY_NO }))]);
	expect(ran.pairs).toEqual(['138 Acme (China) Co., Ltd.', '138 甲公司']);
	expect(seen(ran.calls).sort()).toEqual([`company ${acme} ×1`, 'user 138 ×1']);
});

test('numbers do as login names and as companies', async () => {
	const items = [
		{ loginName: 13800138000, companies: ['甲公司', 110108012660422] },
		{ loginName: '13800138000', companies: '110108012660422' },
	];
	const ran = await run({ operation: 'assignCompanies', items });
	expectDone(ran, [
		paired(0, row('13800138000', '甲公司')),
		paired(0, row('13800138000', '110108012660422')),
		paired(1, row('13800138000', '110108012660422')),
	]);
	expect(ran.pairs).toEqual(['13800138000 110108012660422', '13800138000 甲公司']);
});

test('a company’s number is told to rows whose own call tells none', async () => {
	// Two calls of four rows can carry these only if 公司0 is in both.
	const pairs = [
		...numbers(4).map((i) => [`139${i}`, '公司0'] as const),
		...numbers(4).map((i) => ['138', `公司${i}`] as const),
	];
	const items = pairs.map(([loginName, company]) => ({ loginName, company }));
	const ran = await run({ operation: 'create', items, options: { batchSize: 4 } });
	expectDone(
		ran,
		pairs.map(([loginName, company], item) => paired(item, row(loginName, company))),
	);
	expect(seen(ran.calls).sort()).toEqual(['company 公司0 ×4', 'user 138 ×4']);
});

describe('a state that stands already is as good as one that was made', () => {
	test.each([
		['create', 'assign', '该公司已监控', [['138', '甲公司']]],
		['delete', 'unassign', '未监控该公司', []],
	] as const)('%s', async (operation, action, msg, assigned) => {
		const items = [{ loginName: '138', company: '甲公司' }];
		const ran = await run({ operation, items }, { refuseRepeats: true }, assigned);
		expectDone(ran, [paired(0, row('138', '甲公司', { action, status: 500, msg }))]);
		expect(ran.pairs).toEqual(lines(assigned));
		expect(ran.hints).toEqual(
			hints(`${action === 'assign' ? 'Assigned' : 'Removed'} 1, in 1 call`),
		);
	});
});

test('a status sent as a number makes no difference', async () => {
	const job: Job = {
		operation: 'create',
		items: ['甲公司', '不存在的公司'].map((company) => ({ loginName: '138', company })),
	};
	const [text, numeric] = [await run(job), await run(job, { numericStatus: true })];
	expectDone(numeric, [
		paired(0, row('138', '甲公司')),
		paired(
			1,
			undone('138', '不存在的公司', { outcome: 'rejected', status: 500, msg: '关键字不存在' }),
		),
	]);
	expect(numeric.outputs).toEqual(text.outputs);
});

describe('options', () => {
	const items = numbers(23).map((i) => ({ loginName: `138${i % 2}`, company: `公司${i}`, n: i }));
	const done = items.map(({ loginName, company }, item) => paired(item, row(loginName, company)));
	const parameters = { companies: '={{ $json.company }}' };
	const withOptions = (options: NonNullable<Job['options']>, simulator: SimulatorOptions = {}) =>
		run({ operation: 'assignCompanies', parameters, items, options }, simulator);

	test.each([
		[1, 23],
		[5, 6],
		[9999, 2],
	])('batchSize %d makes %d calls', async (batchSize, calls) => {
		const ran = await withOptions({ batchSize });
		expectDone(ran, done);
		expect(ran.calls).toHaveLength(calls);
		expect(Math.max(...ran.calls.map(({ values }) => values.length))).toBe(Math.min(12, batchSize));
	});

	test.each([
		[1, 1],
		[3, 3],
		[5, 5],
		[99, 5],
		[0, 1],
	])('maxConcurrency %d keeps %d calls in flight', async (maxConcurrency, inFlight) => {
		const ran = await withOptions({ maxConcurrency, batchSize: 2 }, { latency: 20 });
		expectDone(ran, done);
		expect(Math.max(...ran.calls.map((call) => call.inFlight))).toBe(inFlight);
	});

	test('the fields stand in the order in which n8n’s table shows them, the input’s after them', async () => {
		const ran = await withOptions({ includeInputFields: true, dryRun: true });
		const [[first] = []] = ran.outputs;
		expect(Object.keys(first?.json ?? {})).toEqual([
			'loginName',
			'keyWord',
			'outcome',
			'msg',
			'success',
			'status',
			'keyNo',
			'action',
			'call',
			'company',
			'n',
		]);
	});

	test('includeInputFields adds the item’s own, and the node’s win', async () => {
		const given = [
			{ loginName: '138', company: '甲公司', status: '线索', 备注: { 级别: 1 } },
			{ loginName: '138', company: '不存在的公司', msg: 7 },
		];
		const ran = await run({
			operation: 'create',
			items: given,
			options: { includeInputFields: true },
		});
		expectDone(ran, [
			paired(0, { ...given[0], ...row('138', '甲公司') }),
			paired(1, {
				...given[1],
				...undone('138', '不存在的公司', {
					outcome: 'rejected',
					status: 500,
					msg: '关键字不存在',
				}),
			}),
		]);
	});

	describe('dryRun', () => {
		const planned = (loginName: string, company: string, call: number, calls: number) =>
			undone(loginName, company, {
				outcome: 'planned',
				success: null,
				msg: `Would be sent in call ${call} of ${calls}`,
				call,
			});

		test('sends nothing, and numbers the calls', async () => {
			const ran = await withOptions({ dryRun: true, batchSize: 5 });
			const callOf = (i: number) => (i % 2) * 3 + Math.floor(i / 2 / 5) + 1;
			expectDone(
				ran,
				items.map(({ loginName, company }, i) =>
					paired(i, planned(loginName, company, callOf(i), 6)),
				),
			);
			expect(ran.calls).toEqual([]);
			expect(ran.hints).toEqual(hints('Would assign 23, in 6 calls'));
		});

		test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
			'under %s tells of bad rows beside the others',
			async (onError) => {
				const bad = [{ loginName: '138', company: '甲公司' }, { loginName: '138' }];
				const ran = await run({
					operation: 'create',
					items: bad,
					options: { dryRun: true },
					onError,
				});
				const msg = '“Company” is empty';
				const problem = { ...unfit('138', null, msg), success: null };
				const good = paired(0, planned('138', '甲公司', 1, 1));
				if (onError === 'continueErrorOutput') {
					const json = { loginName: '138', error: { message: msg, ...problem } };
					expectDone(ran, [good], [paired(1, json)]);
				} else expectDone(ran, [good, paired(1, problem)]);
				expect(ran.calls).toEqual([]);
			},
		);

		test.each([2000, 2001, 2050, 2345])(
			'foretells the calls of a run with maxUrlLength %d',
			async (maxUrlLength) => {
				const long = numbers(120).map((i) => ({
					loginName: '13800138000',
					company: `第${'九'.repeat(i % 13)}${i}公司`,
				}));
				const job: Job = { operation: 'create', items: long, options: { maxUrlLength } };
				const plan = await run({ ...job, options: { maxUrlLength, dryRun: true } });
				const ran = await run(job);
				const foretold = new Map<number, string[]>();
				for (const { json } of plan.outputs[0] ?? []) {
					const call = json.call as number;
					foretold.set(call, [...(foretold.get(call) ?? []), json.keyWord as string]);
				}
				const byName = (one: string[], other: string[]) => (String(one) < String(other) ? -1 : 1);
				expect(ran.calls.map(({ values }) => values).sort(byName)).toEqual(
					[...foretold.values()].sort(byName),
				);
				expect(ran.calls.length).toBeGreaterThan(3);
				const host = 'http://127.0.0.1:40000'.length;
				expect(Math.max(...ran.calls.map((call) => call.urlBytes + host))).toBeLessThanOrEqual(
					maxUrlLength,
				);
			},
		);
	});
});

describe('rows that QCC rejects', () => {
	const items = ['甲公司', '不存在的公司', '乙公司'].map((company, n) => ({
		loginName: '138',
		company,
		n,
	}));
	const [rejected, msg] = ['rejected', '关键字不存在'];
	const refusal = undone('138', '不存在的公司', { outcome: rejected, status: 500, msg });
	const good = [paired(0, row('138', '甲公司')), paired(2, row('138', '乙公司'))];
	const tally = 'Rows done: 2, rejected: 1, unknown: 0, not sent: 0.';
	const told = hints(
		'Assigned 2, rejected 1, in 1 call',
		'Not done: 1 of 3 rows. 关键字不存在 (1)',
	);

	describe.each([false, true])('failOnRejectedRows %p', (failOnRejectedRows) => {
		const options = { failOnRejectedRows };
		const job: Job = { operation: 'create', items, options };

		test('Continue: items among the others, and a hint', async () => {
			const ran = await run({ ...job, onError: 'continueRegularOutput' });
			expectDone(ran, [...good, paired(1, refusal)].sort(byItem));
			expect(ran.hints).toEqual(told);
		});

		test('Continue (using error output): items of the error branch with their input', async () => {
			const ran = await run({ ...job, onError: 'continueErrorOutput' });
			const json = { ...items[1], error: { message: msg, ...refusal } };
			expectDone(ran, good, [paired(1, json)]);
			expect(ran.hints).toEqual(told);
		});

		test('Stop', async () => {
			const ran = await run(job);
			expect(ran.pairs).toEqual(['138 乙公司', '138 甲公司']);
			if (!failOnRejectedRows) {
				expectDone(ran, [...good, paired(1, refusal)].sort(byItem));
				expect(ran.hints).toEqual(told);
				return;
			}
			expect(ran.status).toBe('error');
			expect(ran.outputs).toEqual([]);
			expect(ran.error).toMatchObject({
				name: 'NodeOperationError',
				message: 'QCC rejected 1 of 3 rows: 关键字不存在 (1)',
				description: `${tally} Switch “Fail on Rejected Rows” off to get each row with its own answer.`,
			});
		});
	});

	test('an unknown login name rejects the rows of its calls alone', async () => {
		const users = ['138', '139'];
		const given = numbers(6).map((i) => ({ loginName: `13${8 + (i % 3)}`, company: `公司${i}` }));
		const ran = await run({ operation: 'create', items: given }, { users });
		const words = '登录名不存在';
		expectDone(
			ran,
			given.map(({ loginName, company }, item) =>
				paired(
					item,
					users.includes(loginName)
						? row(loginName, company)
						: undone(loginName, company, { outcome: rejected, status: 500, msg: words }),
				),
			),
		);
		expect(seen(ran.calls).sort()).toEqual(['user 138 ×2', 'user 139 ×2', 'user 1310 ×2'].sort());
	});

	test('one cause is counted once, by a row and by a call of its own alike', async () => {
		const ran = await run(
			{
				operation: 'create',
				items: [
					...numbers(3).map((i) => ({ loginName: '139', company: `公司${i}` })),
					...numbers(9).map((i) => ({ loginName: `138${i}`, company: '甲公司' })),
				],
			},
			{ users: ['1380'] },
		);
		expect(ran.hints).toEqual(
			hints('Assigned 1, rejected 11, in 2 calls', 'Not done: 11 of 12 rows. 登录名不存在 (11)'),
		);
	});

	test('an unknown login name in a list is rejected by itself', async () => {
		const ran = await run(
			{ operation: 'assignUsers', items: [{ company: '甲公司', loginNames: '138,139' }] },
			{ users: ['138'] },
		);
		expectDone(ran, [
			paired(0, row('138', '甲公司', { ...NO_KEY_NO })),
			paired(0, undone('139', '甲公司', { outcome: rejected, status: 500, msg: '登录名不存在' })),
		]);
	});

	test('a company is rejected for each of its users', async () => {
		const ran = await run({
			operation: 'assignUsers',
			items: [{ company: '不存在的公司', loginNames: [138, 139] }],
		});
		expectDone(
			ran,
			['138', '139'].map((loginName) =>
				paired(0, undone(loginName, '不存在的公司', { outcome: rejected, status: 500, msg })),
			),
		);
	});
});

function byItem(one: ReturnType<typeof paired>, other: ReturnType<typeof paired>): number {
	return one.pairedItem.item - other.pairedItem.item;
}
