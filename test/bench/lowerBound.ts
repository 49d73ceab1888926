import { degree, minimumCover, type Network } from '../../nodes/QccRadar/plan/bipartite';
import { buildNetwork, type PairGraph, type StarLimits } from '../../nodes/QccRadar/plan/starCover';
import { finish } from '../harness/finish';

/** Weights of the cover are whole numbers; one call weighs this much. */
const ONE_CALL = 1 << 20;

/** Sums of fractions may come out this much too high. */
const ROUNDING = 1e-6;

/**
 * Calls that no choice of centres can do with less of; needs no search, so it holds at any size.
 *
 * A heavy vertex, one of d = qK + r pairs with K to a call and 0 < r ≤ K, takes ⌈(d − y) / K⌉ calls
 * when y pairs go to the other side. For every slope s from 1/K to 1/r that is at least a line
 * base(s) − s·y, with base d/K at the one end and q + 1 at the other. With a slope for each heavy
 * vertex, the total is at least Σ base, less the greater slope of each pair between two heavy
 * vertices, plus the lightest vertex cover of the rest, where a light vertex weighs 1 − Σ slopes of
 * its heavy neighbours (below 0 it is taken for what it brings in). The cover's weight is taken
 * from the flow, which is checked here, and the best of three choices of slopes counts. Where no
 * vertex is heavy this is König's bound: the matching, which is the optimum.
 */
export function lowerBound(graph: PairGraph, limits: StarLimits): number {
	const network = finish(buildNetwork(graph, limits));
	const perPair = (v: number): number => 1 / capacityOf(network, v);
	const perLastPair = (v: number): number => 1 / lastCall(network, v);
	const heavy = Array.from({ length: network.size }, (_, v) => v).filter((v) =>
		isHeavy(network, v),
	);
	const slopes = new Float64Array(network.size);
	for (const h of heavy) slopes[h] = perPair(h);
	const gentle = boundWith(network, heavy, slopes);
	if (heavy.length === 0) return gentle.calls;

	const raised = slopes.slice();
	for (const h of heavy.toSorted((a, b) => perLastPair(a) - perLastPair(b) || a - b)) {
		let room = perLastPair(h) - perPair(h);
		for (const w of neighbours(network, h)) room = Math.min(room, gentle.spare[w] ?? 0);
		if (room <= 0) continue;
		raised[h] = perPair(h) + room;
		for (const w of neighbours(network, h)) gentle.spare[w] = (gentle.spare[w] ?? 0) - room;
	}
	for (const h of heavy) slopes[h] = perLastPair(h);
	const bounds = [gentle, boundWith(network, heavy, raised), boundWith(network, heavy, slopes)];
	return Math.max(...bounds.map(({ calls }) => calls));
}

/** The bound with these slopes, and what each light vertex has left of its weight, in calls. */
function boundWith(
	network: Network,
	heavy: readonly number[],
	slopes: Float64Array,
): { calls: number; spare: Float64Array } {
	let total = 0;
	const left = new Float64Array(network.size).fill(1);
	for (const h of heavy) {
		const slope = slopes[h] ?? 0;
		total += base(network, h, slope);
		for (const w of neighbours(network, h)) {
			if (!isHeavy(network, w)) left[w] = (left[w] ?? 0) - slope;
			// Each pair of two heavy vertices comes by twice.
			else total -= Math.max(slope, slopes[w] ?? 0) / 2;
		}
	}
	for (const h of heavy) left[h] = 0;
	for (const weight of left) total += Math.min(0, weight);
	const weights = Int32Array.from(left, (weight) => Math.floor(Math.max(0, weight) * ONE_CALL));
	const { flow } = finish(minimumCover(network, weights));
	const spare = new Int32Array(weights);
	for (let v = 0; v < network.size; v++) {
		for (const p of pairsOf(network, v)) {
			const amount = flow[p] ?? 0;
			if (amount < 0) throw new Error('The flow is not one: it runs backwards');
			spare[v] = (spare[v] ?? 0) - amount;
			if (v < network.userCount) total += amount / ONE_CALL;
		}
		if ((spare[v] ?? 0) < 0) throw new Error('The flow is not one: it exceeds a weight');
	}
	return {
		calls: Math.ceil(total - ROUNDING),
		spare: Float64Array.from(spare, (weight) => weight / ONE_CALL),
	};
}

/** Where the line of this slope starts that stays under the calls of heavy vertex h. */
function base(network: Network, h: number, slope: number): number {
	const [pairs, capacity] = [degree(network, h), capacityOf(network, h)];
	const [low, high] = [1 / capacity, 1 / lastCall(network, h)];
	const share = high > low ? (slope - low) / (high - low) : 0;
	return share * Math.ceil(pairs / capacity) + (1 - share) * (pairs / capacity);
}

/** Pairs in the last call of a vertex that carries all its pairs. */
function lastCall(network: Network, v: number): number {
	return ((degree(network, v) - 1) % capacityOf(network, v)) + 1;
}

function capacityOf(network: Network, v: number): number {
	return network.capacity[v] ?? 0;
}

function isHeavy(network: Network, v: number): boolean {
	return degree(network, v) > capacityOf(network, v);
}

function pairsOf({ first, pairs }: Network, v: number): Int32Array {
	return pairs.subarray(first[v], first[v + 1]);
}

function* neighbours(network: Network, v: number): Generator<number> {
	for (const p of pairsOf(network, v)) yield (network.ends[p] ?? 0) - v;
}
