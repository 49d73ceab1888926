import fc from 'fast-check';
import {
	capacityAround,
	countFitting,
	EMPTY,
	fits,
	withOneMore,
	type CallLimits,
} from '../../../nodes/QccRadar/plan/fill';
import { numberCalls, planCalls } from '../../../nodes/QccRadar/plan/planCalls';
import type { Grouping } from '../../../nodes/QccRadar/read/request';
import { Centre, countCalls, type StarLimits } from '../../../nodes/QccRadar/plan/starCover';
import { canBeListed, listedBytes } from '../../../nodes/QccRadar/qcc/endpoints';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import { Queue } from '../../../nodes/QccRadar/send/queue';
import { Run } from '../../../nodes/QccRadar/send/run';
import { finish } from '../../harness/finish';
import { settingsOf } from '../../harness/settings';

test('the first name always joins, however long; others while rows and bytes are left', () => {
	const capacity = { rows: 3, bytes: 20 };
	expect(fits(EMPTY, 99, capacity)).toBe(true);
	expect(fits({ rows: 1, bytes: 99 }, 1, capacity)).toBe(false);
	expect(fits({ rows: 2, bytes: 10 }, 10, capacity)).toBe(true);
	expect(fits({ rows: 2, bytes: 10 }, 11, capacity)).toBe(false);
	expect(fits({ rows: 3, bytes: 3 }, 1, capacity)).toBe(false);
	expect(withOneMore({ rows: 2, bytes: 10 }, 7)).toEqual({ rows: 3, bytes: 17 });
});

test('a list has one comma less than names: a URL may be filled to its last byte', () => {
	const limits: CallLimits = {
		rowsPerCall: { user: 200, company: 500 },
		urlBytes: 100 + 'ab,cd'.length,
		urlBase: () => 100,
	};
	const capacity = capacityAround(limits, 'user', '138');
	expect(capacity).toEqual({ rows: 200, bytes: 6 });
	expect(countFitting([listedBytes('ab'), listedBytes('cd')], capacity)).toBe(2);
	expect(countFitting([listedBytes('ab'), listedBytes('cde')], capacity)).toBe(1);
	expect(countFitting([99, 1], capacity)).toBe(1);
	expect(countFitting([], capacity)).toBe(0);
});

const pairs = fc.uniqueArray(
	fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 12 })),
	{ selector: ([user, company]) => `${user} ${company}`, maxLength: 60 },
);
/** Of any length, some with a comma, so that they cannot be listed. */
const nameOf = (company: number) =>
	company === 7 ? 'Acme, Inc.' : '公司'.repeat(1 + (company % 4)) + company.toString();

test('the cover, the numbers of a dry run and the queue fill calls by one rule', () => {
	fc.assert(
		fc.property(
			pairs,
			fc.constantFrom<Grouping>('user', 'company', 'fewest'),
			fc.record({ user: fc.integer({ min: 1, max: 6 }), company: fc.integer({ min: 1, max: 6 }) }),
			fc.option(fc.integer({ min: 60, max: 300 }), { nil: Infinity }),
			(list, grouping, rowsPerCall, urlBytes) => {
				const table = new PairTable();
				for (const [user, company] of list) table.add(`1380000${user}`, nameOf(company));
				const limits: CallLimits = {
					rowsPerCall,
					urlBytes,
					urlBase: (shape, centre) => 20 + shape.length + encodeURIComponent(centre).length,
				};
				const stars = finish(planCalls(table, grouping, limits));
				const { callOf, calls } = finish(numberCalls(table, stars, limits));

				const sides = new Uint8Array(table.size).fill(Centre.User);
				for (const { shape, pairs: numbers } of stars) {
					if (shape === 'company') for (const pair of numbers) sides[pair] = Centre.Company;
				}
				const room = (shape: 'user' | 'company') => (centre: string) =>
					capacityAround(limits, shape, centre).bytes;
				const starLimits: StarLimits = {
					companiesPerCall: rowsPerCall.user,
					usersPerCall: rowsPerCall.company,
					bytes: {
						aroundUser: Int32Array.from(table.users, room('user')),
						aroundCompany: Int32Array.from(table.companies, room('company')),
						ofUser: Int32Array.from(table.users, listedBytes),
						ofCompany: Int32Array.from(table.companies, listedBytes),
					},
					centreOnly: Uint8Array.from(table.companies, (name) => (canBeListed(name) ? 0 : 1)),
				};
				const graph = {
					userOf: Int32Array.from(table.userOf),
					companyOf: Int32Array.from(table.companyOf),
					userCount: table.users.length,
					companyCount: table.companies.length,
				};
				const counted =
					urlBytes === Infinity
						? countCalls(graph, { ...starLimits, bytes: undefined } as never, sides)
						: countCalls(graph, starLimits, sides);
				expect(counted).toBe(calls);

				// A run alone, and planned by a kind: nothing to share, and no row that may move.
				const queue = new Queue((_, shape, centre) => limits.urlBase(shape, centre));
				const run = new Run('assign', table, settingsOf({ rowsPerCall, maxConcurrency: Infinity }));
				queue.add(run, stars, 'user');
				const cut: string[][] = [];
				for (let call = queue.take(urlBytes); call; call = queue.take(urlBytes)) {
					cut.push(call.rows.map(({ loginName, company }) => `${loginName} ${company}`));
				}
				const numbered: string[][] = Array.from({ length: calls }, () => []);
				for (const { pairs: numbers } of stars) {
					for (const pair of numbers) {
						numbered[(callOf[pair] ?? 0) - 1]?.push(
							`${table.loginName(pair)} ${table.company(pair)}`,
						);
					}
				}
				expect(cut).toEqual(numbered);
			},
		),
	);
});
