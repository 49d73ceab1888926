import type { AnswerRow } from '../qcc/answer';
import type { Reason, Verdict } from '../qcc/verdict';
import type { Timing } from '../timing';
import { matchRows } from './matchRows';
import { nextStep, type Step } from './nextStep';
import { outcomeOf, sharedOutcome, type PairOutcome } from './outcome';
import type { Queue } from './queue';
import {
	isWaitedFor,
	runsOf,
	runsOfAskers,
	type Call,
	type Group,
	type Row,
	type Run,
} from './run';

/** How an attempt at a call ended. */
export interface Ended {
	/** The names of its list, in the order sent. */
	readonly names: readonly string[];
	/** Bytes of its URL. */
	readonly bytes: number;
	readonly verdict: Verdict;
}

/** Calls refused with one code, while nothing goes through, before their runs are given up. */
const MOST_REFUSALS = 100;

const NOT_THE_ROWS =
	'QCC refused row after row with this code and accepted none, so the rows are not the cause. Ask QCC support (400-928-2212, kf@qichacha.com).';

/**
 * Carries out what follows from a reply: for the call, for its rows, and for the runs that wait for
 * them. Each run is told of its own rows by its own rules, and what ends one leaves the others theirs.
 */
export class Consequences {
	/** Calls refused one after the other, whoever's: three hundred small runs are told by the same sign. */
	private inARow = { code: 0, calls: 0 };

	constructor(
		private readonly queue: Queue,
		private readonly timing: Timing,
	) {}

	async follow(call: Call, ended: Ended): Promise<void> {
		await this.carryOut(call, ended.names, this.stepOf(call, ended));
		for (const row of call.rows) if (!isWaitedFor(row)) this.queue.release(row);
	}

	/** Decides about parked calls: to be asked whenever something was answered, left or cancelled. */
	judgeParked(): void {
		for (const group of this.queue.parked) this.judge(group);
	}

	/**
	 * Takes a run out of the queue: its rows are told of now.
	 * @param why a run that failed waits for what is in flight still; a cancelled one does not
	 */
	stop(run: Run, reason: Reason, why: 'failed' | 'cancelled' = 'failed'): void {
		if (why === 'failed') run.fail(reason, true);
		for (const row of run.rows.slice()) {
			if (!row) continue;
			const inFlight = row.call?.inFlight === true;
			if (inFlight && why === 'failed') continue;
			this.refuseOne(row, run, row.last ?? reason, inFlight);
		}
		this.queue.withdraw(run);
	}

	private stepOf(call: Call, { names, verdict, bytes }: Ended): Step {
		if (verdict.kind !== 'rows') {
			for (const row of call.rows) {
				row.last = verdict.reason;
				row.doubtful ||= verdict.kind === 'retry' && verdict.sent;
			}
			if ('rows' in verdict && verdict.rows) this.answerSome(call, names, verdict.rows);
		}
		const { shape, wentThrough, refusedAlone, toTheEnd } = call.group;
		return nextStep(
			{
				shape,
				rows: call.rows.length,
				bytes,
				sends: call.sends,
				failures: call.failures,
				refusedAlone: wentThrough ? 0 : refusedAlone.length,
				toTheEnd,
			},
			verdict,
			this.timing.random(),
		);
	}

	/** Rows that came with a refusal count; what was done of the others nobody says. */
	private answerSome(call: Call, names: readonly string[], answers: readonly AnswerRow[]): void {
		const matched = matchRows(names, answers);
		call.rows.forEach((row, i) => {
			const answer = matched[i];
			if (answer) tell(row, outcomeOf(answer, row.action, row.doubtful));
			else row.doubtful = true;
		});
	}

	private async carryOut(call: Call, names: readonly string[], step: Step): Promise<void> {
		if (step.kind === 'answer') {
			this.answer(call, names, step.rows);
			return;
		}
		const { reason } = step;
		if (step.kind === 'halve' || step.kind === 'park' || step.kind === 'reject') {
			this.countRefusal(call, reason);
		}
		for (const run of runsOf(call.rows)) {
			run.lastRefusal = reason;
			if (run.isStopped) this.refuse(call, run, reason);
		}
		switch (step.kind) {
			case 'again':
				call.failures += 1;
				call.sends += Number(step.sent);
				for (const run of this.late(call, step.after)) this.giveUp(call, run, reason, step.sent);
				await this.rest(call, step.after);
				return;
			case 'yield':
				for (const run of this.late(call, step.after)) this.stopWith(call, run, reason);
				this.queue.again(call);
				return;
			case 'shorten':
				this.queue.putBack(call);
				return;
			case 'halve':
				this.queue.halve(call);
				return;
			case 'park':
				this.queue.park(call);
				return;
			case 'reject':
				this.reject(call, reason);
				break;
			case 'refuse':
				for (const run of runsOf(call.rows)) this.refuse(call, run, reason);
				break;
			case 'giveUp':
				for (const run of runsOf(call.rows)) this.giveUp(call, run, reason, step.sent);
				break;
			case 'stop':
				for (const run of runsOf(call.rows)) this.stopWith(call, run, reason);
		}
		this.queue.done(call);
	}

	private answer(call: Call, names: readonly string[], answers: readonly AnswerRow[]): void {
		call.group.wentThrough = true;
		this.inARow = { code: 0, calls: 0 };
		for (const run of runsOf(call.rows)) run.goesThrough();
		const matched = matchRows(names, answers);
		call.rows.forEach((row, i) => {
			tell(row, outcomeOf(matched[i] ?? null, row.action, row.doubtful));
		});
		this.queue.done(call);
	}

	/** Waits before the call is sent again, as long as anybody waits for it. */
	private async rest(call: Call, ms: number): Promise<void> {
		if (call.rows.some(isWaitedFor)) {
			call.end = new AbortController();
			await this.timing.sleep(ms, call.end.signal);
		}
		this.queue.again(call);
	}

	/** The runs for which some row of the call would go on being retried for too long. */
	private late(call: Call, delay: number): readonly Run[] {
		const at = this.timing.now() + delay;
		const askers = call.rows.flatMap((row) => row.askers);
		return runsOfAskers(
			askers.filter(({ run, since }) => since !== null && at - since >= run.settings.retryFor),
		);
	}

	/** A lost call is lost for its rows alone; an unreachable network, or several in a row, for all. */
	private giveUp(call: Call, run: Run, reason: Reason, sent: boolean): void {
		if (run.lost() || !sent) {
			this.stopWith(call, run, reason);
			return;
		}
		run.fail(reason, false);
		this.refuse(call, run, reason);
	}

	/** The cause comes first: a run is over with its last row. */
	private stopWith(call: Call, run: Run, reason: Reason): void {
		run.fail(reason, true);
		this.refuse(call, run, reason);
		this.stop(run, reason);
	}

	/** A run's rows in a call are not done, for what is not their fault. */
	private refuse(call: Call, run: Run, reason: Reason): void {
		for (const row of call.rows) this.refuseOne(row, run, reason, false);
	}

	private refuseOne(row: Row, run: Run, reason: Reason, inFlight: boolean): void {
		const outcome = row.doubtful || inFlight ? 'unknown' : 'notSent';
		tell(row, sharedOutcome(outcome, reason), run);
		if (isWaitedFor(row)) return;
		if (row.call && !row.call.rows.some(isWaitedFor)) row.call.end?.abort();
		if (inFlight) this.queue.stray(row);
		else this.queue.release(row);
	}

	private reject({ group, rows }: Call, reason: Reason): void {
		const alone = rows.length === 1 && !group.wentThrough;
		for (const row of rows) {
			for (const { run, pair } of alone && !row.doubtful ? row.askers : []) {
				group.refusedAlone.push({ run, pair });
				if (!run.wentThrough) run.refusedAlone.push(pair);
			}
			for (const run of runsOf([row])) run.answered();
			tell(row, sharedOutcome(row.doubtful ? 'unknown' : 'rejected', reason));
		}
	}

	/** When all is refused, whatever the rows, it is not the rows. */
	private countRefusal(call: Call, reason: Reason): void {
		const code = reason.status ?? 0;
		this.inARow = { code, calls: this.inARow.code === code ? this.inARow.calls + 1 : 1 };
		for (const run of runsOf(call.rows)) {
			const refusals = Math.max(run.refused(code), this.inARow.calls);
			if (refusals < MOST_REFUSALS || run.wentThrough) continue;
			const notTheRows = { ...reason, advice: NOT_THE_ROWS };
			for (const pair of run.refusedAlone) run.settle(pair, sharedOutcome('notSent', notTheRows));
			this.stop(run, notTheRows);
		}
	}

	/**
	 * Decides about the parked calls around a centre, once nothing else around it is under way: if some
	 * of its rows went through, the others may as well; if other centres' rows did, the centre is the
	 * cause; and where there is nothing else to learn from, they are halved to the end.
	 */
	private judge(group: Group): void {
		if (!this.queue.isSpent(group)) return;
		const runs = runsOf(group.parked.flatMap(({ rows }) => rows));
		const isCause = !group.wentThrough && runs.some((run) => run.wentThrough);
		if (!group.wentThrough && !isCause && !runs.every(hasNothingElse)) return;
		group.toTheEnd = true;
		const calls = this.queue.unpark(group);
		for (const call of calls) {
			if (isCause) this.blameCentre(call);
			else this.queue.halve(call);
		}
	}

	private blameCentre(call: Call): void {
		for (const row of call.rows) {
			const reason = row.last;
			if (!reason) continue;
			const outcome = sharedOutcome('notSent', { ...reason, advice: NOT_THE_ROWS });
			for (const { run, pair } of call.group.refusedAlone.splice(0)) {
				if (!run.isOver) run.settle(pair, outcome);
			}
			tell(row, row.doubtful ? { ...outcome, outcome: 'unknown' } : outcome);
			this.queue.release(row);
		}
		this.queue.done(call);
	}
}

/** Nothing of the run is waiting or under way but what is parked. */
function hasNothingElse({ waiting, formed, inFlight }: Run): boolean {
	return waiting === 0 && formed.length === 0 && inFlight === 0;
}

/** Tells those who asked for a row what became of it: all of them, or those of one run. */
function tell(row: Row, outcome: PairOutcome, only?: Run): void {
	const told = row.askers.filter(({ run }) => only === undefined || run === only);
	row.askers = row.askers.filter((asker) => !told.includes(asker));
	for (const { run, pair } of told) run.settle(pair, outcome);
}
