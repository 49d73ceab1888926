import { degree, Pace, type Network } from './bipartite';

/** What may be spent on one search, and on closing one call, in steps along the adjacency lists. */
const EFFORT = { least: 1 << 24, perPair: 4, perCall: 1 << 20 };

/** Worths are told apart to one part in this many when they are put in order. */
const RESOLUTION = 1e6;

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
	/** Pairs still to be taken over before the emptiest call of a vertex is empty. */
	private readonly need: Int32Array;
	/** What taking over one of them is worth, in calls. */
	private readonly price: Float64Array;
	private search = 0;
	private readonly pace = new Pace();
	/** When so many steps are done, no further round is begun. */
	private readonly enough: number;
	/** When so many steps are done, no further path is looked for to close a call. */
	private patience = 0;

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
				if (!(yield* this.openCalls(least))) break;
				yield* this.closeCalls();
				const after = this.calls();
				won = after < calls;
				if (won) calls = after;
				else {
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
			for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
				if (this.carrier[pairs[i] ?? 0] === v) load++;
			}
			this.load[v] = load;
		}
	}

	private calls(): number {
		let calls = 0;
		for (let v = 0; v < this.network.size; v++) {
			calls += Math.ceil((this.load[v] ?? 0) / (this.network.capacity[v] ?? 0));
		}
		return calls;
	}

	private lastCall(v: number): number {
		return inLastCall(this.load[v] ?? 0, this.network.capacity[v] ?? 0);
	}

	private hasFreeSlot(v: number): boolean {
		return (this.load[v] ?? 0) % (this.network.capacity[v] ?? 0) > 0;
	}

	/** Slots at v if one more call around it were opened. */
	private roomWithOneMore(v: number): number {
		const capacity = this.network.capacity[v] ?? 0;
		const used = (this.load[v] ?? 0) % capacity;
		return used === 0 ? capacity : 2 * capacity - used;
	}

	/** Hands pair p from its carrier to its other end. */
	private move(p: number): void {
		const from = this.carrier[p] ?? 0;
		const to = (this.network.ends[p] ?? 0) - from;
		this.carrier[p] = to;
		this.load[from] = (this.load[from] ?? 0) - 1;
		this.load[to] = (this.load[to] ?? 0) + 1;
	}

	/** Closes what can be closed, the emptiest calls first, until a pass closes none. */
	private *closeCalls(): Generator<undefined, void> {
		const { size } = this.network;
		const order = new Float64Array(size);
		for (let closed = -1; closed !== 0 && this.pace.steps < this.enough;) {
			closed = 0;
			let open = 0;
			for (let v = 0; v < size; v++) {
				if ((this.load[v] ?? 0) > 0) order[open++] = this.lastCall(v) * size + v;
			}
			for (const key of order.subarray(0, open).sort()) {
				const v = key % size;
				for (let more = true; more;) {
					more = this.closeCall(v);
					if (more) closed++;
					if (this.pace.due()) yield;
				}
			}
		}
	}

	/** Moves every pair of the emptiest call of v elsewhere, or none. */
	private closeCall(v: number): boolean {
		const { first, pairs, ends } = this.network;
		let left = this.lastCall(v);
		if (left === 0) return false;
		const begin = first[v] ?? 0;
		const end = first[v + 1] ?? 0;
		this.pace.steps += end - begin;
		let movable = 0;
		for (let i = begin; i < end; i++) {
			const p = pairs[i] ?? 0;
			if (this.carrier[p] === v && (this.load[(ends[p] ?? 0) - v] ?? 0) > 0) movable++;
		}
		if (movable < left) return false;

		const moved: number[] = [];
		const search = ++this.search;
		this.patience = Math.min(this.enough, this.pace.steps + EFFORT.perCall);
		this.seen[v] = search;
		for (const far of [false, true]) {
			for (let i = begin; i < end && left > 0; i++) {
				const p = pairs[i] ?? 0;
				if (this.carrier[p] !== v) continue;
				const w = (ends[p] ?? 0) - v;
				if (far ? !this.freeSlotAt(w, search, moved) : !this.hasFreeSlot(w)) continue;
				this.move(p);
				moved.push(p);
				left--;
			}
		}
		if (left === 0) return true;
		for (let m = moved.length - 1; m >= 0; m--) this.move(moved[m] ?? 0);
		return false;
	}

	/**
	 * Frees a slot at a full vertex along the shortest path of moves to a free slot. Vertices that
	 * reach none stay marked as seen, for the rest of the attempt to close a call.
	 */
	private freeSlotAt(start: number, search: number, moved: number[]): boolean {
		const { first, pairs, ends } = this.network;
		const { seen, queue, cameBy } = this;
		if (seen[start] === search || this.pace.steps > this.patience) return false;
		seen[start] = search;
		cameBy[start] = -1;
		queue[0] = start;
		let queued = 1;
		for (let head = 0; head < queued; head++) {
			const v = queue[head] ?? 0;
			this.pace.steps += degree(this.network, v);
			for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
				const p = pairs[i] ?? 0;
				if (this.carrier[p] !== v) continue;
				const w = (ends[p] ?? 0) - v;
				if (seen[w] === search) continue;
				seen[w] = search;
				cameBy[w] = p;
				queue[queued++] = w;
				if (!this.hasFreeSlot(w)) continue;
				for (let to = w; to !== start;) {
					const step = cameBy[to] ?? 0;
					this.move(step);
					moved.push(step);
					to = (ends[step] ?? 0) - to;
				}
				for (let q = 0; q < queued; q++) seen[queue[q] ?? 0] = 0;
				return true;
			}
		}
		return false;
	}

	/** Opens calls for pairs worth more than `least` calls, those worth most first, if any are. */
	private *openCalls(least: number): Generator<undefined, boolean> {
		const { size } = this.network;
		for (let v = 0; v < size; v++) {
			const need = this.lastCall(v);
			this.need[v] = need;
			this.price[v] = need > 0 ? 1 / need : 0;
		}
		const order = new Float64Array(size);
		let candidates = 0;
		for (let v = 0; v < size; v++) {
			const worth = this.worth(v, least);
			if (worth > least) order[candidates++] = Math.round(RESOLUTION / worth) * size + v;
			if (this.pace.due()) yield;
		}
		for (const key of order.subarray(0, candidates).sort()) {
			const v = key % size;
			if (this.worth(v, least) <= least) continue;
			this.need[v] = 0;
			for (const p of this.takeable(v)) {
				const from = this.carrier[p] ?? 0;
				this.need[from] = (this.need[from] ?? 0) - 1;
				this.move(p);
			}
			if (this.pace.due()) yield;
		}
		return candidates > 0;
	}

	/**
	 * How many calls the pairs are worth that one more call around v would best take over; an upper
	 * bound where that is below `least`.
	 */
	private worth(v: number, least: number): number {
		const { first, pairs, ends } = this.network;
		const end = first[v + 1] ?? 0;
		let worth = 0;
		let highest = 0;
		let offered = 0;
		for (let i = first[v] ?? 0; i < end; i++) {
			const p = pairs[i] ?? 0;
			const from = (ends[p] ?? 0) - v;
			if (this.carrier[p] === v || this.need[from] === 0) continue;
			const price = this.price[from] ?? 0;
			worth += price;
			if (price > highest) highest = price;
			offered++;
		}
		this.pace.steps += degree(this.network, v);
		const room = this.roomWithOneMore(v);
		if (offered > room) {
			worth = Math.min(worth, room * highest);
			if (worth <= least) return worth;
			worth = 0;
			for (const p of this.takeable(v)) worth += this.price[(ends[p] ?? 0) - v] ?? 0;
		}
		return worth - ROUNDING;
	}

	/** The pairs worth most that fit one more call around v, and the free slots it has. */
	private takeable(v: number): number[] {
		const { first, pairs, ends } = this.network;
		const offered: number[] = [];
		for (let i = first[v] ?? 0; i < (first[v + 1] ?? 0); i++) {
			const p = pairs[i] ?? 0;
			if (this.carrier[p] !== v && (this.need[(ends[p] ?? 0) - v] ?? 0) > 0) offered.push(p);
		}
		const room = this.roomWithOneMore(v);
		if (offered.length <= room) return offered;
		const price = (p: number): number => this.price[(ends[p] ?? 0) - v] ?? 0;
		return offered.sort((a, b) => price(b) - price(a) || a - b).slice(0, room);
	}
}
