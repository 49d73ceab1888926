import { MAX_CONCURRENCY } from '../qcc/endpoints';
import type { Timing } from '../timing';

/** How a call that held a place in the window ended. */
export type Ending =
	| { readonly kind: 'answered' }
	/** Refused for its rate: 109, 120, 122, HTTP 429. `retryAfter` in milliseconds. */
	| { readonly kind: 'throttled'; readonly retryAfter: number | null }
	/** Neither: it says nothing about the limit, but may ask everybody to wait (HTTP 503). */
	| { readonly kind: 'lost'; readonly retryAfter: number | null };

export interface Slot {
	/** Gives the place back. To be called once, however the call ended. */
	release(ending: Ending): void;
}

const DECREASE = 0.7;
/** Added by a window's worth of answers, and the part of it that each answer since a refusal adds. */
const INCREASE = { base: 0.04, perAnswer: 0.1 };
/** Milliseconds one call is taken to last until one has been timed. */
const ROUND_TRIP_GUESS = 300;
/** Weight of the newest round trip in the smoothed one (as TCP's, RFC 6298). */
const SMOOTHING = 1 / 8;
/** Round trips that one place stays empty for. */
const GAP = 2;
/** Rounds of answers without a refusal between two gaps: alone, a gap costs 4 % of five places. */
const ROUNDS_BETWEEN_GAPS = { alone: 10, shared: 3 };
/** Round trips to wait after a refusal with nothing in flight: less than a gap, so that none is missed. */
const PAUSE = { least: 0.9 * GAP, most: GAP };
/** Pauses before they double: together with a gap they last as long as what lies between two gaps. */
const EVEN_PAUSES = 5;
const MOST_DOUBLINGS = 3;
/**
 * Milliseconds a Retry-After can keep everybody out. A run that may not wait as long stops by itself;
 * the others of this account are told by their own next call.
 */
const LONGEST_SHUT = 300_000;

type Waiter = (slot: Slot) => void;

/**
 * The calls in flight for one account in this process: never more than five (section 3 of the
 * document), had in the order of asking, and fewer when QCC refuses calls for their rate because
 * other processes use the account too.
 *
 * Additive increase, multiplicative decrease: a refusal multiplies the limit by 0.7, at most once per
 * round trip, and brings it down to the calls that QCC did accept; a window's worth of answers adds
 * 0.04, and ever more the longer nothing is refused; the floor is 1.
 *
 * QCC refuses whoever comes when five are in, so a process that fills its places again at once is
 * never refused, and one that comes later always is. Hence the gap: after ten rounds of answers without
 * a refusal one place stays empty for two round trips, for others to come in by; after three rounds
 * once the limit is below five, for then others are there. A process that has nothing in flight and is
 * refused tries again after a little less than a gap, so that it meets the next one; once that should
 * have come by, its pauses double, up to eightfold. They are random, lest processes move in step.
 */
export class AccountWindow {
	private limit: number = MAX_CONCURRENCY;
	private inFlight = 0;
	private roundTrip = ROUND_TRIP_GUESS;
	private lastDecrease = -Infinity;
	private refusalsInARow = 0;
	private answersSinceRefusal = 0;
	private answersSinceGap = 0;
	private gap = 0;
	private shutUntil = -Infinity;
	private opening = false;
	private rest = new AbortController();
	private members = 0;
	/** In the order of their coming. */
	private readonly waiters: Waiter[] = [];

	constructor(private readonly timing: Timing) {}

	/** Nothing would be lost with this window: nobody uses it, nothing is in flight, it is not shut. */
	get isForgettable(): boolean {
		return this.members === 0 && this.inFlight === 0 && this.shutUntil <= this.timing.now();
	}

	join(): void {
		this.members += 1;
	}

	leave(): void {
		this.members -= 1;
		if (this.members > 0) return;
		// Nobody is left to wait for: no timer stays behind.
		this.rest.abort();
		this.rest = new AbortController();
	}

	/** Waits for a place; null when the signal was aborted first. */
	acquire(signal?: AbortSignal): Promise<Slot | null> {
		return new Promise((resolve) => {
			if (signal?.aborted) {
				resolve(null);
				return;
			}
			const giveUp = () => {
				this.waiters.splice(this.waiters.indexOf(settle), 1);
				resolve(null);
			};
			const settle: Waiter = (slot) => {
				signal?.removeEventListener('abort', giveUp);
				resolve(slot);
			};
			signal?.addEventListener('abort', giveUp, { once: true });
			this.waiters.push(settle);
			this.admit();
		});
	}

	/** Lets in whoever is next while there is room. */
	private admit(): void {
		const wait = this.shutUntil - this.timing.now();
		if (wait > 0) {
			if (this.waiters.length > 0) this.openIn(wait);
			return;
		}
		while (this.inFlight < Math.max(1, Math.floor(this.limit) - this.gap)) {
			const next = this.waiters.shift();
			if (!next) return;
			next(this.occupy());
		}
	}

	private openIn(ms: number): void {
		if (this.opening) return;
		this.opening = true;
		void this.timing.sleep(ms, this.rest.signal).then(() => {
			this.opening = false;
			this.admit();
		});
	}

	private occupy(): Slot {
		const since = this.timing.now();
		this.inFlight += 1;
		return {
			release: (ending) => {
				this.inFlight -= 1;
				if (ending.kind === 'answered') this.grow(since);
				else {
					if (ending.kind === 'throttled') this.shrink(since);
					this.shut(ending.retryAfter);
				}
				this.admit();
			},
		};
	}

	private grow(since: number): void {
		const took = this.timing.now() - since;
		this.roundTrip += (took - this.roundTrip) * SMOOTHING;
		this.refusalsInARow = 0;
		this.answersSinceGap += 1;
		if (this.answersSinceGap >= this.answersBetweenGaps()) this.leaveGap();
		const { base, perAnswer } = INCREASE;
		const increase = base * (1 + perAnswer * this.answersSinceRefusal);
		this.answersSinceRefusal += 1;
		this.limit = Math.min(MAX_CONCURRENCY, this.limit + increase / Math.floor(this.limit));
	}

	private answersBetweenGaps(): number {
		const { alone, shared } = ROUNDS_BETWEEN_GAPS;
		return Math.floor(this.limit) * (this.limit < MAX_CONCURRENCY ? shared : alone);
	}

	private leaveGap(): void {
		this.answersSinceGap = 0;
		this.gap = 1;
		void this.timing.sleep(this.roundTrip * GAP, this.rest.signal).then(() => {
			this.gap = 0;
			this.admit();
		});
	}

	private shrink(since: number): void {
		const now = this.timing.now();
		this.answersSinceRefusal = 0;
		this.answersSinceGap = 0;
		if (since >= this.lastDecrease) {
			this.lastDecrease = now;
			this.limit *= DECREASE;
		}
		this.limit = Math.max(1, Math.min(this.limit, this.inFlight));
		if (this.inFlight === 0) {
			this.refusalsInARow += 1;
			const pause = pauseAfter(this.refusalsInARow, this.roundTrip, this.timing.random());
			this.shutUntil = Math.max(this.shutUntil, now + pause);
		}
	}

	/** Keeps everybody out for a while. */
	private shut(retryAfter: number | null): void {
		if (retryAfter === null) return;
		const until = this.timing.now() + Math.min(retryAfter, LONGEST_SHUT);
		this.shutUntil = Math.max(this.shutUntil, until);
	}
}

/**
 * How long to keep out after a refusal with nothing in flight: milliseconds.
 * @param refusals such refusals in a row
 */
function pauseAfter(refusals: number, roundTrip: number, random: number): number {
	const { least, most } = PAUSE;
	const late = Math.max(0, refusals - EVEN_PAUSES);
	const rounds = least + (most - least) * random;
	return roundTrip * rounds * 2 ** Math.min(late, MOST_DOUBLINGS);
}
