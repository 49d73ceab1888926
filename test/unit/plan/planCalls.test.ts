import type { CallLimits } from '../../../nodes/QccRadar/plan/fill';
import { listedBytes } from '../../../nodes/QccRadar/qcc/endpoints';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import type { Grouping } from '../../../nodes/QccRadar/read/request';
import {
	numberCalls,
	planCalls,
	rowsPerCall,
	type Star,
} from '../../../nodes/QccRadar/plan/planCalls';
import { finish } from '../../harness/finish';

/** From lines `loginName company`. */
function tableOf(...pairs: [user: string, company: string][]): PairTable {
	const table = new PairTable();
	for (const [user, company] of pairs) table.add(user, company);
	return table;
}

const CAPS: CallLimits = {
	rowsPerCall: rowsPerCall(500),
	urlBytes: Infinity,
	urlBase: () => 100,
};

function plan(table: PairTable, grouping: Grouping, limits = CAPS): Star[] {
	return finish(planCalls(table, grouping, limits));
}

const user = (centre: string, ...pairs: number[]): Star => ({ shape: 'user', centre, pairs });
const company = (centre: string, ...pairs: number[]): Star => ({ shape: 'company', centre, pairs });

describe('what stands in the centre', () => {
	const mixed = tableOf(
		['139', '甲公司'],
		['138', '乙公司'],
		['139', '乙公司'],
		['138', '甲公司'],
		['137', '甲公司'],
	);
	const comma = tableOf(
		['138', 'Acme, Inc.'],
		['138', '甲公司'],
		['139', 'Acme, Inc.'],
		['139', '乙公司，上海'],
	);
	test.each<[string, PairTable, Grouping, Star[]]>([
		[
			'by user: each user, in the order of first mention',
			mixed,
			'user',
			[user('139', 0, 2), user('138', 1, 3), user('137', 4)],
		],
		[
			'by company: each company',
			mixed,
			'company',
			[company('甲公司', 0, 3, 4), company('乙公司', 1, 2)],
		],
		[
			'fewest: the side that takes fewer calls',
			mixed,
			'fewest',
			[company('甲公司', 0, 3, 4), company('乙公司', 1, 2)],
		],
		[
			'by user: a company with an ASCII comma all the same',
			comma,
			'user',
			[user('138', 1), user('139', 3), company('Acme, Inc.', 0, 2)],
		],
		[
			'fewest: a company with an ASCII comma all the same',
			tableOf(['138', 'Acme, Inc.'], ['138', 'Beta, Inc.'], ['138', '甲公司'], ['138', '乙公司']),
			'fewest',
			[user('138', 2, 3), company('Acme, Inc.', 0), company('Beta, Inc.', 1)],
		],
		['nothing', tableOf(), 'user', []],
		['nothing, in the fewest calls', tableOf(), 'fewest', []],
	])('%s', (_, table, grouping, stars) => {
		expect(plan(table, grouping)).toEqual(stars);
	});
});

describe('calls', () => {
	const around = (one: 'user' | 'company', count: number) =>
		tableOf(
			...Array.from({ length: count }, (_, i): [string, string] =>
				one === 'user' ? ['138', `公司${i}`] : [`138${i}`, '甲公司'],
			),
		);
	const count = (table: PairTable, grouping: Grouping, limits = CAPS) =>
		finish(numberCalls(table, plan(table, grouping, limits), limits)).calls;

	test.each<[number, Record<'user' | 'company', number>]>([
		[1, { user: 1, company: 1 }],
		[300, { user: 200, company: 300 }],
		[500, { user: 200, company: 500 }],
		[9999, { user: 200, company: 500 }],
	])('a batch size of %d makes caps %p', (batchSize, caps) => {
		expect(rowsPerCall(batchSize)).toEqual(caps);
	});

	test.each([
		['user', 200, 1],
		['user', 201, 2],
		['user', 1234, 7],
		['company', 500, 1],
		['company', 501, 2],
		['company', 1234, 3],
	] as const)('around one %s %d rows take %d', (one, rows, calls) => {
		expect(count(around(one, rows), one)).toBe(calls);
		expect(count(around(one, rows), 'fewest')).toBe(calls);
	});

	test('each is filled before the next is begun, and numbered from 1 in the order of sending', () => {
		const table = tableOf(
			['138', '甲公司'],
			['139', '甲公司'],
			['138', '乙公司'],
			['138', 'A,B'],
			['138', '丙公司'],
		);
		const limits = { ...CAPS, rowsPerCall: rowsPerCall(2) };
		expect(finish(numberCalls(table, plan(table, 'user', limits), limits))).toEqual({
			callOf: Int32Array.of(1, 3, 1, 4, 2),
			calls: 4,
		});
	});

	test('none is longer than the URL may be, unless one row alone is', () => {
		const names = ['甲公司', 'ab', 'cd', 'ef', '一家名字很长很长很长的公司', 'gh'];
		const table = tableOf(...names.map((name): [string, string] => ['138', name]));
		// A call's URL: its base and its names, with a comma between each two.
		const urlBase = (shape: string, centre: string) => shape.length + centre.length + 100;
		const bytes = (list: string[]) => 107 + list.map(encodeURIComponent).join(',').length;
		const limits = { ...CAPS, urlBase, urlBytes: bytes(['甲公司', 'ab', 'cd']) };
		const { callOf, calls } = finish(numberCalls(table, plan(table, 'user', limits), limits));
		expect({ callOf: [...callOf], calls }).toEqual({ callOf: [1, 1, 1, 2, 3, 4], calls: 4 });
		expect(listedBytes('一家名字很长很长很长的公司')).toBeGreaterThan(limits.urlBytes - 107);
	});
});
