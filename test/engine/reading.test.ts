import {
	NodeOperationError,
	type IDataObject,
	type INodeParameters,
	type OnError,
} from 'n8n-workflow';
import { readLedger } from '../../nodes/QccRadar/read/ledger';
import { DEFAULTS } from '../../nodes/QccRadar/read/options';
import { readRequest } from '../../nodes/QccRadar/read/request';
import { readRows } from '../../nodes/QccRadar/read/rows';
import { nodeContext } from '../harness/nodeContext';

function drained<T>(work: Generator<undefined, T>): T {
	let step = work.next();
	while (!step.done) step = work.next();
	return step.value;
}

describe('options', () => {
	const NAMES = { loginName: '138', company: '甲公司' };
	const request = (options: unknown, onError?: OnError, parameters: INodeParameters = {}) =>
		readRequest(
			nodeContext({ ...NAMES, ...parameters, options } as INodeParameters, [[{ n: 7 }]], onError),
		);
	const optionsOf = (options: IDataObject, parameters: INodeParameters = {}) => {
		const { options: read, problem } = request(options, 'continueRegularOutput', parameters);
		expect(problem).toBeNull();
		return Object.fromEntries(
			Object.entries(read).filter(([name, value]) => DEFAULTS[name as keyof typeof read] !== value),
		);
	};

	test('none: as described', () => {
		expect(request({}).options).toEqual({
			batchSize: 500,
			dryRun: false,
			failOnRejectedRows: false,
			includeInputFields: false,
			leaveOutUnchanged: false,
			maxConcurrency: 5,
			maxRemovals: 30,
			maxUrlLength: 0,
			retryFor: 300,
			timeout: 60_000,
		});
	});

	test.each<[IDataObject, IDataObject]>([
		[
			{ batchSize: 20, timeout: 1000.9 },
			{ batchSize: 20, timeout: 1000 },
		],
		[
			{ batchSize: '={{ "20" }}', retryFor: ' 2.5 ' },
			{ batchSize: 20, retryFor: 2.5 },
		],
		[{ batchSize: '={{ $json.n }}' }, { batchSize: 7 }],
		[{ batchSize: '２０' }, { batchSize: 20 }],
		[{ batchSize: 0, timeout: 0, retryFor: '0' }, {}],
		[{ timeout: -1, retryFor: -1 }, {}],
		[{ batchSize: 9999, maxConcurrency: 99 }, {}],
		[{ maxConcurrency: 0 }, { maxConcurrency: 1 }],
		[{ timeout: 1e12 }, { timeout: 2 ** 31 - 1 }],
		[{ batchSize: '={{ $json.missing }}', dryRun: '', timeout: null }, {}],
		[{ dryRun: '={{ "false" }}', includeInputFields: 'FALSE', failOnRejectedRows: 0 }, {}],
		[
			{ dryRun: 'True', includeInputFields: 1 },
			{ dryRun: true, includeInputFields: true },
		],
		[{ dryRun: ' yes ', failOnRejectedRows: 'no' }, { dryRun: true }],
		[{ unheardOf: '={{ $json.a.b.c() }}' }, {}],
	])('%j', (given, expected) => {
		expect(optionsOf(given)).toEqual(expected);
	});

	test('what only a sync has is read in a sync alone', () => {
		const given = { maxRemovals: '="50"', leaveOutUnchanged: true };
		expect(optionsOf({ maxRemovals: '={{ $json.a.b.c() }}', leaveOutUnchanged: true })).toEqual({});
		expect(optionsOf({ ...given, maxRemovals: 50 }, { operation: 'sync' })).toEqual({
			maxRemovals: 50,
			leaveOutUnchanged: true,
		});
	});

	test.each<[unknown, string, string]>([
		[{ batchSize: 'many' }, 'Batch Size', 'is not a number'],
		[{ timeout: { ms: 5 } }, 'Timeout (Milliseconds)', 'is not a number'],
		[{ retryFor: 'Infinity' }, 'Retry For (Seconds)', 'is not a number'],
		[{ maxConcurrency: true }, 'Max Concurrency', 'is not a number'],
		[{ dryRun: 'maybe' }, 'Dry Run', 'is neither true nor false'],
		[{ dryRun: 2 }, 'Dry Run', 'is neither true nor false'],
		[
			{ batchSize: 3, timeout: '={{ $json.n.missing.more }}', dryRun: '={{ $("Gone").item }}' },
			'Dry Run',
			"has an expression that failed: Referenced node doesn't exist",
		],
	])(
		'%j cannot be read: Stop names it, Continue keeps each row from being sent',
		(given, parameter, what) => {
			let thrown: unknown;
			try {
				request(given);
			} catch (error) {
				thrown = error;
			}
			expect(thrown).toBeInstanceOf(NodeOperationError);
			expect(thrown).toMatchObject({
				message: `The option “${parameter}” ${what}`,
				description: 'Nothing was sent. Open the node and correct the option.',
			});

			const items = [{ n: 1 }, { n: 2 }];
			const context = nodeContext(
				{ ...NAMES, options: given } as INodeParameters,
				[items],
				'continueErrorOutput',
			);
			const read = readRequest(context);
			expect(read.problem).toEqual({ parameter, what });
			expect(drained(readRows(context, read)).rows).toEqual(
				[0, 1].map((item) => ({
					item,
					pair: { parameter, what, loginName: '138', company: '甲公司' },
				})),
			);
		},
	);

	test('an operation that is not known: Stop throws, Continue keeps each row from being sent', () => {
		expect(() => request({}, undefined, { operation: 'toString' })).toThrow(
			'The operation “toString” is unknown',
		);
		const { problem, sync } = request({}, 'continueRegularOutput', { operation: 'toString' });
		expect({ problem, sync }).toEqual({
			problem: { parameter: 'Operation', what: 'is unknown: “toString”' },
			sync: false,
		});
	});
});

describe('the ledger', () => {
	const PLAIN = { loginName: '={{ $json.phone }}', company: '={{ $json.firm.name }}' };

	/** One line a row: `item: loginName company`, or `item! what`; then what stands, and the number. */
	function ledger(current: IDataObject[], parameters: INodeParameters = PLAIN): unknown[] {
		const context = nodeContext({ operation: 'sync', ...parameters }, [
			[{ phone: '1', firm: { name: '别家公司' } }],
			current,
		]);
		const { rows, pairs } = drained(readLedger(context, readRequest(context)));
		return rows.map(({ item, pair, stands, keyNo }) => [
			typeof pair === 'number'
				? `${item}: ${pairs.loginName(pair)} ${pairs.company(pair)}`
				: `${item}! ${pair.parameter} ${pair.what}`,
			stands,
			keyNo,
		]);
	}

	test('is read by this node’s names, by Desired’s fields, and from error rows', () => {
		expect(
			ledger([
				{ loginName: '138', keyWord: '甲公司', keyNo: ' k1 ', assigned: true },
				{},
				{ phone: 139, firm: { name: '乙公司' }, keyNo: '' },
				{ phone: '137', firm: { name: '丙公司' }, loginName: '136', keyNo: 5 },
				{
					error: { message: 'x', loginName: '135', keyWord: '丁公司', assigned: null, keyNo: 'k2' },
					loginName: '000',
					assigned: true,
					keyNo: 'k3',
				},
				{ error: { message: 'x', loginName: null }, phone: '134', firm: { name: '戊公司' } },
				{ error: 'n8n’s own', loginName: '133', keyWord: '己公司', assigned: false },
			]),
		).toEqual([
			['0: 138 甲公司', true, 'k1'],
			['2: 139 乙公司', true, null],
			['3: 136 丙公司', true, null],
			['4: 135 丁公司', null, 'k2'],
			['5: 134 戊公司', true, null],
			['6: 133 己公司', false, null],
		]);
	});

	test.each<[unknown, boolean | null]>([
		...[true, 1, 'true', 'TRUE', 'yes', '1', '是', 'x', 2, 'ＯＮ', '✓', '1.0', '-1'].map(
			(yes): [unknown, true] => [yes, true],
		),
		...[false, 0, 'false', 'FALSE', ' False ', '0', 'no', 'No', '０', '否'].map(
			(no): [unknown, false] => [no, false],
		),
		...['off', '0.00', '×', 'FALSE\u200b', '\u202dno'].map((no): [unknown, false] => [no, false]),
		...[null, '', ' ', 'null'].map((unclear): [unknown, null] => [unclear, null]),
		...['#N/A', 'unknown', 'maybe', '未分配', '2026-11-24', '\u200b', {}, [], [false]].map(
			(neither): [unknown, null] => [neither, null],
		),
	])('assigned %j: %j', (assigned, stands) => {
		const row = { loginName: '138', keyWord: '甲公司', assigned } as IDataObject;
		expect(ledger([row])).toEqual([['0: 138 甲公司', stands, null]]);
		const { assigned: within, ...beside } = row;
		expect(ledger([{ error: { assigned: within }, ...beside, assigned: 'yes' }])).toEqual([
			['0: 138 甲公司', stands, null],
		]);
	});

	test.each(['#N/A', '-', '0', 'null', 'undefined', '9.12E+31', '甲', {}, null])(
		'a keyNo that is none, as it stands in many rows: %j',
		(keyNo) => {
			const row = { loginName: '138', keyWord: '甲公司' };
			expect(ledger([{ ...row, keyNo }])).toEqual([['0: 138 甲公司', true, null]]);
			expect(ledger([{ error: { keyNo }, ...row, keyNo: 'k1' }])).toEqual([
				['0: 138 甲公司', true, 'k1'],
			]);
		},
	);

	test('is read where one parameter is fixed text, not where both are', () => {
		const missing = (fields: string) =>
			`0! Login Name is empty: a row of Current needs the fields “loginName” and “keyWord”, and the item has ${fields}`;
		const fixed = { loginName: '138', company: '={{ $json.firm }}' };
		expect(ledger([{ firm: '甲公司' }], fixed)).toEqual([['0: 138 甲公司', true, null]]);
		expect(ledger([{ loginName: '139', firm: '甲公司' }], fixed)).toEqual([
			['0: 139 甲公司', true, null],
		]);
		expect(ledger([{ x: 1 }], { loginName: '138', company: '甲公司' })).toEqual([
			[missing('“x”'), true, null],
		]);
	});

	test('is read through expressions that only n8n can resolve, over its own items', () => {
		const parameters = {
			loginName: '={{ $json.phone.toString().replace("x", "") }}',
			company: '={{ $input.item.json.firm.name ?? $json.other }}公司',
		};
		expect(
			ledger(
				[
					{ phone: 'x138', firm: { name: '甲' } },
					{ phone: 'x139', firm: {}, other: '乙' },
					{ loginName: 'x137', keyWord: '丙公司' },
					{ error: { message: '', phone: '136' }, phone: '135', firm: { name: '丁' } },
				],
				parameters,
			),
		).toEqual([
			['0: 138 甲公司', true, null],
			['1: 139 乙公司', true, null],
			['2: x137 丙公司', true, null],
			['3: 136 丁公司', true, null],
		]);
	});

	test('is not read through expressions that lead to other nodes', () => {
		const parameters = { ...PLAIN, loginName: '={{ $("CRM").item.json.phone }}' };
		expect(ledger([{ phone: '138', firm: { name: '甲公司' } }], parameters)).toEqual([
			[
				'0! Login Name is empty: a row of Current needs the fields “loginName” and “keyWord”, and the item has “phone”, “firm”',
				true,
				null,
			],
		]);
	});

	test('is read beside an empty Desired', () => {
		const context = nodeContext(
			{ operation: 'sync', loginName: '={{ $json.phone.trim() }}', company: '={{ $json.firm }}' },
			[[], [{ phone: ' 138', firm: '甲公司' }]],
		);
		const { rows, pairs } = drained(readLedger(context, readRequest(context)));
		expect(rows).toEqual([{ item: 0, pair: 0, stands: true, keyNo: null }]);
		expect([pairs.loginName(0), pairs.company(0)]).toEqual(['138', '甲公司']);
	});
});
