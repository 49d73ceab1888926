/**
 * Bipartite graphs as adjacency lists, and their lightest vertex covers.
 *
 * Here and in the star cover, typed arrays are only read within their bounds: their `?? 0` never
 * comes to pass, it is there for the compiler. A function in its place costs four times the time.
 */

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

export function degree({ first }: Network, v: number): number {
	return (first[v + 1] ?? 0) - (first[v] ?? 0);
}

/** Steps of work between two yields: a few milliseconds. */
const STEPS_BETWEEN_YIELDS = 1 << 17;

/** Counts steps of work, and tells a generator when to yield. */
export class Pace {
	steps = 0;
	private yieldedAt = 0;

	due(): boolean {
		if (this.steps - this.yieldedAt < STEPS_BETWEEN_YIELDS) return false;
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
		while (goal >= 0 && (spare[root] ?? 0) > 0 && seen[root] === 0) {
			goal = -1;
			seen[root] = 1;
			queue[0] = root;
			let queued = 1;
			for (let head = 0; head < queued && goal < 0; head++) {
				const v = queue[head] ?? 0;
				pace.steps += degree(network, v);
				for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
					const p = pairs[i] ?? 0;
					const w = (ends[p] ?? 0) - v;
					if (seen[w] === 1 || (v >= userCount && flow[p] === 0)) continue;
					seen[w] = 1;
					cameBy[w] = p;
					queue[queued++] = w;
					if (w < userCount || spare[w] === 0) continue;
					goal = w;
					break;
				}
				if (pace.due()) yield;
			}
			if (goal < 0) break;
			let amount = Math.min(spare[root] ?? 0, spare[goal] ?? 0);
			for (let v = goal; v !== root; v = (ends[cameBy[v] ?? 0] ?? 0) - v) {
				if (v < userCount) amount = Math.min(amount, flow[cameBy[v] ?? 0] ?? 0);
			}
			for (let v = goal; v !== root; v = (ends[cameBy[v] ?? 0] ?? 0) - v) {
				const p = cameBy[v] ?? 0;
				flow[p] = (flow[p] ?? 0) + (v < userCount ? -amount : amount);
			}
			spare[root] = (spare[root] ?? 0) - amount;
			spare[goal] = (spare[goal] ?? 0) - amount;
			for (let q = 0; q < queued; q++) seen[queue[q] ?? 0] = 0;
		}
	}
	const contains = new Uint8Array(size);
	for (let v = 0; v < size; v++) {
		contains[v] = weight[v] === 0 || seen[v] === Number(v >= userCount) ? 1 : 0;
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
		for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
			if ((spare[(ends[pairs[i] ?? 0] ?? 0) - v] ?? 0) > 0) ways[v] = (ways[v] ?? 0) + 1;
		}
		if (ways[v] === 1) leaves.push(v);
		pace.steps += degree(network, v);
		if (pace.due()) yield;
	}
	/** Sends all it can along pair p; the neighbours of an end that is used up have one way less. */
	const send = (p: number, v: number): void => {
		const w = (ends[p] ?? 0) - v;
		const amount = Math.min(spare[v] ?? 0, spare[w] ?? 0);
		flow[p] = (flow[p] ?? 0) + amount;
		for (const end of [v, w]) {
			spare[end] = (spare[end] ?? 0) - amount;
			if ((spare[end] ?? 0) > 0) continue;
			pace.steps += degree(network, end);
			for (let i = first[end] ?? 0; i < (first[end + 1] ?? 0); i++) {
				const other = (ends[pairs[i] ?? 0] ?? 0) - end;
				ways[other] = (ways[other] ?? 0) - 1;
				if (ways[other] === 1) leaves.push(other);
			}
		}
	};
	const sendAll = (v: number): void => {
		for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0) && (spare[v] ?? 0) > 0; i++) {
			const p = pairs[i] ?? 0;
			if ((spare[(ends[p] ?? 0) - v] ?? 0) > 0) send(p, v);
		}
	};
	for (let user = 0; user < userCount;) {
		sendAll(leaves.pop() ?? user++);
		if (pace.due()) yield;
	}
}
