import fc from 'fast-check';
import { minimumCover } from '../../../nodes/QccRadar/plan/bipartite';
import {
	buildNetwork,
	Centre,
	chooseCentres,
	countCalls,
	type PairGraph,
	type StarLimits,
} from '../../../nodes/QccRadar/plan/starCover';
import { drive, finish } from '../../harness/finish';

function graphOf(pairs: readonly (readonly [user: number, company: number])[]): PairGraph {
	return {
		userOf: Int32Array.from(pairs, ([user]) => user),
		companyOf: Int32Array.from(pairs, ([, company]) => company),
		userCount: pairs.reduce((most, [user]) => Math.max(most, user + 1), 0),
		companyCount: pairs.reduce((most, [, company]) => Math.max(most, company + 1), 0),
	};
}

/** Every user with every company. */
function complete(users: number, companies: number): PairGraph {
	return graphOf(
		Array.from({ length: users * companies }, (_, p) => [p % users, Math.floor(p / users)]),
	);
}

const sidesFor = (graph: PairGraph, limits: StarLimits): number[] => [
	...finish(chooseCentres(graph, limits)),
];

const callsFor = (graph: PairGraph, limits: StarLimits): number =>
	countCalls(graph, limits, Uint8Array.from(sidesFor(graph, limits)));

/** Calls counted star by star, each filled in pair order. */
function countedSlowly(graph: PairGraph, limits: StarLimits, sides: readonly number[]): number {
	const stars = new Map<string, number[]>();
	sides.forEach((side, p) => {
		const name = side === Centre.User ? `u${graph.userOf[p]}` : `c${graph.companyOf[p]}`;
		stars.set(name, [...(stars.get(name) ?? []), p]);
	});
	let calls = 0;
	for (const [name, pairs] of stars) {
		const centre = Number(name.slice(1));
		const byUser = name.startsWith('u');
		const room = byUser ? limits.bytes?.aroundUser : limits.bytes?.aroundCompany;
		const sizes = byUser ? limits.bytes?.ofCompany : limits.bytes?.ofUser;
		const listed = byUser ? graph.companyOf : graph.userOf;
		const most = byUser ? limits.companiesPerCall : limits.usersPerCall;
		let call: number[] = [];
		for (const p of pairs) {
			const size = sizes?.[listed[p] ?? -1] ?? 0;
			const used = call.reduce((sum, bytes) => sum + bytes, 0);
			const fits = call.length < most && used + size <= (room?.[centre] ?? 0);
			if (call.length > 0 && fits) call.push(size);
			else {
				calls++;
				call = [size];
			}
		}
	}
	return calls;
}

/** Both plain groupings, a company that cannot be listed in the centre of either. */
function groupings(graph: PairGraph, limits: StarLimits): number[][] {
	const forced = [...graph.companyOf].map((company) => limits.centreOnly?.[company] ?? 0);
	return [forced, forced.map(() => Centre.Company)];
}

/** The fewest calls of all choices there are. */
function fewest(graph: PairGraph, limits: StarLimits): number {
	const free = [...graph.companyOf.keys()].filter(
		(p) => limits.centreOnly?.[graph.companyOf[p] ?? -1] !== 1,
	);
	let best = Infinity;
	for (let choice = 0; choice < 2 ** free.length; choice++) {
		const sides = new Uint8Array(graph.companyOf.length).fill(Centre.Company);
		free.forEach((p, bit) => (sides[p] = (choice >> bit) & 1));
		best = Math.min(best, countCalls(graph, limits, sides));
	}
	return best;
}

const graphs = (vertices: number, pairs: number, least = 0): fc.Arbitrary<PairGraph> =>
	fc
		.uniqueArray(fc.tuple(fc.nat(vertices - 1), fc.nat(vertices - 1)), {
			minLength: least,
			maxLength: pairs,
			selector: ([user, company]) => user * vertices + company,
		})
		.map(graphOf);

const caps = (least: number, most: number): fc.Arbitrary<StarLimits> =>
	fc.record({
		companiesPerCall: fc.integer({ min: least, max: most }),
		usersPerCall: fc.integer({ min: least, max: most }),
	});

const unlisted = (vertices: number): fc.Arbitrary<Uint8Array> =>
	fc.array(fc.nat(1), { minLength: vertices, maxLength: vertices }).map((a) => Uint8Array.from(a));

const sizes = (vertices: number, least: number, most: number): fc.Arbitrary<Int32Array> =>
	fc
		.array(fc.integer({ min: least, max: most }), { minLength: vertices, maxLength: vertices })
		.map((list) => Int32Array.from(list));

const bytes = (vertices: number): fc.Arbitrary<NonNullable<StarLimits['bytes']>> =>
	fc.record({
		aroundUser: sizes(vertices, 5, 30),
		aroundCompany: sizes(vertices, 5, 30),
		ofUser: sizes(vertices, 1, 12),
		ofCompany: sizes(vertices, 1, 12),
	});

const API = { companiesPerCall: 200, usersPerCall: 500 };

describe('countCalls', () => {
	test('fills calls in pair order up to the rows and the bytes', () => {
		const graph = complete(1, 5);
		const limits = {
			companiesPerCall: 3,
			usersPerCall: 3,
			bytes: {
				aroundUser: Int32Array.of(10),
				aroundCompany: new Int32Array(5).fill(10),
				ofUser: Int32Array.of(4),
				ofCompany: Int32Array.of(6, 6, 99, 2, 2),
			},
		};
		expect(countCalls(graph, limits, new Uint8Array(5))).toBe(4);
		expect(countCalls(graph, limits, new Uint8Array(5).fill(1))).toBe(5);
		expect(countCalls(graph, { ...API, companiesPerCall: 3 }, new Uint8Array(5))).toBe(2);
	});

	test('counts what the calls written out come to', () => {
		fc.assert(
			fc.property(
				graphs(5, 20),
				caps(1, 4),
				bytes(5),
				fc.infiniteStream(fc.nat(1)),
				(graph, limits, bytes, stream) => {
					const sides = [...stream.take(graph.userOf.length)];
					const both = { ...limits, bytes };
					expect(countCalls(graph, both, Uint8Array.from(sides))).toBe(
						countedSlowly(graph, both, sides),
					);
				},
			),
		);
	});
});

describe('minimumCover', () => {
	test('covers every pair, and gives a flow that proves no cover is lighter', () => {
		fc.assert(
			fc.property(graphs(8, 40), sizes(16, 0, 9), (graph, weights) => {
				const network = finish(buildNetwork(graph, API));
				const weight = weights.slice(0, network.size);
				const { contains, flow } = finish(minimumCover(network, weight));
				const through = new Int32Array(network.size);
				flow.forEach((amount, p) => {
					const ends = [graph.userOf[p] ?? -1, graph.userCount + (graph.companyOf[p] ?? -1)];
					for (const v of ends) through[v] = (through[v] ?? 0) + amount;
					expect(amount).toBeGreaterThanOrEqual(0);
					expect(ends.some((v) => contains[v] === 1)).toBe(true);
				});
				expect([...through].filter((amount, v) => amount > (weight[v] ?? 0))).toEqual([]);
				const total = weight.reduce((sum, w, v) => sum + w * (contains[v] ?? 0), 0);
				expect(flow.reduce((sum, amount) => sum + amount, 0)).toBe(total);
			}),
			{ numRuns: 500 },
		);
	});
});

describe('chooseCentres', () => {
	test.each([
		[
			'lone pairs',
			graphOf([
				[0, 0],
				[1, 1],
				[2, 2],
			]),
			{ companiesPerCall: 200, usersPerCall: 500 },
		],
		['one pair a call', complete(3, 3), { companiesPerCall: 1, usersPerCall: 1 }],
		['as many users as companies', complete(2, 2), { companiesPerCall: 2, usersPerCall: 2 }],
	])('prefers users, whose calls tell more, where it costs nothing: %s', (_, graph, limits) => {
		expect(sidesFor(graph, limits)).toEqual(Array.from(graph.userOf, () => Centre.User));
	});

	test.each([
		['no pair', graphOf([]), 0],
		['one pair', graphOf([[0, 0]]), 1],
		['one user with 401 companies', complete(1, 401), 3],
		['one company with 501 users', complete(501, 1), 2],
		['3 users with 1000 companies each', complete(3, 1000), 15],
		['pairs apart from each other', graphOf([0, 1, 2, 3].map((i) => [i, i])), 4],
		['more companies than fit two calls a user: the rest by company', complete(40, 410), 90],
		[
			'a user with 150 companies, and a company with 300 users',
			graphOf([
				...Array.from({ length: 150 }, (_, i) => [0, i + 1] as const),
				...Array.from({ length: 300 }, (_, i) => [i + 1, 0] as const),
			]),
			2,
		],
	])('takes the fewest calls for %s', (_, graph, calls) => {
		expect(callsFor(graph, API)).toBe(calls);
	});

	test('is optimal where no vertex has more pairs than a call holds', () => {
		fc.assert(
			fc.property(graphs(6, 12), unlisted(6), (graph, centreOnly) => {
				const limits = { companiesPerCall: 6, usersPerCall: 6, centreOnly };
				expect(callsFor(graph, limits)).toBe(fewest(graph, limits));
				expect(callsFor(graph, { ...API })).toBe(fewest(graph, API));
			}),
			{ numRuns: 100 },
		);
	});

	test('misses the optimum above the caps by one call at most, and seldom', () => {
		let off = 0;
		fc.assert(
			fc.property(graphs(5, 12, 9), caps(2, 4), (graph, limits) => {
				const excess = callsFor(graph, limits) - fewest(graph, limits);
				expect([0, 1]).toContain(excess);
				off += excess;
			}),
			{ numRuns: 300, seed: 1 },
		);
		expect(off).toBeLessThanOrEqual(3);
	});

	test('is never worse than either grouping, and answers for every pair', () => {
		fc.assert(
			fc.property(
				graphs(12, 100),
				caps(1, 8),
				fc.option(unlisted(12), { nil: undefined }),
				fc.option(bytes(12), { nil: undefined }),
				(graph, rows, centreOnly, bytes) => {
					const limits = { ...rows, ...(centreOnly && { centreOnly }), ...(bytes && { bytes }) };
					const sides = sidesFor(graph, limits);
					expect(sides).toHaveLength(graph.userOf.length);
					const [byUser = [], byCompany = []] = groupings(graph, limits);
					expect(sides.filter((side, p) => side < (byUser[p] ?? 0) || side > 1)).toEqual([]);
					const calls = countedSlowly(graph, limits, sides);
					expect(calls).toBeLessThanOrEqual(countedSlowly(graph, limits, byUser));
					expect(calls).toBeLessThanOrEqual(countedSlowly(graph, limits, byCompany));
					expect(sidesFor(graph, limits)).toEqual(sides);
				},
			),
			{ numRuns: 500 },
		);
	});

	test('chooses as without a limit in bytes where every list fits', () => {
		fc.assert(
			fc.property(graphs(10, 60), caps(2, 5), (graph, limits) => {
				const ample = {
					aroundUser: new Int32Array(10).fill(1000),
					aroundCompany: new Int32Array(10).fill(1000),
					ofUser: new Int32Array(10).fill(7),
					ofCompany: new Int32Array(10).fill(9),
				};
				expect(sidesFor(graph, { ...limits, bytes: ample })).toEqual(sidesFor(graph, limits));
			}),
		);
	});

	test('turns to the side whose names are short where bytes are scarce', () => {
		const bytes = {
			aroundUser: new Int32Array(20).fill(100),
			aroundCompany: new Int32Array(20).fill(100),
			ofUser: new Int32Array(20).fill(5),
			ofCompany: new Int32Array(20).fill(50),
		};
		const graph = complete(20, 20);
		expect(sidesFor(graph, { ...API, bytes })).toEqual(Array(400).fill(Centre.Company));
	});

	test('yields as it works, and can be given up', () => {
		const graph = complete(600, 600);
		const { value, yields } = drive(chooseCentres(graph, API));
		expect(countCalls(graph, API, value)).toBe(900);
		expect(yields).toBeGreaterThan(50);
		const given = chooseCentres(graph, API);
		given.next();
		expect(given.return(new Uint8Array(0)).done).toBe(true);
		expect(given.next()).toEqual({ done: true, value: undefined });
	});
});
