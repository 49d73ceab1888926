import type { ParameterSource, Problem } from '../../../nodes/QccRadar/read/parameters';
import { fieldsOf, rowsOf, type Rows } from '../../../nodes/QccRadar/read/rows';

const LOGIN_NAME = { name: 'loginName', displayName: 'Login Name', list: false };
const LOGIN_NAMES = { name: 'loginNames', displayName: 'Login Names', list: true };
const COMPANY = { name: 'company', displayName: 'Company', list: false };
const COMPANIES = { name: 'companies', displayName: 'Companies', list: true };

interface Given {
	/** Values of the parameters, by item. */
	items: Record<string, unknown>[];
	users?: typeof LOGIN_NAME;
	companies?: typeof COMPANY;
}

/** Every parameter an expression that no reader knows: it is the engine that is asked. */
function sourceOf(items: Record<string, unknown>[]): ParameterSource {
	return {
		raw: () => '={{ fromEngine }}',
		evaluate: (parameter, item) => {
			const value = items[item]?.[parameter];
			if (value instanceof Error) throw value;
			return value;
		},
		json: (item) => items[item],
		itemCount: items.length,
	};
}

function rowsFrom(
	items: Record<string, unknown>[],
	users = LOGIN_NAME,
	companies = COMPANY,
	problem: Problem | null = null,
): Rows {
	const reading = rowsOf(sourceOf(items), { users, companies }, problem);
	let step = reading.next();
	while (!step.done) step = reading.next();
	return step.value;
}

/** One line per row: `item: loginName company`, or `item! Parameter what (loginName, company)`. */
function read({ items, users = LOGIN_NAME, companies = COMPANIES }: Given): string[] {
	const { rows, pairs } = rowsFrom(items, users, companies);
	return rows.map(({ item, pair }) => {
		if (typeof pair === 'number') {
			return `${item}: ${pairs.loginName(pair)} ${pairs.company(pair)}`;
		}
		const { parameter, what, loginName, company } = pair;
		return `${item}! ${parameter} ${what} (${String(loginName)}, ${String(company)})`;
	});
}

const companiesOf = (companies: unknown) =>
	read({ items: [{ loginName: '1', companies }] }).map((line) => line.replace(/^0: 1 /, ''));

test.each<[string, unknown, string[]]>([
	['one name', '小米科技', ['小米科技']],
	[
		'every separator',
		'甲公司,乙公司，丙公司;丁公司；戊公司\n己公司\r\n庚公司\r辛公司',
		['甲公司', '乙公司', '丙公司', '丁公司', '戊公司', '己公司', '庚公司', '辛公司'],
	],
	[
		'a column of a spreadsheet',
		'甲公司\t乙公司\u2028丙公司\v丁公司',
		['甲公司', '乙公司', '丙公司', '丁公司'],
	],
	['no separator', '甲、乙公司|丙公司 丁公司', ['甲、乙公司|丙公司 丁公司']],
	[
		'a JSON array',
		' \ufeff["Acme (China) Co., Ltd.", "甲公司;乙", 110108012660422]\n',
		['Acme (China) Co., Ltd.', '甲公司;乙', '110108012660422'],
	],
	['what only looks like a JSON array', '[甲]公司,[乙]', ['[甲]公司', '[乙]']],
	['separators around nothing', ' ,甲公司,, ;\n乙公司，\n', ['甲公司', '乙公司']],
	['white space around names', '\u3000甲公司 ,\t乙公司\u00a0', ['甲公司', '乙公司']],
	[
		'an array, unsplit',
		['Acme (China) Co., Ltd.', ' 甲公司;乙 '],
		['Acme (China) Co., Ltd.', '甲公司;乙'],
	],
	['a number', 110108012660422, ['110108012660422']],
	['an array of numbers', [10, 200], ['10', '200']],
	['the same twice', '甲公司,乙公司,甲公司', ['甲公司', '乙公司', '甲公司']],
	['two characters outside the basic plane', '𠮷𠮷', ['𠮷𠮷']],
])('companies, %s', (_, given, expected) => {
	expect(companiesOf(given)).toEqual(expected);
});

const EMPTY = 'is empty: the item has “loginName”, “companies”';
const bad = (what: string, company: string | null = null) => `0! Companies ${what} (1, ${company})`;
test.each<[string, unknown, string[]]>([
	['missing', undefined, [bad(EMPTY)]],
	['null', null, [bad(EMPTY)]],
	['empty', '', [bad(EMPTY, '')]],
	['white space', ' \u3000\n', [bad(EMPTY, '')]],
	['what nobody sees', '\u200b\u202d\ufeff', [bad(EMPTY, '')]],
	['separators only', ',，;；\n\t', [bad(EMPTY, '')]],
	['an empty array', [], [bad(EMPTY)]],
	['an empty JSON array', '[]', [bad(EMPTY)]],
	['a list in a list', '[["甲公司"]]', [bad('is not text')]],
	[
		'a number that JSON rounds',
		'[911101085513850821234]',
		[bad('is a number that is not exact: pass it as text', '911101085513850800000')],
	],
	['an object', { name: '甲公司' }, [bad('is not text')]],
	['true', true, [bad('is not text')]],
	['one character', '甲', [bad('is shorter than 2 characters', '甲')]],
	['one character outside the basic plane', '𠮷', [bad('is shorter than 2 characters', '𠮷')]],
	['one digit', 7, [bad('is shorter than 2 characters', '7')]],
	['half a character', '甲公司\ud83d', [bad('is not valid text')]],
	['a fraction', 1.5, [bad('is a number that is not exact: pass it as text', '1.5')]],
	[
		'a number beyond 2^53',
		2 ** 53,
		[bad('is a number that is not exact: pass it as text', '9007199254740992')],
	],
	['no number', NaN, [bad('is a number that is not exact: pass it as text', 'NaN')]],
	[
		'some of an array',
		['甲公司', null, '', ['乙公司'], '丙'],
		[
			'甲公司',
			bad('is empty'),
			bad('is empty', ''),
			bad('is not text'),
			bad('is shorter than 2 characters', '丙'),
		],
	],
	['some of a text', '甲公司,乙', ['甲公司', bad('is shorter than 2 characters', '乙')]],
	[
		'an expression that fails',
		new Error('Referenced node is unexecuted'),
		[bad('has an expression that failed: Referenced node is unexecuted')],
	],
])('no company: %s', (_, given, expected) => {
	expect(companiesOf(given)).toEqual(expected);
});

const INSIDE = 'has a comma or white space inside: one login name is expected';
test.each<[unknown, string]>([
	['13800138000', '0: 13800138000 甲公司'],
	[13800138000, '0: 13800138000 甲公司'],
	[' 13800138000\n', '0: 13800138000 甲公司'],
	['+86-138', '0: +86-138 甲公司'],
	['+86 138\u20110013\u20118000\u202c', '0: 13800138000 甲公司'],
	['李', '0: 李 甲公司'],
	['138,139', `0! Login Name ${INSIDE} (138,139, 甲公司)`],
	['138，139', `0! Login Name ${INSIDE} (138,139, 甲公司)`],
	['138 0013', `0! Login Name ${INSIDE} (138 0013, 甲公司)`],
	['138\u3000139', `0! Login Name ${INSIDE} (138\u3000139, 甲公司)`],
	[null, '0! Login Name is empty: the item has “loginName”, “companies” (null, 甲公司)'],
	['', '0! Login Name is empty: the item has “loginName”, “companies” (, 甲公司)'],
	[['138'], '0! Login Name is not text (null, 甲公司)'],
])('the login name %p', (loginName, expected) => {
	expect(read({ items: [{ loginName, companies: '甲公司' }] })).toEqual([expected]);
});

test('a company is never split', () => {
	const item = { company: 'Acme; Beta, Inc.，甲\t乙', loginNames: '138;139\n137' };
	expect(read({ items: [item], users: LOGIN_NAMES, companies: COMPANY })).toEqual(
		['138', '139', '137'].map((user) => `0: ${user} Acme; Beta, Inc.，甲\t乙`),
	);
});

test('rows come in the order of items and of their lists, every problem by itself', () => {
	const items = [
		{ loginNames: '138, 139', company: '甲公司' },
		{ loginNames: '138', company: '' },
		{ loginNames: ['1 3', '139'], company: '甲' },
		{ loginNames: 138, company: '甲公司' },
	];
	expect(read({ items, users: LOGIN_NAMES, companies: COMPANY })).toEqual([
		'0: 138 甲公司',
		'0: 139 甲公司',
		'1! Company is empty: the item has “loginNames”, “company” (138, )',
		`2! Login Names ${INSIDE} (1 3, 甲)`,
		'2! Company is shorter than 2 characters (139, 甲)',
		'3: 138 甲公司',
	]);
});

test('equal pairs are one pair, asked for as often as before; order is that of first mention', () => {
	const items = ['138 甲公司', '139 甲公司', '138 甲公司', '139 乙公司', '138 甲公司'].map(
		(line) => {
			const [loginName, company] = line.split(' ');
			return { loginName, company };
		},
	);
	const { rows, pairs } = rowsFrom(items);
	expect(rows).toEqual([0, 1, 0, 2, 0].map((pair, item) => ({ item, pair })));
	const { users, companies, userOf, companyOf, size } = pairs;
	expect({ users, companies, userOf, companyOf, size }).toEqual({
		users: ['138', '139'],
		companies: ['甲公司', '乙公司'],
		userOf: [0, 1, 1],
		companyOf: [0, 0, 1],
		size: 3,
	});
});

test('a line break inside a company is unfit', () => {
	const unfit = 'has a line break inside: one company is expected';
	expect(
		read({ items: [{ loginName: '1', company: '甲公司\n乙公司' }], companies: COMPANY }),
	).toEqual([`0! Company ${unfit} (1, 甲公司\n乙公司)`]);
	expect(companiesOf(['甲公司\n乙公司'])).toEqual([bad(unfit, '甲公司\n乙公司')]);
});

test('a problem of the request is every row’s, as far as the rows can be read', () => {
	const problem = { parameter: 'Batch Size', what: 'is not a number' };
	const items = [{ loginName: '138', company: '甲公司' }, { loginName: '' }];
	const { rows, pairs } = rowsFrom(items, LOGIN_NAME, COMPANY, problem);
	expect(rows).toEqual([
		{ item: 0, pair: { ...problem, loginName: '138', company: '甲公司' } },
		{ item: 1, pair: { ...problem, loginName: '', company: null } },
	]);
	expect(pairs.size).toBe(0);
});

describe('an empty value names the fields that the item has', () => {
	test.each<[string, unknown, string]>([
		['a few', { 手机号: '138', 公司: '甲公司' }, 'the item has “手机号”, “公司”'],
		[
			'many, of which five are named',
			Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, i])),
			'the item has “f0”, “f1”, “f2”, “f3”, “f4” and 4 more',
		],
		['a long one, cut', { ['名'.repeat(99)]: 1 }, `the item has “${'名'.repeat(30)}…”`],
		['one with what nobody sees', { '\ufeff手机\n号': 1 }, 'the item has “手机 号”'],
		['none', {}, 'the item has no fields'],
		['no item', undefined, 'the item has no fields'],
	])('%s', (_, json, expected) => {
		expect(fieldsOf(json)).toBe(expected);
	});
});
