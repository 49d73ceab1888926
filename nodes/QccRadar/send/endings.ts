import type { Reason } from '../qcc/verdict';
import { sharedOutcome } from './outcome';
import type { Queue } from './queue';
import { isNeeded, isWaitedFor, tell, type Call, type Row, type Run } from './run';

/** How rows end that are not done for what is not their fault, and how a run ends for it. */
export class Endings {
	constructor(private readonly queue: Queue) {}

	/**
	 * Takes a run out of the queue: its rows are told of now.
	 * @param how a run that failed waits for what is in flight still; a cancelled one does not
	 */
	stop(run: Run, reason: Reason, how: 'failed' | 'cancelled' = 'failed'): void {
		if (how === 'failed') run.fail(reason, true);
		run.dropStars();
		for (const [pair, row] of [...run.rows.entries()]) {
			if (!row) {
				// No row was made of it, nor is one any more.
				if (!run.outcomes[pair]) run.settle(pair, sharedOutcome('notSent', reason));
				continue;
			}
			const inFlight = row.call?.inFlight === true;
			if (inFlight && how === 'failed') continue;
			this.leaveOneUndone(row, run, row.last ?? reason, inFlight);
		}
		this.queue.withdraw(run);
		this.endUnneeded();
	}

	/** A lost call is lost for its rows alone; an unreachable network, or several in a row, for all. */
	giveUp(call: Call, run: Run, reason: Reason, sent: boolean): void {
		if (run.lost() || !sent) {
			this.stopWith(call, run, reason);
			return;
		}
		run.fail(reason, false);
		this.leaveUndone(call, run, reason);
	}

	/** The cause comes first: a run is over with its last row. */
	stopWith(call: Call, run: Run, reason: Reason): void {
		run.fail(reason, true);
		this.leaveUndone(call, run, reason);
		this.stop(run, reason);
	}

	/** A run's rows in a call are not done, for what is not their fault. */
	leaveUndone(call: Call, run: Run, reason: Reason): void {
		for (const row of call.rows) this.leaveOneUndone(row, run, reason, false);
		this.endUnneeded();
	}

	/**
	 * Ends calls in flight that nobody waits for any more. Where the opposite waits behind one of its rows
	 * somebody does: an aborted call may yet be carried out, after what overtook it.
	 */
	private endUnneeded(): void {
		const calls = new Set([...this.queue.asked.strays].map(({ call }) => call));
		for (const call of calls) if (!call?.rows.some(isNeeded)) call?.end?.abort();
	}

	private leaveOneUndone(row: Row, run: Run, reason: Reason, inFlight: boolean): void {
		const outcome = row.doubtful || inFlight ? 'unknown' : 'notSent';
		tell(row, sharedOutcome(outcome, why(run, reason)), run);
		if (isWaitedFor(row)) return;
		if (inFlight) {
			this.queue.asked.strays.add(row);
			return;
		}
		// It may rest before it is sent again.
		if (row.call && !row.call.rows.some(isWaitedFor)) row.call.end?.abort();
		this.queue.release(row);
	}
}

/** Why a row is not done. What stopped its run says more of the same code than its own call does. */
function why({ failure }: Run, own: Reason): Reason {
	const isSame = failure?.stopped === true && own.status !== null;
	return isSame && failure.reason.status === own.status ? failure.reason : own;
}
