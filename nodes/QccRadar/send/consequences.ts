import type { AnswerRow } from '../qcc/answer';
import { CANCELLED, type Verdict } from '../qcc/verdict';
import type { Timing } from '../timing';
import { Blame } from './blame';
import { Endings } from './endings';
import { matchRows } from './matchRows';
import { nextStep, type Step } from './nextStep';
import { outcomeOf } from './outcome';
import type { Queue } from './queue';
import { isEnoughAlone, isWaitedFor, runsOf, tell, type Call, type Run } from './run';

/** So often a call that fails is parted to see whether all of it does. */
const PARTED_TO_SEE = 2;

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
	private readonly endings: Endings;
	private readonly blame: Blame;

	constructor(
		private readonly queue: Queue,
		private readonly timing: Timing,
	) {
		this.endings = new Endings(queue);
		this.blame = new Blame(queue, this.endings);
	}

	/** Takes a cancelled run out: all its rows are told of now. */
	cancel(run: Run): void {
		this.endings.stop(run, CANCELLED, 'cancelled');
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

	private stepOf(call: Call, { names, verdict, bytes }: Ended): Step {
		if (verdict.kind !== 'rows') {
			for (const row of call.rows) {
				row.last = verdict.reason;
				row.doubtful ||= verdict.kind === 'retry' && verdict.sent;
			}
			if ('rows' in verdict && verdict.rows) this.answerSome(call, names, verdict.rows);
		}
		return nextStep(
			{
				action: call.group.action,
				shape: call.group.shape,
				rows: call.rows.length,
				bytes,
				sends: call.sends,
				failures: call.failures,
				enoughAlone: isEnoughAlone(call.group),
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
			const outcome = outcomeOf(matched[i] ?? null, call.group, row.doubtful);
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
			if (run.isStopped) this.endings.leaveUndone(call, run, reason);
		}
		switch (step.kind) {
			case 'again':
				call.failures += 1;
				call.sends += Number(step.sent);
				for (const run of lateRuns(call, this.timing.now() + step.after))
					this.endings.giveUp(call, run, reason, step.sent);
				await this.rest(call, step.after);
				return;
			case 'yield':
				for (const run of lateRuns(call, this.timing.now() + step.after))
					this.endings.stopWith(call, run, reason);
				this.queue.formed.again(call);
				return;
			case 'shorten':
				this.queue.formed.putBack(call);
				return;
			case 'halve':
				this.queue.formed.halve(call);
				return;
			case 'park':
				this.queue.centres.park(call);
				return;
			case 'reject':
				for (const run of runsOf(call.rows)) run.answered();
				this.blame.reject(call, reason);
				break;
			case 'leave':
				for (const run of runsOf(call.rows)) this.endings.leaveUndone(call, run, reason);
				break;
			case 'giveUp':
				if (step.sent && this.mayPart(call) && this.queue.formed.part(call)) return;
				for (const run of runsOf(call.rows)) this.endings.giveUp(call, run, reason, step.sent);
				break;
			case 'stop':
				if (step.page && this.mayPart(call) && this.queue.formed.part(call)) return;
				// Also those whose rows came with the refusal: they may have others.
				for (const run of runs) if (!run.isOver) this.endings.stopWith(call, run, reason);
		}
		this.queue.centres.done(call);
	}

	/**
	 * Whether the executions that share a call which is given up, or refused by a web server, may go on apart:
	 * one's row may be all that spoils it. Twice, to see; then as long as rows around the same centre go
	 * through, for then the server does not fail all.
	 */
	private mayPart({ parted, since, group }: Call): boolean {
		return parted < PARTED_TO_SEE || (since !== null && group.wentThroughAt >= since);
	}

	private answer(call: Call, names: readonly string[], answers: readonly AnswerRow[]): void {
		call.group.wentThrough = true;
		call.group.wentThroughAt = this.timing.now();
		this.blame.somethingWentThrough();
		for (const run of runsOf(call.rows)) run.goesThrough();
		const matched = matchRows(names, answers);
		call.rows.forEach((row, i) => {
			tell(row, outcomeOf(matched[i] ?? null, call.group, row.doubtful));
		});
		this.queue.centres.done(call);
	}

	/** Waits before the call is sent again, as long as anybody waits for it: in its runs' places. */
	private async rest(call: Call, ms: number): Promise<void> {
		const runs = runsOf(call.rows);
		if (runs.length > 0) {
			call.end = new AbortController();
			for (const run of runs) run.inFlight += 1;
			await this.timing.sleep(ms, call.end.signal);
			for (const run of runs) run.inFlight -= 1;
		}
		this.queue.formed.again(call);
	}
}

/** The runs for which some row of the call would be retried for too long, were it sent again then. */
function lateRuns({ rows }: Call, at: number): readonly Run[] {
	const late = new Set<Run>();
	for (const { askers } of rows) {
		for (const { run, since } of askers) {
			if (since !== null && at - since >= run.settings.retryFor) late.add(run);
		}
	}
	return [...late];
}
