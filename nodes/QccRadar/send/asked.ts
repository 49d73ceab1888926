import type { Shape } from '../qcc/endpoints';
import { centreOf, isWaitedFor, NOBODY, type Call, type Row, type Run } from './run';

/** Whoever asks for the same may wait for this row too: it is not about to be given up. */
function canBeJoined(row: Row): boolean {
	return isWaitedFor(row) || row.behind > 0;
}

const NONE: readonly Row[] = [];

/** Behind this row, or behind what waits for it, nothing waits yet. */
function endOf(row: Row): Row {
	let end = row;
	while (end.next) end = end.next;
	return end;
}

/** It travels around such a centre for certain, or, being in no list yet, can be made to. */
function goesAround(row: Row, shape: Shape): boolean {
	if (row.behind > 0) return true;
	return row.shape === shape && !row.movable && (row.call?.group.shape ?? shape) === shape;
}

/** The row that answers a run for a pair as well. Who asks around the user may ask for the keyNo. */
function sameOf(ends: readonly Row[], run: Run, shape: Shape): Row | undefined {
	const asksUser = shape === 'user' && !run.canMove;
	const same = ends.find(
		(row) =>
			row.action === run.action &&
			canBeJoined(row) &&
			(!asksUser || goesAround(row, 'user')) &&
			!(run.settings.afresh && row.call?.inFlight),
	);
	if (same && asksUser) same.shape = 'user';
	return same;
}

/** A row that nobody asks for yet, behind those of the opposite action. */
function newRow(
	{ action, loginName, company, shape }: Pick<Row, 'action' | 'loginName' | 'company' | 'shape'>,
	ends: readonly Row[],
): Row {
	const row: Row = {
		action,
		loginName,
		company,
		shape,
		askers: NOBODY,
		doubtful: false,
		last: null,
		call: null,
		behind: 0,
		next: null,
		movable: false,
	};
	for (const end of ends) {
		if (end.action === action) continue;
		end.next = row;
		row.behind += 1;
	}
	return row;
}

/** Those who may have asked for the same, and rows in flight that may be about it. */
export interface Neighbours {
	readonly runs: readonly Run[];
	readonly strays: readonly Row[];
}

const NOBODY_NEAR: Neighbours = { runs: [], strays: [] };

/** The last of the rows on their way for a pair, one for each way it is under way by. */
function endsFor(loginName: string, company: string, { runs, strays }: Neighbours): readonly Row[] {
	if (runs.length === 0 && strays.length === 0) return NONE;
	const ends = new Set<Row>();
	for (const run of runs) {
		const row = run.rows[run.pairs.find(loginName, company) ?? -1];
		if (row) ends.add(endOf(row));
	}
	for (const row of strays) {
		if (row.loginName === loginName && row.company === company) ends.add(endOf(row));
	}
	return ends.size === 0 ? NONE : [...ends];
}

/**
 * All that is asked for and not settled: a pair that two ask for is one row, and opposite actions on a
 * pair go one after the other, in the order of asking.
 */
export class Asked {
	/** All whose rows are not all told of, in the order of their turn. */
	readonly runs = new Set<Run>();
	/** Rows in flight that some who asked for them no longer wait for. */
	readonly strays = new Set<Row>();

	/** Nobody can have asked for a pair of the one run before. */
	get isAlone(): boolean {
		return this.runs.size === 1 && this.strays.size === 0;
	}

	/** The others go before this run now. */
	hasHadItsTurn(run: Run): void {
		this.runs.delete(run);
		this.runs.add(run);
	}

	/** What of all that is asked for may be about pairs around a centre. */
	around(shape: Shape, centre: string): Neighbours {
		if (this.isAlone) return NOBODY_NEAR;
		return {
			runs: [...this.runs].filter(({ pairs }) => pairs.knows(shape, centre)),
			strays: [...this.strays].filter((row) => centreOf(row, shape) === centre),
		};
	}

	/**
	 * The row that answers a run for a pair: one that is on its way already, or a new one.
	 * @param shape what a new one travels around
	 * @param near what is asked for around the same centre
	 */
	ask(run: Run, pair: number, shape: Shape, near: Neighbours): Row {
		const { action, pairs } = run;
		const loginName = pairs.loginName(pair);
		const company = pairs.company(pair);
		const ends = endsFor(loginName, company, near);
		const row = sameOf(ends, run, shape) ?? newRow({ action, loginName, company, shape }, ends);
		row.askers = [...row.askers, { run, pair, since: null }];
		run.rows[pair] = row;
		return row;
	}

	/** The row for some of its runs, in a call of their own. What waits for the row waits for both now. */
	detach(row: Row, runs: ReadonlySet<Run>, call: Call): Row | null {
		const askers = row.askers.filter(({ run }) => runs.has(run));
		if (askers.length === 0) return null;
		row.askers = row.askers.filter(({ run }) => !runs.has(run));
		const twin: Row = { ...row, askers, call };
		if (twin.next) twin.next.behind += 1;
		for (const { run, pair } of askers) run.rows[pair] = twin;
		this.strays.add(row);
		return twin;
	}

	/**
	 * The row is in no call in flight any more, and nobody is told of it.
	 * @returns the row that may go now, having waited for it
	 */
	release(row: Row): Row | null {
		this.strays.delete(row);
		const { next } = row;
		if (row.behind > 0 || !next) return null;
		row.next = null;
		next.behind -= 1;
		if (next.behind > 0) return null;
		return isWaitedFor(next) ? next : this.release(next);
	}
}
