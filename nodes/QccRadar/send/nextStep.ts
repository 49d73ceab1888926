import { isAboutCentre } from '../qcc/aboutCentre';
import { saysAlreadySo } from '../qcc/alreadySo';
import type { AnswerRow } from '../qcc/answer';
import { MAX_SENDS_OF_A_QUERY } from '../qcc/codes';
import { SAFE_URL_BYTES, type Action, type Shape } from '../qcc/endpoints';
import type { Reason, Verdict } from '../qcc/verdict';

/** What is known of a call when its attempt is over. */
export interface Attempted {
	readonly action: Action;
	readonly shape: Shape;
	readonly rows: number;
	/** Bytes of its URL. */
	readonly bytes: number;
	/** Attempts that may have reached QCC, of this very query, this one aside. */
	readonly sends: number;
	/** Attempts that failed in any way but by throttling, this one aside. */
	readonly failures: number;
	/** So many rows around its centre were refused alone that others' rows are to tell first. */
	readonly enoughAlone: boolean;
}

/** What becomes of a call, and of the runs that wait for its rows. */
export type Step =
	/** Each row has its own answer. */
	| { readonly kind: 'answer'; readonly rows: readonly AnswerRow[] }
	/** Send it again after so many milliseconds. `sent`: the last attempt may have reached QCC. */
	| {
			readonly kind: 'again';
			readonly after: number;
			readonly sent: boolean;
			readonly reason: Reason;
	  }
	/** Send it again as soon as the account's window lets it, after so many milliseconds at least. */
	| { readonly kind: 'yield'; readonly after: number; readonly reason: Reason }
	/** Its rows fill shorter calls. */
	| { readonly kind: 'shorten'; readonly reason: Reason }
	/** Some row spoils it: send it in halves. */
	| { readonly kind: 'halve'; readonly reason: Reason }
	/** Some row may spoil it, or it is not the rows: ask others first. */
	| { readonly kind: 'park'; readonly reason: Reason }
	/** Its rows are the cause of the refusal. */
	| { readonly kind: 'reject'; readonly reason: Reason }
	/** It is refused for what is not its rows' fault. */
	| { readonly kind: 'leave'; readonly reason: Reason }
	/** It was sent as often as may be. `sent` as above. */
	| { readonly kind: 'giveUp'; readonly sent: boolean; readonly reason: Reason }
	/** Nothing that these runs send can succeed. `page`: as far as a web server's page says so. */
	| { readonly kind: 'stop'; readonly page?: true; readonly reason: Reason };

const WRONG_ADDRESS = 'Its length is not the cause: check the Base URL of the credential.';

/** Every web server takes a short URL: one that refuses it is not the right server. */
function wrongAddress(reason: Reason): Reason {
	const what = `the server refused a short URL with HTTP ${reason.status ?? 'status unknown'}`;
	return { ...reason, what, advice: WRONG_ADDRESS };
}

/**
 * The next step of a call.
 * @param random a number in [0, 1)
 */
export function nextStep(call: Attempted, verdict: Verdict, random: number): Step {
	if (verdict.kind === 'rows') return { kind: 'answer', rows: verdict.rows };
	const { reason } = verdict;
	switch (verdict.kind) {
		case 'stop':
			return verdict.page ? { kind: 'stop', page: true, reason } : { kind: 'stop', reason };
		case 'throttled':
			return { kind: 'yield', after: verdict.retryAfter ?? 0, reason };
		case 'retry': {
			const { sent } = verdict;
			const sends = call.sends + Number(sent);
			if (sends >= MAX_SENDS_OF_A_QUERY) return { kind: 'giveUp', sent, reason };
			const after = Math.max(backoff(call.failures + 1, random), verdict.retryAfter ?? 0);
			return { kind: 'again', after, sent, reason };
		}
		case 'cancelled':
		case 'locked':
			return { kind: 'leave', reason };
		case 'tooLong':
			if (call.bytes < SAFE_URL_BYTES) {
				return { kind: 'stop', page: true, reason: wrongAddress(reason) };
			}
			return { kind: call.rows === 1 ? 'leave' : 'shorten', reason };
		case 'badRow':
			if (call.rows === 1 && saysAlreadySo(call.action, reason.msg)) {
				const { status, msg } = reason;
				return { kind: 'answer', rows: [{ echo: null, status, msg, keyNo: null }] };
			}
			if (call.rows === 1 || isAboutCentre(call.shape, reason.msg)) {
				return { kind: 'reject', reason };
			}
			return { kind: call.enoughAlone ? 'park' : 'halve', reason };
	}
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;

/**
 * Full-jitter backoff: anything up to a bound that doubles with each failed attempt.
 * @param failures failed attempts so far, from 1
 * @param random a number in [0, 1)
 * @returns milliseconds to wait
 */
export function backoff(failures: number, random: number): number {
	return random * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 1));
}
