import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import {
	propertyPath,
	readPairs,
	valueReader,
	type ParameterSource,
} from '../../../nodes/QccRadar/read/readPairs';
import { finish } from '../../harness/finish';

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
		json: () => ({}),
		itemCount: items.length,
	};
}

/** One line per ask: `item: loginName company`, or `item! Parameter what (loginName, company)`. */
function read({ items, users = LOGIN_NAME, companies = COMPANIES }: Given): string[] {
	const table = new PairTable();
	const asked = finish(readPairs(sourceOf(items), users, companies, table));
	return asked.map(({ item, pair }) => {
		if (typeof pair === 'number') {
			return `${item}: ${table.loginName(pair)} ${table.company(pair)}`;
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
	['no separator', '甲、乙公司|丙公司\t丁公司 戊', ['甲、乙公司|丙公司\t丁公司 戊']],
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

const bad = (what: string, company: string | null = null) => `0! Companies ${what} (1, ${company})`;
test.each<[string, unknown, string[]]>([
	['missing', undefined, [bad('is empty')]],
	['null', null, [bad('is empty')]],
	['empty', '', [bad('is empty', '')]],
	['white space', ' \u3000\n', [bad('is empty', '')]],
	['separators only', ',，;；\n', [bad('is empty', '')]],
	['an empty array', [], [bad('is empty')]],
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
	['李', '0: 李 甲公司'],
	['138,139', `0! Login Name ${INSIDE} (138,139, 甲公司)`],
	['138，139', `0! Login Name ${INSIDE} (138，139, 甲公司)`],
	['138 0013', `0! Login Name ${INSIDE} (138 0013, 甲公司)`],
	['138\u3000139', `0! Login Name ${INSIDE} (138\u3000139, 甲公司)`],
	[null, '0! Login Name is empty (null, 甲公司)'],
	['', '0! Login Name is empty (, 甲公司)'],
	[['138'], '0! Login Name is not text (null, 甲公司)'],
])('the login name %p', (loginName, expected) => {
	expect(read({ items: [{ loginName, companies: '甲公司' }] })).toEqual([expected]);
});

test('a company is never split', () => {
	const item = { company: 'Acme; Beta, Inc.，甲\n乙', loginNames: '138;139\n137' };
	expect(read({ items: [item], users: LOGIN_NAMES, companies: COMPANY })).toEqual(
		['138', '139', '137'].map((user) => `0: ${user} Acme; Beta, Inc.，甲\n乙`),
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
		'1! Company is empty (138, )',
		`2! Login Names ${INSIDE} (1 3, 甲)`,
		'2! Company is shorter than 2 characters (139, 甲)',
		'3: 138 甲公司',
	]);
});

test('equal pairs are one pair, asked for as often as before; order is that of first mention', () => {
	const table = new PairTable();
	const items = ['138 甲公司', '139 甲公司', '138 甲公司', '139 乙公司', '138 甲公司'].map(
		(line) => {
			const [loginName, company] = line.split(' ');
			return { loginName, company };
		},
	);
	const asked = finish(readPairs(sourceOf(items), LOGIN_NAME, COMPANY, table));
	expect(asked).toEqual([0, 1, 0, 2, 0].map((pair, item) => ({ item, pair })));
	const { users, companies, userOf, companyOf, size } = table;
	expect({ users, companies, userOf, companyOf, size }).toEqual({
		users: ['138', '139'],
		companies: ['甲公司', '乙公司'],
		userOf: [0, 1, 1],
		companyOf: [0, 0, 1],
		size: 3,
	});
});

test.each<[string, string[] | null]>([
	['={{ $json.company }}', ['company']],
	['={{$json.company}}', ['company']],
	['={{\n\t$json.a.b_1.$c\n}}', ['a', 'b_1', '$c']],
	['={{ $json["company name"] }}', ['company name']],
	["={{ $json['企业 名称'].x }}", ['企业 名称', 'x']],
	['={{ $json.公司.名称 }}', ['公司', '名称']],
	['={{ $json[ "a" ][ 0 ].b }}', ['a', '0', 'b']],
	['={{ $json.\na }}', ['a']],
	['={{ $json["a.b]"] }}', ['a.b]']],
	['={{ $json[""] }}', ['']],
	['={{ $json.constructor }}', null],
	['={{ $json.a["toString"].b }}', null],
	['={{ $json }}', null],
	['{{ $json.company }}', null],
	['={{ $json.company }} ', null],
	[' ={{ $json.company }}', null],
	['=x{{ $json.company }}', null],
	['={{ $json.a }}{{ $json.b }}', null],
	['={{ $json.a.trim() }}', null],
	['={{ $json.a + "" }}', null],
	['={{ $json?.a }}', null],
	['={{ $json.a?.b }}', null],
	['={{ $json["a" + 1] }}', null],
	['={{ $json["a}}b"] }}', null],
	['={{ $json["\\u0061"] }}', null],
	['={{ $json[`a`] }}', null],
	['={{ $json[-1] }}', null],
	['={{ $json[1.5] }}', null],
	['={{ $json.1a }}', null],
	['={{ $json .a }}', null],
	['={{ $item.json.a }}', null],
	['={{ $jsonx.a }}', null],
	['={{ $json["a\'] }}', null],
	['={{ /* */ $json.a }}', null],
	['=$json.a', null],
	['', null],
])('the path of %p', (raw, path) => {
	expect(propertyPath(raw)).toEqual(path);
});

describe('what the engine is asked for', () => {
	const json = {
		company: '甲公司',
		nothing: null,
		list: ['甲公司', { name: '乙公司' }],
		when: new Date(0),
	};
	function readOne(raw: unknown) {
		let asked = 0;
		const evaluate = () => {
			asked += 1;
			return 'from the engine';
		};
		const source = { raw: () => raw, evaluate, json: () => json, itemCount: 1 };
		const value = valueReader(source, 'company')(0);
		return { value, asked };
	}

	test.each<[unknown, unknown]>([
		['甲公司', '甲公司'],
		['{{ $json.company }}', '{{ $json.company }}'],
		[13800138000, 13800138000],
		[undefined, undefined],
		['={{ $json.company }}', '甲公司'],
		['={{ $json.nothing }}', null],
		['={{ $json.nothing.more }}', undefined],
		['={{ $json.missing.more.still }}', undefined],
		['={{ $json.list }}', json.list],
		['={{ $json.list[1].name }}', '乙公司'],
	])('%p: nothing', (raw, value) => {
		expect(readOne(raw)).toEqual({ value, asked: 0 });
	});

	test.each<[unknown]>([
		['={{ $json.company.trim() }}'],
		['={{ $json.company.length }}'],
		['={{ $json.list.first }}'],
		['={{ $json.list[7] }}'],
		['={{ $json.constructor }}'],
		['={{ $json.company.constructor }}'],
		['={{ $json.__proto__ }}'],
		['={{ $json.when }}'],
		['={{ $json.when.x }}'],
		['=甲公司'],
		['='],
		[['={{ $json.company }}']],
	])('%p: all', (raw) => {
		expect(readOne(raw)).toEqual({ value: 'from the engine', asked: 1 });
	});
});
