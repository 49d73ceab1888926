import fc from 'fast-check';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readLedger, type LedgerRow } from '../../../nodes/QccRadar/read/ledger';
import { DEFAULTS } from '../../../nodes/QccRadar/read/options';
import type { Problem } from '../../../nodes/QccRadar/read/parameters';
import type { Request } from '../../../nodes/QccRadar/read/request';
import { finish } from '../../harness/finish';

interface Setting {
	readonly parameters?: Record<string, string>;
	/** n8n's engine, which keeps to the first input where it cannot be brought to another. */
	readonly engine?: (expression: string) => unknown;
	/** What is wrong with the request. */
	readonly problem?: Problem | null;
}

const FIELDS: Record<string, string> = {
	loginName: '={{ $json.phone }}',
	company: '={{ $json.firm }}',
};

/** The rows of Current, each with the names of its pair in place of the number. */
function ledger(current: readonly IDataObject[], setting: Setting = {}) {
	const { parameters = FIELDS, engine = () => undefined, problem = null } = setting;
	const context = {
		getNodeParameter: (name: string) => parameters[name],
		evaluateExpression: engine,
	} as unknown as IExecuteFunctions;
	const request: Request = {
		resource: {
			users: { name: 'loginName', displayName: 'Login Name', list: false },
			companies: { name: 'company', displayName: 'Company', list: false },
			grouping: 'fewest',
		},
		action: 'none',
		sync: true,
		inputs: [[{ json: { phone: '1', firm: '别家公司' } }], current.map((json) => ({ json }))],
		inputNames: ['Desired', 'Current'],
		options: DEFAULTS,
		problem,
		stopOnError: false,
		errorOutput: false,
	};
	const { rows, pairs } = finish(readLedger(context, request));
	return rows.map(({ pair, ...row }) => {
		const read =
			typeof pair === 'number' ? `${pairs.loginName(pair)} ${pairs.company(pair)}` : pair;
		return { ...row, pair: read };
	});
}

/** A row that is read as it stands, and stands, where no field says otherwise. */
const row = (item: number, pair: unknown, fields: Partial<LedgerRow> = {}) => {
	return { item, pair, stands: true, keyNo: null, ...fields };
};
const NAMES = { loginName: '138', keyWord: '甲公司' };

test('this node’s own names win over the fields that Desired is read by', () => {
	expect(
		ledger([NAMES, { phone: '139', firm: '乙公司' }, { ...NAMES, phone: '139', firm: '乙公司' }]),
	).toEqual([row(0, '138 甲公司'), row(1, '139 乙公司'), row(2, '138 甲公司')]);
});

test('what is not read as it stands keeps its spelling; what is not does not', () => {
	const [user, company] = ['+86 138-0013-8000', '\u200b甲公司 '];
	expect(
		ledger([
			{ loginName: user, keyWord: company },
			{ loginName: '13800138000', keyWord: company },
			{ phone: user, firm: '甲公司' },
			{ loginName: 13800138000, keyWord: '甲公司' },
			{ loginName: '138,139', keyWord: '甲公司' },
			{ error: { loginName: user, keyWord: '甲公司' }, loginName: '1', keyWord: '2' },
		]),
	).toEqual([
		row(0, '13800138000 甲公司', { spelling: { loginName: user, keyWord: company } }),
		row(1, '13800138000 甲公司', { spelling: { loginName: '13800138000', keyWord: company } }),
		row(2, '13800138000 甲公司', { spelling: { loginName: user, keyWord: '甲公司' } }),
		row(3, '13800138000 甲公司'),
		row(4, {
			parameter: 'Login Name',
			what: 'has a comma or white space inside: one login name is expected',
			loginName: '138,139',
			company: '甲公司',
		}),
		row(5, '13800138000 甲公司', { spelling: { loginName: user, keyWord: '甲公司' } }),
	]);
});

test('no assigned, or one that means yes, stands; what means no does not; nothing is not known', () => {
	const standing = (fields: IDataObject) => ledger([{ ...NAMES, ...fields }])[0]?.stands;
	const of = (values: unknown[]) => values.map((assigned) => standing({ assigned } as IDataObject));
	expect(standing({})).toBe(true);
	expect(of([true, 1, 'true', 'TRUE', '1', 'yes'])).toEqual(Array(6).fill(true));
	expect(of([false, 0, 'false', 'FALSE', '0', 'no'])).toEqual(Array(6).fill(false));
	expect(of([null, '', ' '])).toEqual([null, null, null]);
});

test('the node’s own output is read back as it was, from either branch, whatever fields are beside', () => {
	const output = fc.record({
		loginName: fc.constantFrom('138', 'li@example.com'),
		keyWord: fc.constantFrom('甲公司', 'Acme, Inc.'),
		assigned: fc.constantFrom(true, false, null),
		keyNo: fc.constantFrom('9cce0780ab76', null),
	});
	const beside = fc.record(
		{ loginName: fc.constant('000'), keyWord: fc.constant('别家'), assigned: fc.boolean() },
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(output, beside, (json, others) => {
			const { loginName, keyWord, assigned, keyNo } = json;
			const expected = [row(0, `${loginName} ${keyWord}`, { stands: assigned, keyNo })];
			expect(ledger([{ ...json, outcome: 'ok', status: 200 }])).toEqual(expected);
			const failed = { ...others, error: { message: 'lost', ...json } };
			expect(ledger([failed])).toEqual(expected);
		}),
	);
});

test('an error that is no row leaves the fields beside it; an item without fields is no row', () => {
	const json = { ...NAMES, assigned: false, keyNo: 'k1' };
	const errors = ['n8n’s own', null, ['x'], 5, {}];
	expect(ledger([{}, ...errors.map((error) => ({ ...json, error }))])).toEqual(
		errors.map((_, i) => row(i + 1, '138 甲公司', { stands: false, keyNo: 'k1' })),
	);
});

test('a row without names says what it needs and which fields it has; a bad request is every row’s', () => {
	const what =
		'is empty: a row of Current needs the fields “loginName” and “keyWord”, and the item has “keyWord”, “assigned”';
	expect(ledger([{ keyWord: '甲公司', assigned: false }])).toEqual([
		row(
			0,
			{ parameter: 'Login Name', what, loginName: null, company: '甲公司' },
			{ stands: false },
		),
	]);
	const problem = { parameter: 'Max Removals (Percent)', what: 'is not a number' };
	expect(ledger([NAMES], { problem })).toEqual([
		row(0, { ...problem, loginName: '138', company: '甲公司' }),
	]);
});

test('an engine that keeps to the first input is not believed: no row of Current is taken for Desired’s', () => {
	const parameters = { ...FIELDS, loginName: '={{ $json.phone.trim() }}' };
	const engines = [
		() => '1',
		() => {
			throw new Error('no data');
		},
	];
	for (const engine of engines) {
		const [read] = ledger([{ phone: '138 ', firm: '甲公司' }], { parameters, engine });
		expect(read?.pair).toMatchObject({ parameter: 'Login Name', loginName: null });
	}
});
