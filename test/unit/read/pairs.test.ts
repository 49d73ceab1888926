import fc from 'fast-check';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';

test('a pair keeps its number, and names that only run together alike are other pairs', () => {
	const table = new PairTable();
	const asked: [loginName: string, company: string][] = [
		['1', '23'],
		['12', '3'],
		['1', '23'],
		['23', '1'],
		['1', ' 23'],
		['__proto__', 'constructor'],
		['1 2', '3'],
		['12', '3'],
		['A', 'a'],
		['a', 'A'],
	];
	expect(asked.map((pair) => table.add(...pair))).toEqual([0, 1, 0, 2, 3, 4, 5, 1, 6, 7]);
	expect(table.size).toBe(8);
});

test('what was not met is not found, and looking for it adds nothing', () => {
	const table = new PairTable();
	expect(table.find('1', '甲')).toBeUndefined();
	table.add('1', '甲');
	table.add('2', '乙');
	const found = ['1 甲', '1 乙', '2 甲', '2 乙', '3 甲', '1 丙', '甲 1'].map((line) => {
		const [user = '', company = ''] = line.split(' ');
		return table.find(user, company);
	});
	expect(found).toEqual([0, undefined, undefined, 1, undefined, undefined, undefined]);
	const { size, users, companies } = table;
	expect({ size, users, companies }).toEqual({
		size: 2,
		users: ['1', '2'],
		companies: ['甲', '乙'],
	});
	expect([table.loginName(2), table.company(2)]).toEqual(['', '']);
});

test('users, companies and pairs are numbered in the order of their first mention, each once', () => {
	const name = fc.constantFrom('', '1', '12', '甲', '甲乙', 'toString');
	fc.assert(
		fc.property(fc.array(fc.tuple(name, name)), (asked) => {
			const table = new PairTable();
			const numbers = asked.map((pair) => table.add(...pair));
			const distinct = [...new Map(asked.map((pair) => [JSON.stringify(pair), pair])).values()];
			const { size, users, companies } = table;
			expect({ size, users, companies }).toEqual({
				size: distinct.length,
				users: [...new Set(asked.map(([user]) => user))],
				companies: [...new Set(asked.map(([, company]) => company))],
			});
			expect(table.userOf.map((user) => users[user])).toEqual(distinct.map(([user]) => user));
			expect(table.companyOf.map((one) => companies[one])).toEqual(distinct.map(([, one]) => one));
			for (const [i, [user, company]] of asked.entries()) {
				const pair = numbers[i] ?? -1;
				expect(distinct[pair]).toEqual([user, company]);
				expect([table.loginName(pair), table.company(pair)]).toEqual([user, company]);
				expect(table.find(user, company)).toBe(pair);
			}
		}),
	);
});

test('it knows the users and companies of its pairs', () => {
	const table = new PairTable();
	table.add('138', '甲公司');
	expect(
		(['user', 'company'] as const).map((shape) => [
			table.knows(shape, '138'),
			table.knows(shape, '甲公司'),
		]),
	).toEqual([
		[true, false],
		[false, true],
	]);
});
