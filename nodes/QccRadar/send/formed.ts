import type { Centres } from './centres';
import { cutFormed, type Room } from './cut';
import {
	isEnoughAlone,
	isWaitedFor,
	runsOf,
	type Call,
	type Group,
	type Row,
	type Run,
} from './run';

/** Calls whose rows belong together: those that are sent again, and parts of those that were refused. */
export class FormedCalls {
	constructor(private readonly centres: Centres) {}

	/** The call waits to be sent as it is, before its run's rows that are in no call yet. */
	again(call: Call): void {
		const [owner] = runsOf(call.rows);
		if (owner) owner.formed.push(call);
		else this.centres.done(call);
	}

	/** These rows are the next call around their centre. */
	form(group: Group, rows: readonly Row[]): void {
		this.again(this.centres.newCall(group, rows));
	}

	/** The call's rows go on in two halves; a single row as it is, with all that it was sent. */
	halve(call: Call): void {
		if (call.rows.length === 1) {
			this.again(call);
			return;
		}
		for (const half of partsOf(call.rows.filter(isWaitedFor))) {
			this.again({ ...this.centres.newCall(call.group, half), isHalf: true });
		}
		this.centres.done(call);
	}

	/**
	 * The rows of a call go on in two calls with other runs in each.
	 * @returns whether there are several that wait for it
	 */
	part(call: Call): boolean {
		const byRun = [...rowsByRun(call.rows.filter(isWaitedFor)).values()];
		if (byRun.length < 2) return false;
		for (const half of halvesOf(byRun)) {
			const parted = call.parted + 1;
			this.again({ ...this.centres.newCall(call.group, half.flat()), parted });
		}
		this.centres.done(call);
		return true;
	}

	/**
	 * The call's rows fill other calls. Rows in doubt keep together: they are asked about soon. But they do
	 * not make up the same query again, whose failures QCC counts.
	 */
	putBack(call: Call): void {
		const doubtful = call.rows.filter((row) => row.doubtful && isWaitedFor(row));
		const parts = call.sends > 0 ? halvesOf(doubtful) : [doubtful];
		for (const part of parts) this.form(call.group, part);
		this.centres.restore(call.rows.filter((row) => !row.doubtful));
		this.centres.done(call);
	}

	/** The run's next formed call, cut to what fits now. */
	take(run: Run, room: Room): Call | null {
		for (let formed = run.formed.pop(); formed; formed = run.formed.pop()) {
			const cut = cutFormed(formed, this.centres, room);
			if (!cut) continue;
			if (cut.call.isHalf && cut.call.rows.length === 1 && isEnoughAlone(cut.call.group)) {
				this.centres.park(cut.call);
				continue;
			}
			this.form(cut.call.group, cut.rest);
			return cut.call;
		}
		return null;
	}
}

/** Each row with the first who asked for it. */
function rowsByRun(rows: readonly Row[]): ReadonlyMap<Run | undefined, Row[]> {
	const byRun = new Map<Run | undefined, Row[]>();
	for (const row of rows) {
		const run = row.askers[0]?.run;
		const own = byRun.get(run);
		if (own) own.push(row);
		else byRun.set(run, [row]);
	}
	return byRun;
}

/** Halves; where one run has most of the rows, its own and the others': they need not wait for it. */
function partsOf(rows: readonly Row[]): readonly (readonly Row[])[] {
	const byRun = rowsByRun(rows);
	const isMost = (own: readonly Row[]) => own.length * 2 >= rows.length;
	const most = byRun.size > 1 ? [...byRun.values()].find(isMost) : undefined;
	if (!most) return halvesOf(rows);
	const own = new Set(most);
	return [most, rows.filter((row) => !own.has(row))];
}

/** The second half first: the last to be formed is the first to be taken. */
function halvesOf<T>(list: readonly T[]): readonly (readonly T[])[] {
	const middle = Math.ceil(list.length / 2);
	return [list.slice(middle), list.slice(0, middle)];
}
