import type { AnswerRow } from '../qcc/answer';
import type { Reason, Verdict } from '../qcc/verdict';
import type { Timing } from '../timing';
import { Blame } from './blame';
import { matchRows } from './matchRows';
import { nextStep, type Step } from './nextStep';
import { outcomeOf, sharedOutcome } from './outcome';
import type { Queue } from './queue';
import { isWaitedFor, runsOf, runsOfAskers, tell, type Call, type Row, type Run } from './run';

/** How an attempt at a call ended. */
export interface Ended {
	/** The names of its list, in the order sent. */
	readonly names: readonly string[];
	/** Bytes of its URL. */
	readonly bytes: number;
	readonly verdict: Verdict;
}

/**
 * Carries out what follows from a reply: for the call, for its rows, and for the runs that wait for
 * them. Each run is told of its own rows by its own rules, and what ends one leaves the others theirs.
 */
export class Consequences {
	private readonly blame: Blame;

	constructor(
		private readonly queue: Queue,
		private readonly timing: Timing,
	) {
		this.blame = new Blame(queue, (run, reason) => {
			this.stop(run, reason);
		});
	}

	async follow(call: Call, ended: Ended): Promise<void> {
		const runs = runsOf(call.rows);
		await this.carryOut(call, ended.names, this.stepOf(call, ended), runs);
		for (const row of call.rows) if (!isWaitedFor(row)) this.queue.release(row);
	}

	/** Decides about parked calls: to be asked whenever something was answered, left or cancelled. */
	judgeParked(): void {
		this.blame.judgeParked();
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

	/**
	 * Rows that came with a refusal of their whole call: one that is refused itself is, and one that is
	 * confirmed all the same contradicts it. It may stand, as may those that nothing is said of.
	 */
	private answerSome(call: Call, names: readonly string[], answers: readonly AnswerRow[]): void {
		const matched = matchRows(names, answers);
		call.rows.forEach((row, i) => {
			const outcome = outcomeOf(matched[i] ?? null, row.action, row.doubtful);
			if (outcome.outcome === 'rejected') tell(row, outcome);
			else row.doubtful = true;
		});
	}

	/** @param runs those that waited for the call when its reply came */
	private async carryOut(
		call: Call,
		names: readonly string[],
		step: Step,
		runs: readonly Run[],
	): Promise<void> {
		if (step.kind === 'answer') {
			this.answer(call, names, step.rows);
			return;
		}
		const { reason } = step;
		if (step.kind === 'halve' || step.kind === 'park' || step.kind === 'reject') {
			this.blame.refused(call, reason);
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
				for (const run of runsOf(call.rows)) run.answered();
				this.blame.reject(call, reason);
				break;
			case 'refuse':
				for (const run of runsOf(call.rows)) this.refuse(call, run, reason);
				break;
			case 'giveUp':
				for (const run of runsOf(call.rows)) this.giveUp(call, run, reason, step.sent);
				break;
			case 'stop':
				// Also those whose rows came with the refusal: they may have others.
				for (const run of runs) if (!run.isOver) this.stopWith(call, run, reason);
		}
		this.queue.done(call);
	}

	private answer(call: Call, names: readonly string[], answers: readonly AnswerRow[]): void {
		call.group.wentThrough = true;
		this.blame.somethingWentThrough();
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
}
