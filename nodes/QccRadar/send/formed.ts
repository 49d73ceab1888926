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

	/** The call's rows go on in two halves. */
	halve(call: Call): void {
		for (const half of halvesOf(call.rows.filter(isWaitedFor))) {
			this.again({ ...this.centres.newCall(call.group, half), isHalf: true });
		}
		this.centres.done(call);
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

/** The second half first: the last to be formed is the first to be taken. */
function halvesOf(rows: readonly Row[]): readonly (readonly Row[])[] {
	const middle = Math.ceil(rows.length / 2);
	return [rows.slice(middle), rows.slice(0, middle)];
}
