import type { Shape } from '../qcc/endpoints';

/**
 * How rows fill a call: the one rule, for the plan, for the numbers of a dry run and for what is sent.
 * The star cover counts by it in typed arrays; a test holds the two together.
 */

/** What bounds the calls of a run. */
export interface CallLimits {
	/** Most rows in one call, by shape. */
	readonly rowsPerCall: Readonly<Record<Shape, number>>;
	/** Bytes that a URL may have, Infinity where nothing is known. */
	readonly urlBytes: number;
	/** Bytes of a URL with an empty list around this centre. */
	urlBase(shape: Shape, centre: string): number;
}

/** What a call around one centre holds at most. */
export interface Capacity {
	readonly rows: number;
	/** Bytes of the list, each name counted with a comma (`listedBytes`). */
	readonly bytes: number;
}

/** What a call holds so far, counted likewise. */
export interface Held {
	readonly rows: number;
	readonly bytes: number;
}

export const EMPTY: Held = { rows: 0, bytes: 0 };

/** The first name of a list has no comma before it: hence the one byte more. */
export function capacityAround(limits: CallLimits, shape: Shape, centre: string): Capacity {
	return {
		rows: limits.rowsPerCall[shape],
		bytes: limits.urlBytes - limits.urlBase(shape, centre) + 1,
	};
}

/** What holds for those who share a call. */
export function tighter(one: Capacity, other: Capacity): Capacity {
	return { rows: Math.min(one.rows, other.rows), bytes: Math.min(one.bytes, other.bytes) };
}

/** Whether a name of so many bytes joins a call. The first always does: it must travel somehow. */
export function fits(held: Held, size: number, capacity: Capacity): boolean {
	return held.rows === 0 || (held.rows < capacity.rows && held.bytes + size <= capacity.bytes);
}

export function withOneMore(held: Held, size: number): Held {
	return { rows: held.rows + 1, bytes: held.bytes + size };
}

/** How many of the names, from the first, fill one call. */
export function countFitting(sizes: readonly number[], capacity: Capacity): number {
	let held = EMPTY;
	const full = sizes.findIndex((size) => {
		if (!fits(held, size, capacity)) return true;
		held = withOneMore(held, size);
		return false;
	});
	return full < 0 ? sizes.length : full;
}
