import type { Star } from '../plan/planCalls';
import type { Grouping } from '../read/request';
import { Asked } from './asked';
import { Centres } from './centres';
import { cutCall, type Room } from './cut';
import { FormedCalls } from './formed';
import { isWaitedFor, type Call, type Row, type Run } from './run';

/**
 * The rows of an account's executions that wait to be sent, and the calls that are cut from them.
 *
 * Runs take turns, a call each, so that a small one goes before the rest of a big one. A call is led by
 * the run whose turn it is and holds its rows around one centre; what room is left goes to other runs'
 * rows around the same centre. A call is cut when there is a place for it: nobody waits for company.
 */
export class Queue {
	readonly asked = new Asked();
	readonly centres = new Centres();
	readonly formed = new FormedCalls(this.centres);

	constructor(private readonly urlBase: Room['urlBase']) {}

	get isEmpty(): boolean {
		return this.asked.runs.size === 0;
	}

	/** Something waits that its run may send now. */
	get hasWork(): boolean {
		for (const { inFlight, settings, formed, waiting } of this.asked.runs) {
			if (inFlight < settings.maxConcurrency && (waiting > 0 || formed.length > 0)) return true;
		}
		return false;
	}

	/**
	 * Takes a run's pairs in, as its plan puts them around centres. While it is alone, its rows are made when
	 * their centre's turn comes, so that most are gone before the next are made. Beside others all are made
	 * now, in the order of asking: a pair that somebody else has asked for joins that row; behind the
	 * opposite action it waits. All at once: in between, what was asked for later could go first.
	 * @returns the calls in flight that it joined
	 */
	add(run: Run, stars: readonly Star[], grouping: Grouping): ReadonlySet<Call> {
		const joined = new Set<Call>();
		run.plan(stars, grouping === 'fewest');
		this.asked.runs.add(run);
		if (this.asked.isAlone) return joined;
		for (const one of this.asked.runs) {
			for (const star of one.stars.splice(0)) this.open(one, star, joined);
		}
		return joined;
	}

	/**
	 * The next call, filled as far as the limits let it.
	 * @param urlBytes bytes that a URL may have now
	 */
	take(urlBytes: number): Call | null {
		const room = { urlBytes, urlBase: this.urlBase };
		for (const run of this.asked.runs) {
			if (run.inFlight >= run.settings.maxConcurrency) continue;
			const call = this.formed.take(run, room) ?? this.cut(run, room);
			if (!call) continue;
			this.asked.hasHadItsTurn(run);
			return call;
		}
		return null;
	}

	/**
	 * Takes the rows of some runs out of a call that is in flight for others too, as a call of their own.
	 * What waits for such a row waits for both now.
	 */
	detach(call: Call, runs: ReadonlySet<Run>): Call | null {
		const rows: Row[] = [];
		const { sends, failures } = call;
		const own: Call = { ...this.centres.newCall(call.group, rows), sends, failures };
		for (const row of call.rows) {
			const twin = this.asked.detach(row, runs, own);
			if (twin) rows.push(twin);
		}
		if (rows.length > 0) return own;
		this.centres.done(own);
		return null;
	}

	/** The call's attempt is over. */
	arrived({ rows }: Call): void {
		for (const row of rows) {
			this.asked.strays.delete(row);
			if (!isWaitedFor(row)) this.release(row);
		}
	}

	/** The row is in no call in flight any more, and nobody is told of it: what waited for it may go. */
	release(row: Row): void {
		const next = this.asked.release(row);
		if (next) this.centres.restore([next]);
	}

	/** Nothing of the run is to be sent any more, but for what others wait for too. */
	withdraw(run: Run): void {
		for (const list of run.lists.splice(0)) {
			const rows = list.rows.slice(list.from);
			this.centres.taken(list, rows.length);
			this.centres.restore(rows);
		}
		for (const call of run.formed.splice(0)) this.formed.again(call);
	}

	/** The run is over. */
	leave(run: Run): void {
		this.withdraw(run);
		this.asked.runs.delete(run);
	}

	private cut(run: Run, room: Room): Call | null {
		for (;;) {
			const call = cutCall(run, this.centres, room);
			const star = call ? undefined : run.stars.pop();
			if (!star) return call;
			this.open(run, star);
		}
	}

	/** Makes the rows of a run's star. */
	private open(run: Run, { shape, centre, pairs }: Star, joined?: Set<Call>): void {
		const near = this.asked.around(shape, centre);
		const rows: Row[] = [];
		for (const pair of pairs) {
			const row = this.asked.ask(run, pair, shape, near);
			if (row.askers.length === 1 && row.behind === 0) rows.push(row);
			else if (row.call?.inFlight) joined?.add(row.call);
		}
		run.waiting -= pairs.length;
		this.centres.open(run, rows, run.canMove);
	}
}
