import type { Lane, Slot } from '../account/window';
import { isAboutCentre } from '../qcc/aboutCentre';
import { saysAlreadySo } from '../qcc/alreadySo';
import { MAX_SENDS_OF_A_QUERY, SUCCESS } from '../qcc/codes';
import { callUrl, listedBytes, SAFE_URL_BYTES, type Action } from '../qcc/endpoints';
import type { AnswerRow } from '../qcc/answer';
import { matchRows } from './matchRows';
import {
	sharedOutcome,
	type Failure,
	type OutcomeWord,
	type PairOutcome,
	type SendResult,
} from './outcome';
import type { PairTable } from '../read/pairs';
import type { Star } from '../plan/planCalls';
import { backoff, CANCELLED, classify, RUN_AGAIN, type Reason, type Verdict } from '../qcc/verdict';
import type { Reply } from '../qcc/exchange';
import type { Timing } from '../timing';
import type { UrlLimit } from '../account/urlLimit';

export interface Sending {
	readonly baseUrl: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	/** Most rows in one call, by shape. */
	readonly rowsPerCall: Readonly<Record<Star['shape'], number>>;
	/** Bytes a URL may have at most, as the user has set it; Infinity leaves it to be learned. */
	readonly maxUrlBytes: number;
	/** Calls of this execution in flight at once. */
	readonly maxConcurrency: number;
	/** Milliseconds that one call may go on being retried. */
	readonly retryFor: number;
	readonly lane: Lane;
	readonly urlLimit: UrlLimit;
	readonly timing: Timing;
	readonly cancel: AbortSignal | undefined;
	/** One attempt at one call. */
	exchange(url: string, shape: Star['shape']): Promise<Reply>;
}

/** Calls that ended without an answer, one after the other, before the run is given up. */
const MOST_LOST_IN_A_ROW = 3;

const LEFT_OUT: Reason = {
	status: SUCCESS,
	msg: null,
	what: 'QCC’s answer says nothing clear about this row',
	advice: RUN_AGAIN,
};
const WRONG_ADDRESS =
	'A short URL was refused as well, so its length is not the cause: check the Base URL of the credential.';

/** The rows of one star that are in no call yet. */
interface Supply {
	readonly star: Star;
	readonly pairs: number[];
	/** Pairs before this place have been taken. */
	from: number;
}

/** Rows that travel together. */
interface Call {
	readonly supply: Supply;
	readonly pairs: readonly number[];
	/** Attempts that may have reached QCC, of this very query. */
	sends: number;
	/** Attempts that failed in any way but by throttling. */
	failures: number;
	/** When it was first sent; null before. */
	since: number | null;
	/** An attempt may have taken effect without an answer: a later refusal proves nothing. */
	doubtful: boolean;
	/** QCC, or a server on the way, has refused it. */
	refused: boolean;
	/** Why its last attempt failed. */
	last: Reason | null;
}

function newCall(supply: Supply, pairs: readonly number[], doubtful = false): Call {
	return {
		supply,
		pairs,
		sends: 0,
		failures: 0,
		since: null,
		doubtful,
		refused: false,
		last: null,
	};
}

/**
 * Sends the stars' rows, as many to a call as caps and URL length allow, until every pair has an outcome.
 *
 * Calls are cut when a place in the account's window is free, so that each is filled to what is known
 * of the URL limit by then. Nothing is thrown: what fails is an outcome and a failure.
 */
export async function sendCalls(
	action: Action,
	table: PairTable,
	stars: readonly Star[],
	sending: Sending,
): Promise<SendResult> {
	return await new Run(action, table, stars, sending).finish();
}

class Run {
	private readonly outcomes: PairOutcome[] = [];
	private readonly supplies: Supply[];
	private readonly waiting: Call[] = [];
	private readonly workers = new Set<Promise<void>>();
	private failure: Failure | null = null;
	/** Ends whatever waits to send: the run was stopped, or the execution cancelled. */
	private readonly stopping = new AbortController();
	private readonly over: AbortSignal;
	private lostInARow = 0;

	constructor(
		private readonly action: Action,
		private readonly table: PairTable,
		stars: readonly Star[],
		private readonly sending: Sending,
	) {
		const stopped = this.stopping.signal;
		this.over = sending.cancel ? AbortSignal.any([sending.cancel, stopped]) : stopped;
		this.supplies = stars.map((star) => ({ star, pairs: [...star.pairs], from: 0 })).reverse();
	}

	async finish(): Promise<SendResult> {
		this.hire(this.countCalls());
		while (this.workers.size > 0) await Promise.all(this.workers);
		this.abandonRest();
		return { outcomes: this.outcomes, failure: this.failure };
	}

	private isOver(): boolean {
		return this.over.aborted;
	}

	private countCalls(): number {
		return this.supplies.reduce(
			(calls, { star, pairs }) =>
				calls + Math.ceil(pairs.length / this.sending.rowsPerCall[star.shape]),
			0,
		);
	}

	/** Workers leave when nothing waits; whoever brings new calls brings new workers. */
	private hire(count: number): void {
		const room = this.sending.maxConcurrency - this.workers.size;
		for (let i = 0; i < Math.min(count, room); i++) {
			const worker = this.work().finally(() => this.workers.delete(worker));
			this.workers.add(worker);
		}
	}

	private async work(): Promise<void> {
		while (!this.isOver() && (this.waiting.length > 0 || this.supplies.length > 0)) {
			const slot = await this.sending.lane.acquire(this.over);
			if (slot === null) return;
			const target = this.sending.urlLimit.next();
			const call = this.isOver() ? null : this.take(Math.min(target, this.sending.maxUrlBytes));
			if (call) await this.attempt(call, slot, target);
			else {
				this.sending.urlLimit.lost(target);
				slot.release({ kind: 'lost' });
			}
		}
	}

	private take(maxBytes: number): Call | null {
		const call = this.waiting.shift() ?? this.fresh();
		if (!call) return null;
		const fit = this.countFitting(call, maxBytes);
		if (fit === call.pairs.length) return call;
		this.putBack(newCall(call.supply, call.pairs.slice(fit), call.doubtful));
		return newCall(call.supply, call.pairs.slice(0, fit), call.doubtful);
	}

	private fresh(): Call | null {
		const supply = this.supplies.at(-1);
		if (!supply) return null;
		const to = supply.from + this.sending.rowsPerCall[supply.star.shape];
		const pairs = supply.pairs.slice(supply.from, to);
		supply.from = to;
		if (to >= supply.pairs.length) this.supplies.pop();
		return newCall(supply, pairs);
	}

	/** Rows that are new to QCC go back among the star's others, to fill later calls with them. */
	private putBack(call: Call): void {
		const { supply, pairs } = call;
		if (call.doubtful || supply !== this.supplies.at(-1) || supply.from < pairs.length) {
			this.waiting.unshift(call);
			return;
		}
		supply.from -= pairs.length;
		pairs.forEach((pair, i) => {
			supply.pairs[supply.from + i] = pair;
		});
	}

	private names(call: Call): string[] {
		return call.pairs.map((pair) =>
			call.supply.star.shape === 'user' ? this.table.company(pair) : this.table.loginName(pair),
		);
	}

	private url(call: Call, names: readonly string[]): string {
		const { shape, centre } = call.supply.star;
		return callUrl(this.sending.baseUrl, this.action, shape, centre, names);
	}

	/** How many of a call's rows stay within the URL length; one at least. */
	private countFitting(call: Call, maxBytes: number): number {
		if (maxBytes === Infinity) return call.pairs.length;
		let bytes = this.url(call, []).length + this.sending.keyBytes - 1;
		const names = this.names(call);
		const fit = names.findIndex((name) => (bytes += listedBytes(name)) > maxBytes);
		return fit < 0 ? names.length : Math.max(1, fit);
	}

	private async attempt(call: Call, slot: Slot, target: number): Promise<void> {
		const { timing, urlLimit } = this.sending;
		const names = this.names(call);
		const url = this.url(call, names);
		const bytes = url.length + this.sending.keyBytes;
		call.since ??= timing.now();

		const reply = await this.sending.exchange(url, call.supply.star.shape);
		const verdict = classify(reply);
		call.refused ||= reply.kind === 'answer' || reply.kind === 'http';
		if (verdict.kind !== 'rows') {
			call.last = verdict.reason;
			// An answer with rows under a code that refuses the call: some of them may have been done.
			call.doubtful ||= reply.kind === 'answer' && reply.answer.rows !== null;
		}
		slot.release(
			verdict.kind === 'throttled'
				? verdict
				: { kind: reply.kind === 'answer' ? 'answered' : 'lost' },
		);
		if (reply.kind === 'answer') urlLimit.pass(target, bytes);
		else if (verdict.kind === 'tooLong' && bytes >= SAFE_URL_BYTES) urlLimit.fail(target, bytes);
		else urlLimit.lost(target);

		await this.follow(call, names, bytes, verdict);
	}

	private async follow(
		call: Call,
		names: readonly string[],
		bytes: number,
		verdict: Verdict,
	): Promise<void> {
		switch (verdict.kind) {
			case 'rows':
				this.lostInARow = 0;
				this.answer(call, names, verdict.rows);
				return;
			case 'stop':
				this.refuse(call, verdict.reason);
				this.stop(verdict.reason);
				return;
			case 'throttled':
				if (this.outOfTime(call, verdict.retryAfter ?? 0)) {
					this.refuse(call, verdict.reason);
					this.stop(verdict.reason);
				} else this.waiting.push(call);
				return;
			case 'retry':
				await this.retry(call, verdict.reason, verdict.sent);
				return;
			case 'locked':
				this.refuse(call, verdict.reason);
				return;
			case 'tooLong':
				this.shorten(call, bytes, verdict.reason);
				return;
			case 'badRow':
				this.halve(call, verdict.reason);
				return;
			case 'cancelled':
				call.doubtful = true;
				this.refuse(call, verdict.reason);
		}
	}

	private answer(call: Call, names: readonly string[], rows: readonly AnswerRow[]): void {
		const matched = matchRows(names, rows);
		call.pairs.forEach((pair, i) => {
			this.outcomes[pair] = outcomeOf(matched[i] ?? null, this.action);
		});
	}

	private async retry(call: Call, reason: Reason, sent: boolean): Promise<void> {
		call.failures += 1;
		if (sent) {
			call.sends += 1;
			call.doubtful = true;
		}
		const delay = backoff(call.failures, this.sending.timing.random());
		if (call.sends >= MAX_SENDS_OF_A_QUERY || this.outOfTime(call, delay)) {
			this.giveUp(call, reason, sent);
			return;
		}
		await this.sending.timing.sleep(delay, this.over);
		// Should the run be over by now, the call is dealt with like all that wait.
		this.waiting.unshift(call);
	}

	/** A lost call is lost for its rows alone; an unreachable network, or several in a row, for all. */
	private giveUp(call: Call, reason: Reason, sent: boolean): void {
		this.lostInARow += 1;
		this.refuse(call, reason);
		if (!sent || this.lostInARow >= MOST_LOST_IN_A_ROW) this.stop(reason);
		else this.failure ??= { reason, stopped: false };
	}

	private outOfTime(call: Call, delay: number): boolean {
		const since = call.since ?? this.sending.timing.now();
		return this.sending.timing.now() + delay - since >= this.sending.retryFor;
	}

	private shorten(call: Call, bytes: number, reason: Reason): void {
		if (bytes < SAFE_URL_BYTES) {
			const wrong = { ...reason, advice: WRONG_ADDRESS };
			this.refuse(call, wrong);
			this.stop(wrong);
		} else if (call.pairs.length === 1) {
			this.refuse(call, reason);
		} else {
			this.putBack(newCall(call.supply, call.pairs, call.doubtful));
			this.hire(1);
		}
	}

	private halve(call: Call, reason: Reason): void {
		const { supply, pairs, doubtful } = call;
		const { shape } = supply.star;
		if (pairs.length === 1 || isAboutCentre(shape, reason.msg)) {
			this.lostInARow = 0;
			this.refuse(call, reason);
			return;
		}
		const middle = Math.ceil(pairs.length / 2);
		this.waiting.push(
			newCall(supply, pairs.slice(0, middle), doubtful),
			newCall(supply, pairs.slice(middle), doubtful),
		);
		this.hire(1);
	}

	/** The first cause is the one to tell: what follows it is often its consequence. */
	private stop(reason: Reason): void {
		if (this.failure?.stopped !== true) this.failure = { reason, stopped: true };
		this.stopping.abort();
	}

	/** Gives all rows of a call the same outcome, as far as it is known. */
	private refuse(call: Call, reason: Reason): void {
		const outcome = call.doubtful ? 'unknown' : call.refused ? 'rejected' : 'notSent';
		this.settle(call.pairs, outcome, reason);
	}

	private settle(pairs: readonly number[], outcome: OutcomeWord, reason: Reason): void {
		const result = sharedOutcome(outcome, reason);
		for (const pair of pairs) this.outcomes[pair] = result;
	}

	private abandonRest(): void {
		const reason = this.failure?.reason ?? CANCELLED;
		for (const call of this.waiting) this.refuse(call, call.last ?? reason);
		for (const { pairs, from } of this.supplies) this.settle(pairs.slice(from), 'notSent', reason);
	}
}

function outcomeOf(row: AnswerRow | null, action: Action): PairOutcome {
	if (row === null) {
		return {
			outcome: 'unknown',
			status: null,
			msg: null,
			keyNo: null,
			reason: LEFT_OUT,
		};
	}
	const { status, msg, keyNo } = row;
	const stands = status === SUCCESS || saysAlreadySo(action, msg);
	return {
		outcome: stands ? 'ok' : 'rejected',
		status,
		msg,
		keyNo,
		reason: null,
	};
}
