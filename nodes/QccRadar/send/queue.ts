import { countFitting, capacityAround, EMPTY, fits, tighter, withOneMore } from '../plan/fill';
import type { Star } from '../plan/planCalls';
import type { Grouping } from '../read/request';
import { canBeListed, listedBytes, type Action, type Shape } from '../qcc/endpoints';
import {
	centreOf,
	isWaitedFor,
	nameOf,
	runsOf,
	type Asker,
	type Call,
	type Group,
	type Row,
	type RowList,
	type Run,
} from './run';

function countWaiting({ rows, from }: RowList): number {
	return rows.length - from;
}

/** Whoever asks for the same may wait for this row too: it is not about to be given up. */
function canBeJoined(row: Row): boolean {
	return isWaitedFor(row) || row.behind > 0;
}

/** Behind this row, or behind what waits for it, nothing waits yet. */
function endOf(row: Row): Row {
	let end = row;
	while (end.next) end = end.next;
	return end;
}

/**
 * The rows of an account's executions that wait to be sent, and the calls that are cut from them.
 *
 * Runs take turns, a call each, so that a small one goes before the rest of a big one. A call is led by
 * the run whose turn it is and holds its rows around one centre; what room is left goes to other runs'
 * rows around the same centre. A call is cut when there is a place for it: nobody waits for company.
 */
export class Queue {
	/** In the order of their turn. */
	private turns: Run[] = [];
	/** All whose rows are not all told of. */
	private readonly runs = new Set<Run>();
	/** Rows in flight that some who asked for them no longer wait for. */
	private readonly strays = new Set<Row>();
	private readonly groups = new Map<string, Group>();
	/** Those with refused calls that wait for what becomes of others. */
	readonly parked = new Set<Group>();

	/** @param urlBase bytes of a URL with an empty list around a centre */
	constructor(private readonly urlBase: (action: Action, shape: Shape, centre: string) => number) {}

	get isEmpty(): boolean {
		return this.runs.size === 0;
	}

	/** Something waits that its run may send now. */
	get hasWork(): boolean {
		return this.turns.some(
			({ inFlight, settings, formed, waiting }) =>
				inFlight < settings.maxConcurrency && (waiting > 0 || formed.length > 0),
		);
	}

	/**
	 * Takes a run's pairs in, as its plan puts them around centres. A pair that somebody else has asked
	 * for joins that row; behind the opposite action it waits.
	 */
	add(run: Run, stars: readonly Star[], grouping: Grouping): void {
		const { action, pairs } = run;
		const joined = new Set<Call>();
		for (const star of stars.toReversed()) {
			const list: Row[] = [];
			for (const pair of star.pairs) {
				const asker: Asker = { run, pair, since: null };
				const loginName = pairs.loginName(pair);
				const company = pairs.company(pair);
				const ends = this.endsOf(loginName, company);
				const same = ends.find((row) => row.action === action && canBeJoined(row));
				if (same) {
					same.askers.push(asker);
					run.rows[pair] = same;
					if (same.call?.inFlight) joined.add(same.call);
					continue;
				}
				const opposite = ends.filter((row) => row.action !== action);
				const row: Row = {
					action,
					loginName,
					company,
					shape: star.shape,
					askers: [asker],
					doubtful: false,
					last: null,
					call: null,
					behind: opposite.length,
					next: null,
				};
				run.rows[pair] = row;
				for (const earlier of opposite) earlier.next = row;
				if (row.behind === 0) list.push(row);
			}
			this.open(run, list, grouping === 'fewest');
		}
		run.calls += joined.size;
		this.runs.add(run);
		this.turns.push(run);
	}

	/**
	 * The next call, filled as far as the limits let it.
	 * @param urlBytes bytes that a URL may have now
	 */
	take(urlBytes: number): Call | null {
		for (const [turn, run] of this.turns.entries()) {
			if (run.inFlight >= run.settings.maxConcurrency) continue;
			const call = this.takeFormed(run, urlBytes) ?? this.cut(run, urlBytes);
			if (!call) continue;
			this.turns.splice(turn, 1);
			this.turns.push(run);
			return call;
		}
		return null;
	}

	/** The call waits to be sent as it is, before its run's rows that are in no call yet. */
	again(call: Call): void {
		const [owner] = runsOf(call.rows);
		if (owner) owner.formed.push(call);
		else this.done(call);
	}

	/** The call's rows go on in two halves. */
	halve(call: Call): void {
		const rows = call.rows.filter(isWaitedFor);
		const middle = Math.ceil(rows.length / 2);
		// The last to be formed is the first to be taken.
		this.form(call.group, rows.slice(middle));
		this.form(call.group, rows.slice(0, middle));
		this.done(call);
	}

	/** The call's rows fill other calls. Rows in doubt keep together: they are asked about soon. */
	putBack(call: Call): void {
		const rows = call.rows.filter(isWaitedFor);
		this.form(
			call.group,
			rows.filter((row) => row.doubtful),
		);
		this.restore(rows.filter((row) => !row.doubtful));
		this.done(call);
	}

	/** The call waits until it is known whether its rows are the cause of its refusal. */
	park(call: Call): void {
		call.group.parked.push(call);
		this.parked.add(call.group);
		call.group.calls -= 1;
	}

	/** The calls that were parked around a centre, to be dealt with. */
	unpark(group: Group): readonly Call[] {
		const { parked } = group;
		group.parked = [];
		this.parked.delete(group);
		group.calls += parked.length;
		return parked;
	}

	/**
	 * Takes a run's rows out of a call that is in flight for others too, as a call of their own. What
	 * waits for such a row waits for both now.
	 */
	detach(call: Call, run: Run): Call | null {
		const rows: Row[] = [];
		const { sends, failures } = call;
		const own: Call = { ...this.newCall(call.group, rows), sends, failures };
		for (const row of call.rows) {
			const asker = row.askers.find((one) => one.run === run);
			if (!asker) continue;
			row.askers = row.askers.filter((other) => other !== asker);
			const twin: Row = { ...row, askers: [asker], call: own };
			if (twin.next) twin.next.behind += 1;
			run.rows[asker.pair] = twin;
			rows.push(twin);
			this.strays.add(row);
		}
		if (rows.length > 0) return own;
		this.done(own);
		return null;
	}

	/** The call is over: nothing of it waits. */
	done({ group }: Call): void {
		group.calls -= 1;
		this.forget(group);
	}

	/** Whether nothing around this centre is under way any more, but for what is parked. */
	isSpent({ lists, guests, calls }: Group): boolean {
		return calls === 0 && lists.size === 0 && guests.size === 0;
	}

	/** Nobody waits for this row any more, but it is in a call in flight still. */
	stray(row: Row): void {
		this.strays.add(row);
	}

	/** The call's attempt is over. */
	arrived({ rows }: Call): void {
		for (const row of rows) {
			this.strays.delete(row);
			if (!isWaitedFor(row)) this.release(row);
		}
	}

	/** The row is in no call in flight any more, and nobody is told of it: what waited for it may go. */
	release(row: Row): void {
		this.strays.delete(row);
		const { next } = row;
		if (row.behind > 0 || !next) return;
		row.next = null;
		next.behind -= 1;
		if (next.behind > 0) return;
		if (isWaitedFor(next)) this.restore([next]);
		else this.release(next);
	}

	/** Nothing of the run is to be sent any more, but for what others wait for too. */
	withdraw(run: Run): void {
		this.turns = this.turns.filter((other) => other !== run);
		for (const list of run.lists.splice(0)) {
			const rows = list.rows.slice(list.from);
			this.taken(list, rows.length);
			this.restore(rows.filter(isWaitedFor));
		}
		for (const call of run.formed.splice(0)) this.again(call);
	}

	/** The run is over. */
	leave(run: Run): void {
		this.withdraw(run);
		this.runs.delete(run);
	}

	/** The last of the rows on their way for a pair, one for each way it is under way by. */
	private endsOf(loginName: string, company: string): readonly Row[] {
		if (this.runs.size === 0 && this.strays.size === 0) return [];
		const ends = new Set<Row>();
		for (const { pairs, rows } of this.runs) {
			const row = rows[pairs.find(loginName, company) ?? -1];
			if (row) ends.add(endOf(row));
		}
		for (const row of this.strays) {
			if (row.loginName === loginName && row.company === company) ends.add(endOf(row));
		}
		return [...ends];
	}

	private takeFormed(run: Run, urlBytes: number): Call | null {
		const formed = run.formed.pop();
		if (!formed) return null;
		const { group } = formed;
		const rows = formed.rows.filter(isWaitedFor);
		if (rows.length === 0) {
			this.done(formed);
			return this.takeFormed(run, urlBytes);
		}
		const sizes = rows.map((row) => listedBytes(nameOf(row, group.shape)));
		const fitting = Math.min(
			...runsOf(rows).map((each) => countFitting(sizes, this.capacity(each, group, urlBytes))),
		);
		if (fitting === formed.rows.length) return formed;
		const call = this.newCall(group, rows.slice(0, fitting));
		this.form(group, rows.slice(fitting));
		this.done(formed);
		return call;
	}

	/** Cuts a call for a run: its own rows first, then those of others. */
	private cut(run: Run, urlBytes: number): Call | null {
		const own = run.lists.findLast((list) => countWaiting(list) > 0);
		if (!own) return null;
		const group = this.better(own);
		const rows: Row[] = [];
		const call = this.newCall(group, rows);
		let held = EMPTY;
		let capacity = this.capacity(run, group, urlBytes);
		const fill = (list: RowList) => {
			const theirs = tighter(capacity, this.capacity(list.run, group, urlBytes));
			const before = rows.length;
			for (let i = list.from; i < list.rows.length; i++) {
				const row = list.rows[i];
				if (!row) break;
				const others = row.askers.length > 1 ? runsOf([row]) : [];
				const bound = others.reduce(
					(least, other) => tighter(least, this.capacity(other, group, urlBytes)),
					i === list.from ? theirs : capacity,
				);
				const size = listedBytes(nameOf(row, group.shape));
				if (!fits(held, size, bound)) break;
				held = withOneMore(held, size);
				rows.push(row);
				capacity = bound;
			}
			this.taken(list, rows.length - before);
		};
		fill(own);
		for (const list of [...group.lists.values(), ...group.guests]) {
			if (held.rows >= capacity.rows) break;
			const { inFlight, settings } = list.run;
			if (list !== own && inFlight < settings.maxConcurrency) fill(list);
		}
		return call;
	}

	/** A single row of an assignment joins whichever of its two centres has more waiting. */
	private better({ group, alternative }: RowList): Group {
		if (!alternative) return group;
		const waiting = ({ lists, guests }: Group) =>
			[...lists.values(), ...guests].reduce((sum, list) => sum + countWaiting(list), 0);
		return waiting(alternative) > waiting(group) ? alternative : group;
	}

	private capacity({ settings }: Run, { action, shape, centre }: Group, urlBytes: number) {
		return capacityAround(
			{
				rowsPerCall: settings.rowsPerCall,
				urlBytes: Math.min(urlBytes, settings.maxUrlBytes),
				urlBase: () => this.urlBase(action, shape, centre),
			},
			shape,
			centre,
		);
	}

	private newCall(group: Group, rows: readonly Row[]): Call {
		group.calls += 1;
		return { group, rows, sends: 0, failures: 0, inFlight: false, end: null };
	}

	private form(group: Group, rows: readonly Row[]): void {
		if (rows.length > 0) this.again(this.newCall(group, rows));
	}

	/** Rows go back to the front of the lists that they would be in had they never been taken. */
	private restore(rows: readonly Row[]): void {
		const byList = new Map<Group, Map<Run, Row[]>>();
		for (const row of rows) {
			const [asker] = row.askers;
			if (!asker) continue;
			const group = this.group(row.action, row.shape, centreOf(row, row.shape));
			const ofGroup = byList.get(group) ?? new Map<Run, Row[]>();
			byList.set(group, ofGroup);
			const returned = ofGroup.get(asker.run) ?? [];
			ofGroup.set(asker.run, returned);
			returned.push(row);
		}
		for (const [group, ofGroup] of byList) {
			for (const [run, returned] of ofGroup) {
				const known = group.lists.get(run);
				const others = known?.rows.slice(known.from) ?? [];
				if (known) this.taken(known, others.length);
				this.open(run, [...returned, ...others], false);
			}
		}
	}

	/** Opens a list of rows that have run and centre in common. It is the run's next. */
	private open(run: Run, rows: Row[], canMove: boolean): void {
		const [row] = rows;
		if (!row) return;
		const { action, shape, company } = row;
		const other = shape === 'user' ? 'company' : 'user';
		const movable = canMove && rows.length === 1 && (other === 'company' || canBeListed(company));
		const list: RowList = {
			run,
			group: this.group(action, shape, centreOf(row, shape)),
			alternative: movable ? this.group(action, other, centreOf(row, other)) : null,
			rows,
			from: 0,
		};
		run.lists.push(list);
		run.waiting += rows.length;
		list.group.lists.set(run, list);
		list.alternative?.guests.add(list);
	}

	/** So many rows of a list are in a call now. */
	private taken(list: RowList, count: number): void {
		list.from += count;
		list.run.waiting -= count;
		if (countWaiting(list) > 0) return;
		list.group.lists.delete(list.run);
		list.alternative?.guests.delete(list);
		const { lists } = list.run;
		for (let last = lists.at(-1); last && countWaiting(last) === 0; last = lists.at(-1))
			lists.pop();
		if (list.alternative) this.forget(list.alternative);
		this.forget(list.group);
	}

	private group(action: Action, shape: Shape, centre: string): Group {
		const key = keyOf(action, shape, centre);
		const known = this.groups.get(key);
		if (known) return known;
		const group: Group = {
			action,
			shape,
			centre,
			lists: new Map(),
			guests: new Set(),
			calls: 0,
			wentThrough: false,
			refusedAlone: [],
			parked: [],
			toTheEnd: false,
		};
		this.groups.set(key, group);
		return group;
	}

	private forget(group: Group): void {
		if (!this.isSpent(group) || group.parked.length > 0) return;
		this.groups.delete(keyOf(group.action, group.shape, group.centre));
	}
}

function keyOf(action: Action, shape: Shape, centre: string): string {
	return `${action} ${shape} ${centre}`;
}
