/**
 * Covering a bipartite graph with the fewest stars of bounded size.
 *
 * Every pair (user, company) is an edge, every call a star: one user with a number of companies, or
 * one company with a number of users. To choose is which end of each edge carries it, so that
 * Σ ⌈load / capacity⌉ over all vertices is least.
 *
 * - Where no vertex has more pairs than one call holds, the answer is a minimum vertex cover, found
 *   by a maximum flow (König's theorem): proven optimal.
 * - Vertices above that are called heavy; with them the problem is NP-hard. Each heavy vertex gets
 *   a price per pair, a light vertex weighs what opening it costs beyond what it saves its heavy
 *   neighbours, max(0, 1 − Σ price), and the same flow finds the lightest cover. This and both
 *   plain groupings are improved by local search, and the best is taken: never worse than grouping
 *   by user or by company. Beyond that it is a heuristic, without a proven ratio.
 *
 * Time: the flow takes O(V E) at worst where all weights are equal, and near linear time on every
 * family of graphs in the benchmark; each search stops after a number of steps linear in E.
 * Memory: about 40 bytes a pair. The same input always gets the same answer.
 */

import { degree, minimumCover, Pace, type Network } from './bipartite';
import { inLastCall, StarSearch } from './starSearch';

export interface PairGraph {
	/** Pair p joins user userOf[p] and company companyOf[p], both numbered from 0; no pair twice. */
	readonly userOf: Int32Array;
	readonly companyOf: Int32Array;
	readonly userCount: number;
	readonly companyCount: number;
}

/** What one call can carry around a user, or around a company. */
export interface StarLimits {
	/** Rows per call at most: companies around a user, users around a company. */
	readonly companiesPerCall: number;
	readonly usersPerCall: number;
	/**
	 * Where the server's URL limit is known: the bytes left for the list in a call around this user
	 * or company, and the bytes each name takes in a list, its comma included.
	 */
	readonly bytes?: {
		readonly aroundUser: Int32Array;
		readonly aroundCompany: Int32Array;
		readonly ofUser: Int32Array;
		readonly ofCompany: Int32Array;
	};
	/** 1 = this company cannot stand in a list: it is always the centre. */
	readonly centreOnly?: Uint8Array;
}

/** Which end of a pair is the centre of the call it travels in. */
export const Centre = { User: 0, Company: 1 } as const;

/**
 * The centre of every pair's call, as `Centre` values by pair. Yields every few milliseconds, so
 * that the caller can let the event loop breathe, or give up; the returned value is the answer.
 */
export function* chooseCentres(
	graph: PairGraph,
	limits: StarLimits,
): Generator<undefined, Uint8Array> {
	const network = yield* buildNetwork(graph, limits);
	const heavy = heavyVertices(network);
	const tried: Uint8Array[] = [];
	let best: Uint8Array = new Uint8Array(graph.userOf.length);
	let fewest = Infinity;
	const consider = (sides: Uint8Array): number => {
		tried.push(sides);
		const calls = countCalls(graph, limits, sides);
		if (calls < fewest) {
			best = sides;
			fewest = calls;
		}
		return calls;
	};
	for (const start of startsFor(graph, network, heavy)) {
		const carrier = yield* start();
		const sides = sidesOf(graph, limits, carrier);
		if (tried.some((other) => other.every((side, p) => side === sides[p]))) continue;
		yield;
		const calls = consider(sides);
		yield;
		if (heavy.length === 0 || calls > WORTH_SEARCHING * fewest) continue;
		yield* new StarSearch(network, carrier).run();
		consider(sidesOf(graph, limits, carrier));
		yield;
	}
	const preferred = towardsUsers(graph, limits, best);
	yield;
	return countCalls(graph, limits, preferred) <= fewest ? preferred : best;
}

/**
 * Moves pairs to their user where that costs no call: an answer about a user's companies tells the
 * companies' numbers (`keyNo`), one about a company's users does not. Under a byte limit it may cost
 * one after all, which the caller sees.
 */
function towardsUsers(graph: PairGraph, limits: StarLimits, sides: Uint8Array): Uint8Array {
	const { userOf, companyOf } = graph;
	const userLoad = new Int32Array(graph.userCount);
	const companyLoad = new Int32Array(graph.companyCount);
	for (let p = 0; p < sides.length; p++) {
		const [load, centre] =
			sides[p] === Centre.User ? [userLoad, userOf[p] ?? 0] : [companyLoad, companyOf[p] ?? 0];
		load[centre] = (load[centre] ?? 0) + 1;
	}
	return sides.map((side, p) => {
		const user = userOf[p] ?? 0;
		const company = companyOf[p] ?? 0;
		if (side === Centre.User || limits.centreOnly?.[company]) return side;
		const carried = userLoad[user] ?? 0;
		const left = (companyLoad[company] ?? 0) - 1;
		const opens = carried % limits.companiesPerCall === 0;
		const closes = left % limits.usersPerCall === 0;
		if (opens && !closes) return side;
		userLoad[user] = carried + 1;
		companyLoad[company] = left;
		return Centre.User;
	});
}

/** How many calls the choice takes, each centre's pairs filled into calls in pair order. */
export function countCalls(graph: PairGraph, limits: StarLimits, sides: Uint8Array): number {
	const { userOf, companyOf, userCount } = graph;
	const { bytes } = limits;
	const rows = new Int32Array(userCount + graph.companyCount);
	const used = new Int32Array(bytes ? rows.length : 0);
	let calls = 0;
	for (let p = 0; p < sides.length; p++) {
		const user = userOf[p] ?? 0;
		const company = companyOf[p] ?? 0;
		const aroundUser = sides[p] === Centre.User;
		const centre = aroundUser ? user : userCount + company;
		const limit = aroundUser ? limits.companiesPerCall : limits.usersPerCall;
		let full = (rows[centre] ?? 0) % limit === 0;
		if (bytes) {
			const size = aroundUser ? (bytes.ofCompany[company] ?? 0) : (bytes.ofUser[user] ?? 0);
			const room = aroundUser ? (bytes.aroundUser[user] ?? 0) : (bytes.aroundCompany[company] ?? 0);
			full ||= (used[centre] ?? 0) + size > room;
			used[centre] = size + (full ? 0 : (used[centre] ?? 0));
		}
		rows[centre] = full ? 1 : (rows[centre] ?? 0) + 1;
		if (full) calls++;
	}
	return calls;
}

/** Pairs of a company that must be the centre are left out: there is nothing to choose. */
export function* buildNetwork(graph: PairGraph, limits: StarLimits): Generator<undefined, Network> {
	const { userOf, companyOf, userCount } = graph;
	const size = userCount + graph.companyCount;
	const first = new Int32Array(size + 2);
	const ends = new Int32Array(userOf.length);
	const pace = new Pace();
	for (let p = 0; p < ends.length; p++) {
		pace.steps++;
		if (pace.due()) yield;
		const company = companyOf[p] ?? 0;
		if (limits.centreOnly?.[company]) continue;
		const user = userOf[p] ?? 0;
		ends[p] = user + userCount + company;
		first[user + 2] = (first[user + 2] ?? 0) + 1;
		first[userCount + company + 2] = (first[userCount + company + 2] ?? 0) + 1;
	}
	for (let v = 2; v < first.length; v++) first[v] = (first[v] ?? 0) + (first[v - 1] ?? 0);
	const pairs = new Int32Array(first[size + 1] ?? 0);
	const put = (v: number, p: number): void => {
		const slot = first[v + 1] ?? 0;
		pairs[slot] = p;
		first[v + 1] = slot + 1;
	};
	for (let p = 0; p < ends.length; p++) {
		pace.steps++;
		if (pace.due()) yield;
		const company = companyOf[p] ?? 0;
		if (limits.centreOnly?.[company]) continue;
		put(userOf[p] ?? 0, p);
		put(userCount + company, p);
	}
	const network = { size, userCount, first, pairs, ends, capacity: new Int32Array(size) };
	fillCapacities(graph, limits, network);
	return network;
}

/** Under a limit in bytes, a call is taken to hold as many names as the mean length lets in. */
function fillCapacities(graph: PairGraph, limits: StarLimits, network: Network): void {
	const { userCount, first, pairs, capacity } = network;
	const { bytes } = limits;
	for (let v = 0; v < network.size; v++) {
		const isUser = v < userCount;
		const rows = isUser ? limits.companiesPerCall : limits.usersPerCall;
		capacity[v] = rows;
		if (!bytes) continue;
		const room = isUser ? (bytes.aroundUser[v] ?? 0) : (bytes.aroundCompany[v - userCount] ?? 0);
		let listed = 0;
		for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
			const p = pairs[i] ?? 0;
			listed += isUser
				? (bytes.ofCompany[graph.companyOf[p] ?? 0] ?? 0)
				: (bytes.ofUser[graph.userOf[p] ?? 0] ?? 0);
		}
		const fitting = Math.floor((room * degree(network, v)) / Math.max(1, listed));
		capacity[v] = listed <= room ? rows : Math.max(1, Math.min(rows, fitting));
	}
}

/** A start that takes more than this many times the fewest calls known is not searched from. */
const WORTH_SEARCHING = 1.1;

/** Weights are whole numbers, so that flows are exact: one call weighs this much. */
const ONE_CALL = 1 << 20;

function heavyVertices(network: Network): number[] {
	const heavy = [];
	for (let v = 0; v < network.size; v++) {
		if (degree(network, v) > (network.capacity[v] ?? 0)) heavy.push(v);
	}
	return heavy;
}

type Start = () => Generator<undefined, Int32Array>;

/** What the search may start from: the vertex that carries each pair. */
function startsFor(graph: PairGraph, network: Network, heavy: readonly number[]): Start[] {
	const { capacity, userCount } = network;
	const inCall = (v: number): number => capacity[v] ?? 0;
	const inLast = (v: number): number => inLastCall(degree(network, v), capacity[v] ?? 0);
	const byUser: Start = function* () {
		yield;
		return graph.userOf.slice();
	};
	const byCompany: Start = function* () {
		yield;
		return graph.companyOf.map((company) => userCount + company);
	};
	const byCover: Start = () => coverCarriers(network, heavy, inCall);
	const byLastCall: Start = () => coverCarriers(network, heavy, inLast);
	return heavy.length > 0 ? [byCover, byLastCall, byUser, byCompany] : [byCover, byUser, byCompany];
}

/**
 * Carriers by the lightest cover: a light vertex in it, else a heavy one, else the larger calls.
 * A pair taken from a heavy vertex saves one call divided by `shared`.
 */
function* coverCarriers(
	network: Network,
	heavy: readonly number[],
	shared: (v: number) => number,
): Generator<undefined, Int32Array> {
	const { size, userCount, first, pairs, ends, capacity } = network;
	const pace = new Pace();
	const weight = new Int32Array(size).fill(ONE_CALL);
	for (const h of heavy) {
		const price = ONE_CALL / shared(h);
		for (let i = first[h] ?? 0; i < (first[h + 1] ?? 0); i++) {
			const w = (ends[pairs[i] ?? 0] ?? 0) - h;
			weight[w] = Math.max(0, (weight[w] ?? 0) - price);
		}
		pace.steps += degree(network, h);
		if (pace.due()) yield;
	}
	for (const h of heavy) weight[h] = 0;
	const { contains } = yield* minimumCover(network, weight);
	const rank = contains.map((contained) => 2 * contained);
	for (const h of heavy) rank[h] = 1;
	const carrier = new Int32Array(ends.length);
	for (let u = 0; u < userCount; u++) {
		for (let i = first[u] ?? 0; i < (first[u + 1] ?? 0); i++) {
			const p = pairs[i] ?? 0;
			const c = (ends[p] ?? 0) - u;
			const byRank = (rank[u] ?? 0) - (rank[c] ?? 0) || (capacity[u] ?? 0) - (capacity[c] ?? 0);
			carrier[p] = byRank > 0 ? u : c;
		}
		pace.steps += degree(network, u);
		if (pace.due()) yield;
	}
	return carrier;
}

function sidesOf(graph: PairGraph, limits: StarLimits, carrier: Int32Array): Uint8Array {
	const sides = new Uint8Array(carrier.length);
	for (let p = 0; p < sides.length; p++) {
		const forced = limits.centreOnly?.[graph.companyOf[p] ?? 0] === 1;
		sides[p] = forced || (carrier[p] ?? 0) >= graph.userCount ? Centre.Company : Centre.User;
	}
	return sides;
}
