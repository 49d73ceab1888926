import type { Shape } from '../qcc/endpoints';
import type { Reason } from '../qcc/verdict';
import type { Endings } from './endings';
import { sharedOutcome } from './outcome';
import type { Queue } from './queue';
import { runsOf, tell, type Call, type Group, type Run } from './run';

/** Calls refused with one code, while nothing goes through, before their runs are given up. */
export const MOST_REFUSALS = 100;
/** Refused calls of its own before a run of several rows is given up for those of others. */
const ENOUGH_OF_ITS_OWN = 8;

const SUPPORT = 'QCC support (400-928-2212, kf@qichacha.com)';
const NOT_THE_ROWS = `QCC refused row after row with this code and accepted none, so the rows are not the cause. Ask ${SUPPORT}.`;
const NOT_THE_ROWS_BUT: Readonly<Record<Shape, string>> = {
	user: `QCC refused company after company for one login name with this code and accepted none, though it answered other rows: the login name is the likelier cause. Check it in QCC, or ask ${SUPPORT}.`,
	company: `QCC refused user after user for one company with this code and accepted none, though it answered other rows: the company is the likelier cause. Check its name in QCC, or ask ${SUPPORT}.`,
};

/**
 * What is to blame when calls are refused for their rows: a row, where it is refused alone; their centre,
 * where many are and others' go through; or neither, where nothing goes through at all.
 */
export class Blame {
	/** Calls refused one after the other, whoever's: three hundred small runs are told by the same sign. */
	private inARow = { code: 0, calls: 0 };

	constructor(
		private readonly queue: Queue,
		private readonly endings: Endings,
	) {}

	somethingWentThrough(): void {
		this.inARow = { code: 0, calls: 0 };
	}

	/** When all is refused, whatever the rows, it is not the rows. */
	refused(call: Call, reason: Reason): void {
		const code = reason.status ?? 0;
		const runs = runsOf(call.rows);
		// Bad rows beside good ones of their own run: they tell others nothing.
		if (!runs.some((run) => run.wentThrough)) {
			this.inARow = { code, calls: this.inARow.code === code ? this.inARow.calls + 1 : 1 };
		}
		for (const run of runs) {
			const own = run.refused(code);
			if (run.wentThrough || !this.isTold(run, own, call)) continue;
			const notTheRows = { ...reason, advice: NOT_THE_ROWS };
			for (const pair of run.rejected) run.settle(pair, sharedOutcome('notSent', notTheRows));
			this.endings.stop(run, notTheRows);
		}
	}

	/**
	 * By its own refusals; or by those of all, one after the other, where nothing of the run is untested, or
	 * much was refused, or very much in a row.
	 */
	private isTold(run: Run, own: number, { rows }: Call): boolean {
		const inARow = this.inARow.calls;
		if (own >= MOST_REFUSALS || inARow >= 2 * MOST_REFUSALS) return true;
		if (inARow < MOST_REFUSALS) return false;
		const here = rows.filter(({ askers }) => askers.some((asker) => asker.run === run));
		return own >= ENOUGH_OF_ITS_OWN || run.unanswered <= here.length;
	}

	/** Its rows are the cause, as far as it is known now. */
	reject({ group, rows }: Call, reason: Reason): void {
		const alone = rows.length === 1 && !group.wentThrough;
		for (const row of rows) {
			if (alone && !row.doubtful) group.refusedAlone.push(row.askers);
			for (const { run, pair } of row.doubtful ? [] : row.askers) {
				if (!run.wentThrough) run.rejected.push(pair);
			}
			tell(
				row,
				row.doubtful
					? sharedOutcome('unknown', reason)
					: { ...sharedOutcome('rejected', reason), around: group.shape },
			);
		}
	}

	judgeParked(): void {
		for (const group of this.queue.centres.parked) this.judge(group);
	}

	/**
	 * Decides about the parked calls around a centre, once nothing else around it is under way: if some
	 * of its rows went through, the others may as well; if other centres' rows did, the centre is the
	 * cause; and where there is nothing else to learn from, they are halved to the end.
	 */
	private judge(group: Group): void {
		if (!this.queue.centres.isSpent(group)) return;
		const runs = runsOf(group.parked.flatMap(({ rows }) => rows));
		const isCause = !group.wentThrough && runs.some((run) => run.wentThrough);
		if (!group.wentThrough && !isCause && !runs.every(hasNothingElse)) return;
		group.toTheEnd = true;
		const calls = this.queue.centres.unpark(group);
		for (const call of calls) {
			if (isCause) this.blameCentre(call);
			else this.queue.formed.halve(call);
		}
	}

	private blameCentre(call: Call): void {
		for (const row of call.rows) {
			const reason = row.last;
			if (!reason) continue;
			const advice = NOT_THE_ROWS_BUT[call.group.shape];
			const outcome = sharedOutcome('notSent', { ...reason, advice });
			for (const { run, pair } of call.group.refusedAlone.splice(0).flat()) {
				if (!run.isOver) run.settle(pair, outcome);
			}
			tell(row, row.doubtful ? { ...outcome, outcome: 'unknown' } : outcome);
			this.queue.release(row);
		}
		this.queue.centres.done(call);
	}
}

/** Nothing of the run is waiting or under way but what is parked. */
function hasNothingElse({ waiting, formed, inFlight }: Run): boolean {
	return waiting === 0 && formed.length === 0 && inFlight === 0;
}
