import { capacityAround, countFitting, EMPTY, fits, tighter, withOneMore } from '../plan/fill';
import type { Capacity } from '../plan/fill';
import { listedBytes, type Action, type Shape } from '../qcc/endpoints';
import type { Centres } from './centres';
import {
	isWaitedFor,
	nameOf,
	runsOf,
	type Call,
	type Group,
	type Row,
	type RowList,
	type Run,
} from './run';

/** What bounds a call when it is cut. */
export interface Room {
	/** Bytes that a URL may have now. */
	readonly urlBytes: number;
	/** Bytes of a URL with an empty list around a centre. */
	urlBase(action: Action, shape: Shape, centre: string): number;
}

/** What a call around a centre may hold for a run: its own limits, and what is known of the URL's. */
function capacityFor({ settings }: Run, { action, shape, centre }: Group, room: Room): Capacity {
	return capacityAround(
		{
			rowsPerCall: settings.rowsPerCall,
			urlBytes: Math.min(room.urlBytes, settings.maxUrlBytes),
			urlBase: () => room.urlBase(action, shape, centre),
		},
		shape,
		centre,
	);
}

/**
 * Cuts what fits from a call that is formed already.
 * @returns the call to send, and the rows that wait for another
 */
export function cutFormed(
	formed: Call,
	centres: Centres,
	room: Room,
): { call: Call; rest: readonly Row[] } | null {
	const { group } = formed;
	const rows = formed.rows.filter(isWaitedFor);
	if (rows.length === 0) {
		centres.done(formed);
		return null;
	}
	const sizes = rows.map((row) => listedBytes(nameOf(row, group.shape)));
	const fitting = Math.min(
		...runsOf(rows).map((run) => countFitting(sizes, capacityFor(run, group, room))),
	);
	if (fitting === formed.rows.length) return { call: formed, rest: [] };
	const call = centres.newCall(group, rows.slice(0, fitting));
	centres.done(formed);
	return { call, rest: rows.slice(fitting) };
}

/** Cuts a call for a run: its own next rows first, then those of others around the same centre. */
export function cutCall(run: Run, centres: Centres, room: Room): Call | null {
	const own = run.lists.at(-1);
	if (!own) return null;
	const group = centres.better(own);
	const rows: Row[] = [];
	const names = new Set<string>();
	const call = centres.newCall(group, rows);
	let held = EMPTY;
	let capacity = capacityFor(run, group, room);
	const tightest = (bound: Capacity, runs: readonly Run[]) =>
		runs.reduce((least, one) => tighter(least, capacityFor(one, group, room)), bound);
	const fill = (list: RowList) => {
		const before = rows.length;
		let bound = tightest(capacity, [list.run]);
		for (const row of list.rows.slice(list.from, list.from + bound.rows)) {
			if (row.askers.length > 1) bound = tightest(bound, runsOf([row]));
			const name = nameOf(row, group.shape);
			const size = listedBytes(name);
			// A pair may be under way twice; an answer tells the two apart by their call alone.
			if (names.has(name) || !fits(held, size, bound)) break;
			held = withOneMore(held, size);
			names.add(name);
			row.movable = false;
			rows.push(row);
			capacity = bound;
		}
		centres.taken(list, rows.length - before);
	};
	fill(own);
	for (const list of [...group.lists.values(), ...group.guests]) {
		if (held.rows >= capacity.rows) break;
		const { inFlight, settings } = list.run;
		if (inFlight < settings.maxConcurrency) fill(list);
	}
	return call;
}
