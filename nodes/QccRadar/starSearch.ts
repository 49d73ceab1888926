import { at, degree, Pace, type Network } from './bipartite';

/** What one local search may spend on paths, in steps: at all, and more for each pair. */
const EFFORT = { least: 1 << 23, perPair: 10 };

/** Sums of prices that are one but for rounding do not count as more than one. */
const ROUNDING = 1e-9;

/** What pairs must be worth to open a call for them, in calls: a rule that wins none makes way. */
const WORTH_OPENING = [1, 0.75, 0.5];

/** The pairs in the emptiest call of a vertex that carries `load`. */
export function inLastCall(load: number, capacity: number): number {
	return load === 0 ? 0 : ((load - 1) % capacity) + 1;
}

/**
 * Improves a choice of carriers in place, by two moves:
 * - close: the emptiest call of a vertex is emptied into free slots of its neighbours, along paths
 *   of pairs that change sides where a neighbour is itself full;
 * - open: each pair in an emptiest call is worth 1 / (pairs in that call); a vertex that could take
 *   over pairs worth more than one call is opened. What that frees is then closed, and the whole
 *   move is taken back unless it won a call.
 */
export class StarSearch {
	private readonly load: Int32Array;
	/** The search in which a vertex was last seen, so that no search has to clear its marks. */
	private readonly seen: Int32Array;
	private readonly cameBy: Int32Array;
	private readonly queue: Int32Array;
	private readonly need: Int32Array;
	private readonly price: Float64Array;
	private search = 0;
	private readonly pace = new Pace();
	/** When so many steps are done, no further round is begun and no path looked for. */
	private readonly enough: number;

	constructor(
		private readonly network: Network,
		private readonly carrier: Int32Array,
	) {
		const { size } = network;
		this.load = new Int32Array(size);
		this.seen = new Int32Array(size);
		this.cameBy = new Int32Array(size);
		this.queue = new Int32Array(size);
		this.need = new Int32Array(size);
		this.price = new Float64Array(size);
		this.enough = EFFORT.least + EFFORT.perPair * carrier.length;
		this.countLoads();
	}

	*run(): Generator<undefined, void> {
		yield* this.closeCalls();
		let calls = this.calls();
		for (const least of WORTH_OPENING) {
			for (let won = true; won && this.pace.steps < this.enough;) {
				const before = this.carrier.slice();
				yield* this.openCalls(least);
				yield* this.closeCalls();
				const after = this.calls();
				won = after < calls;
				if (won) {
					calls = after;
				} else {
					this.carrier.set(before);
					this.countLoads();
				}
			}
		}
	}

	private countLoads(): void {
		const { size, first, pairs } = this.network;
		for (let v = 0; v < size; v++) {
			let load = 0;
			for (let i = at(first, v); i < at(first, v + 1); i++) {
				if (at(this.carrier, at(pairs, i)) === v) load++;
			}
			this.load[v] = load;
		}
	}

	private calls(): number {
		let calls = 0;
		for (let v = 0; v < this.network.size; v++) {
			calls += Math.ceil(at(this.load, v) / at(this.network.capacity, v));
		}
		return calls;
	}

	private lastCall(v: number): number {
		return inLastCall(at(this.load, v), at(this.network.capacity, v));
	}

	private hasFreeSlot(v: number): boolean {
		return at(this.load, v) % at(this.network.capacity, v) > 0;
	}

	/** Hands pair p from its carrier to its other end. */
	private move(p: number): void {
		const from = at(this.carrier, p);
		const to = at(this.network.ends, p) - from;
		this.carrier[p] = to;
		this.load[from] = at(this.load, from) - 1;
		this.load[to] = at(this.load, to) + 1;
	}

	/** Closes what can be closed, the emptiest calls first, until a pass closes none. */
	private *closeCalls(): Generator<undefined, void> {
		const { size } = this.network;
		const order = new Float64Array(size);
		for (let closed = -1; closed !== 0 && this.pace.steps < this.enough;) {
			closed = 0;
			let open = 0;
			for (let v = 0; v < size; v++) {
				if (at(this.load, v) > 0) order[open++] = this.lastCall(v) * size + v;
			}
			for (const key of order.subarray(0, open).sort()) {
				const v = key % size;
				while (this.closeCall(v)) closed++;
				if (this.pace.due()) yield;
			}
		}
	}

	/** Moves every pair of the emptiest call of v elsewhere, or none. */
	private closeCall(v: number): boolean {
		const { first, pairs, ends } = this.network;
		let left = this.lastCall(v);
		if (left === 0) return false;
		const begin = at(first, v);
		const end = at(first, v + 1);
		this.pace.steps += end - begin;
		let movable = 0;
		for (let i = begin; i < end; i++) {
			const p = at(pairs, i);
			if (at(this.carrier, p) === v && at(this.load, at(ends, p) - v) > 0) movable++;
		}
		if (movable < left) return false;

		const moved: number[] = [];
		for (let i = begin; i < end && left > 0; i++) {
			const p = at(pairs, i);
			if (at(this.carrier, p) !== v || !this.hasFreeSlot(at(ends, p) - v)) continue;
			this.move(p);
			moved.push(p);
			left--;
		}
		const dead = ++this.search;
		this.seen[v] = dead;
		for (let i = begin; i < end && left > 0; i++) {
			const p = at(pairs, i);
			if (at(this.carrier, p) !== v || !this.freeSlotAt(at(ends, p) - v, dead, moved)) continue;
			this.move(p);
			moved.push(p);
			left--;
		}
		if (left === 0) return true;
		for (let m = moved.length - 1; m >= 0; m--) this.move(moved[m] ?? 0);
		return false;
	}

	/**
	 * Frees a slot at a full vertex along the shortest path of moves to a free slot. Vertices that
	 * reach none are marked `dead`, for the rest of the attempt to close a call.
	 */
	private freeSlotAt(start: number, dead: number, moved: number[]): boolean {
		const { first, pairs, ends } = this.network;
		const { seen, queue, cameBy } = this;
		if (at(seen, start) === dead || this.pace.steps > this.enough) return false;
		seen[start] = dead;
		cameBy[start] = -1;
		queue[0] = start;
		let queued = 1;
		for (let head = 0; head < queued; head++) {
			const v = at(queue, head);
			this.pace.steps += degree(this.network, v);
			for (let i = at(first, v); i < at(first, v + 1); i++) {
				const p = at(pairs, i);
				if (at(this.carrier, p) !== v) continue;
				const w = at(ends, p) - v;
				if (at(seen, w) === dead) continue;
				seen[w] = dead;
				cameBy[w] = p;
				queue[queued++] = w;
				if (!this.hasFreeSlot(w)) continue;
				for (let to = w; to !== start;) {
					const step = at(cameBy, to);
					this.move(step);
					moved.push(step);
					to = at(ends, step) - to;
				}
				for (let q = 0; q < queued; q++) seen[at(queue, q)] = 0;
				return true;
			}
		}
		return false;
	}

	private *openCalls(least: number): Generator<undefined, void> {
		const { size } = this.network;
		for (let v = 0; v < size; v++) {
			const need = this.lastCall(v);
			this.need[v] = need;
			this.price[v] = need > 0 ? 1 / need : 0;
		}
		const worth = new Float64Array(size);
		const candidates: number[] = [];
		for (let v = 0; v < size; v++) {
			worth[v] = this.worth(v);
			if (at(worth, v) > least) candidates.push(v);
			if (this.pace.due()) yield;
		}
		candidates.sort((a, b) => at(worth, b) - at(worth, a) || a - b);
		for (const v of candidates) {
			if (this.worth(v) <= least) continue;
			this.need[v] = 0;
			for (const p of this.takeable(v)) {
				const from = at(this.carrier, p);
				this.need[from] = at(this.need, from) - 1;
				this.move(p);
			}
			if (this.pace.due()) yield;
		}
	}

	/** How many calls the pairs are worth that one more call around v would best take over. */
	private worth(v: number): number {
		const { first, pairs, ends, capacity } = this.network;
		this.pace.steps += degree(this.network, v);
		let worth = 0;
		let offered = 0;
		for (let i = at(first, v); i < at(first, v + 1); i++) {
			const from = at(ends, at(pairs, i)) - v;
			if (at(this.carrier, at(pairs, i)) === v || at(this.need, from) === 0) continue;
			worth += at(this.price, from);
			offered++;
		}
		if (offered > at(capacity, v)) {
			worth = 0;
			for (const p of this.takeable(v)) worth += at(this.price, at(ends, p) - v);
		}
		return worth - ROUNDING;
	}

	/** The pairs worth most that fit one more call around v, and the free slots it has. */
	private takeable(v: number): number[] {
		const { first, pairs, ends, capacity } = this.network;
		const offered: number[] = [];
		for (let i = at(first, v); i < at(first, v + 1); i++) {
			const p = at(pairs, i);
			if (at(this.carrier, p) !== v && at(this.need, at(ends, p) - v) > 0) offered.push(p);
		}
		const used = at(this.load, v) % at(capacity, v);
		const room = at(capacity, v) + (used > 0 ? at(capacity, v) - used : 0);
		if (offered.length <= room) return offered;
		const price = (p: number): number => at(this.price, at(ends, p) - v);
		return offered.sort((a, b) => price(b) - price(a) || a - b).slice(0, room);
	}
}
