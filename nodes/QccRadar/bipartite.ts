/** Bipartite graphs as adjacency lists, and their lightest vertex covers. */

/** The graph. Users are vertices 0 … userCount − 1, companies follow. */
export interface Network {
	readonly size: number;
	readonly userCount: number;
	/** The pairs of vertex v are pairs[first[v]] … pairs[first[v + 1] − 1]. */
	readonly first: Int32Array;
	readonly pairs: Int32Array;
	/** The sum of a pair's two vertices: less the one, it is the other. */
	readonly ends: Int32Array;
	/** Pairs one call around the vertex holds. */
	readonly capacity: Int32Array;
}

/** Typed arrays are indexed within their bounds only; the fallback is there for the compiler. */
export function at(array: Int32Array | Uint8Array | Float64Array, index: number): number {
	return array[index] ?? 0;
}

export function degree({ first }: Network, v: number): number {
	return at(first, v + 1) - at(first, v);
}

/** Steps of work between two yields: a few milliseconds. */
const SLICE = 1 << 17;

/** Counts steps of work, and tells a generator when to yield. */
export class Pace {
	steps = 0;
	private yieldedAt = 0;

	due(): boolean {
		if (this.steps - this.yieldedAt < SLICE) return false;
		this.yieldedAt = this.steps;
		return true;
	}
}

/** A vertex cover of least weight, and the flow that proves it. */
export interface Cover {
	/** 1 = the vertex is in the cover. */
	readonly contains: Uint8Array;
	/** By pair: at each vertex it sums to the vertex's weight at most, in all to the cover's. */
	readonly flow: Int32Array;
}

/**
 * A vertex cover of least weight, by maximum flow from users to companies: a greedy flow, raised
 * along shortest paths. What a search saw without finding a path can never lie on one, so it is
 * not seen again, and at the end it tells the cover. Vertices without weight are in it.
 */
export function* minimumCover(network: Network, weight: Int32Array): Generator<undefined, Cover> {
	const pace = new Pace();
	const { size, userCount, first, pairs, ends } = network;
	const spare = weight.slice();
	const flow = new Int32Array(ends.length);
	yield* greedyFlow(network, spare, flow, pace);
	const seen = new Uint8Array(size);
	const queue = new Int32Array(size);
	const cameBy = new Int32Array(size);
	for (let root = 0; root < userCount; root++) {
		let goal = root;
		while (goal >= 0 && at(spare, root) > 0 && at(seen, root) === 0) {
			goal = -1;
			seen[root] = 1;
			queue[0] = root;
			let queued = 1;
			for (let head = 0; head < queued && goal < 0; head++) {
				const v = at(queue, head);
				pace.steps += degree(network, v);
				for (let i = at(first, v); i < at(first, v + 1); i++) {
					const p = at(pairs, i);
					const w = at(ends, p) - v;
					if (at(seen, w) === 1 || (v >= userCount && at(flow, p) === 0)) continue;
					seen[w] = 1;
					cameBy[w] = p;
					queue[queued++] = w;
					if (w < userCount || at(spare, w) === 0) continue;
					goal = w;
					break;
				}
				if (pace.due()) yield;
			}
			if (goal < 0) break;
			let amount = Math.min(at(spare, root), at(spare, goal));
			for (let v = goal; v !== root; v = at(ends, at(cameBy, v)) - v) {
				if (v < userCount) amount = Math.min(amount, at(flow, at(cameBy, v)));
			}
			for (let v = goal; v !== root; v = at(ends, at(cameBy, v)) - v) {
				const p = at(cameBy, v);
				flow[p] = at(flow, p) + (v < userCount ? -amount : amount);
			}
			spare[root] = at(spare, root) - amount;
			spare[goal] = at(spare, goal) - amount;
			for (let q = 0; q < queued; q++) seen[at(queue, q)] = 0;
		}
	}
	const contains = new Uint8Array(size);
	for (let v = 0; v < size; v++) {
		contains[v] = at(weight, v) === 0 || at(seen, v) === Number(v >= userCount) ? 1 : 0;
	}
	return { contains, flow };
}

/** A flow near the greatest (Karp, Sipser): a vertex with one way left to send goes first. */
function* greedyFlow(
	network: Network,
	spare: Int32Array,
	flow: Int32Array,
	pace: Pace,
): Generator<undefined, void> {
	const { size, userCount, first, pairs, ends } = network;
	const ways = new Int32Array(size);
	const leaves: number[] = [];
	for (let v = 0; v < size; v++) {
		for (let i = at(first, v); i < at(first, v + 1); i++) {
			if (at(spare, at(ends, at(pairs, i)) - v) > 0) ways[v] = at(ways, v) + 1;
		}
		if (at(ways, v) === 1) leaves.push(v);
		pace.steps += degree(network, v);
		if (pace.due()) yield;
	}
	/** Sends all it can along pair p; the neighbours of an end that is used up have one way less. */
	const send = (p: number, v: number): void => {
		const w = at(ends, p) - v;
		const amount = Math.min(at(spare, v), at(spare, w));
		flow[p] = at(flow, p) + amount;
		for (const end of [v, w]) {
			spare[end] = at(spare, end) - amount;
			if (at(spare, end) > 0) continue;
			pace.steps += degree(network, end);
			for (let i = at(first, end); i < at(first, end + 1); i++) {
				const other = at(ends, at(pairs, i)) - end;
				ways[other] = at(ways, other) - 1;
				if (at(ways, other) === 1) leaves.push(other);
			}
		}
	};
	const sendAll = (v: number): void => {
		for (let i = at(first, v); i < at(first, v + 1) && at(spare, v) > 0; i++) {
			const p = at(pairs, i);
			if (at(spare, at(ends, p) - v) > 0) send(p, v);
		}
	};
	for (let user = 0; user < userCount;) {
		sendAll(leaves.pop() ?? user++);
		if (pace.due()) yield;
	}
}
