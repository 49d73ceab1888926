import type { Reply } from './exchange';
import { CODES, ROWS_FAILED, SUCCESS, type Code } from './codes';
import type { Answer, AnswerRow } from './answer';

/** Why a call failed as a whole: shown in its rows and in the run's error. */
export interface Reason {
	/** QCC's code or the HTTP status, null where there was no answer. */
	readonly status: number | null;
	/** QCC's own words, null where it sent none. */
	readonly msg: string | null;
	/** What happened, in English, a clause without its full stop. */
	readonly what: string;
	/** What to do about it. */
	readonly advice: string;
}

/** What to do with a call now. Verdicts other than `rows` carry the reason to report. */
export type Verdict =
	/** Each row has its own answer. */
	| { readonly kind: 'rows'; readonly rows: readonly AnswerRow[] }
	/** The account cannot go on: stop all calls of the run. */
	| { readonly kind: 'stop'; readonly reason: Reason }
	/** Too many calls: put it back, with the account's window shrunk. `retryAfter` in milliseconds. */
	| {
			readonly kind: 'throttled';
			readonly reason: Reason;
			readonly retryAfter: number | null;
	  }
	/** Send it again after a while. `sent`: the server may have worked on it. */
	| { readonly kind: 'retry'; readonly reason: Reason; readonly sent: boolean }
	/** Never send this query again. */
	| { readonly kind: 'locked'; readonly reason: Reason }
	/** The URL was too long: send it in smaller parts. */
	| { readonly kind: 'tooLong'; readonly reason: Reason }
	/** Some row spoils the call: halve it until that row stands alone. */
	| { readonly kind: 'badRow'; readonly reason: Reason }
	| { readonly kind: 'cancelled'; readonly reason: Reason };

const CHECK_ADDRESS =
	'Check the Base URL of the credential, and any proxy between this server and QCC.';
const CHECK_NETWORK =
	'Check this server’s network and DNS, and the Base URL of the credential; then run the workflow again.';
export const RUN_AGAIN = 'Run the workflow again: sending a row twice is safe.';

function reason(what: string, advice: string, status: number | null = null): Reason {
	return { status, msg: null, what, advice };
}

function ofCode({ meaning, advice }: Code, { code, msg }: Answer): Reason {
	return {
		status: code,
		msg,
		what: `QCC answered with code ${code}: ${meaning}`,
		advice,
	};
}

export const CANCELLED = reason('the execution was cancelled', RUN_AGAIN);

const SIGNATURE_REFUSED = 107;

/** A stale Timespan is the cause of a 107 that nobody sees: say how far the clocks are apart. */
function clockNote(skew: number | null): string {
	if (skew === null) return '';
	const seconds = Math.round(Math.abs(skew) / 1000);
	const relation = skew < 0 ? 'behind' : 'ahead of';
	return seconds <= 2
		? ' This server’s clock agrees with QCC’s.'
		: ` This server’s clock is ${seconds} s ${relation} QCC’s.`;
}

function classifyAnswer(answer: Answer, skew: number | null): Verdict {
	const { code, rows } = answer;
	const known = CODES[code];
	if (rows && (code === SUCCESS || code === ROWS_FAILED || known?.treatment === 'badRow')) {
		return { kind: 'rows', rows };
	}
	if (code === SUCCESS) {
		const silent = reason('QCC answered without a single row', RUN_AGAIN, code);
		return { kind: 'retry', reason: silent, sent: true };
	}
	if (!known) {
		const unknown: Reason = {
			status: code,
			msg: answer.msg,
			what: `QCC answered with code ${code}, which its document does not list`,
			advice: 'Ask QCC support (400-928-2212, kf@qichacha.com) what it means.',
		};
		return { kind: 'retry', reason: unknown, sent: true };
	}
	const told = ofCode(known, answer);
	if (code === SIGNATURE_REFUSED) {
		return {
			kind: 'stop',
			reason: { ...told, advice: told.advice + clockNote(skew) },
		};
	}
	switch (known.treatment) {
		case 'account':
			return { kind: 'stop', reason: told };
		case 'throttled':
			return { kind: 'throttled', reason: told, retryAfter: null };
		case 'passing':
			return { kind: 'retry', reason: told, sent: true };
		case 'locked':
			return { kind: 'locked', reason: told };
		case 'badRow':
			return { kind: 'badRow', reason: told };
	}
}

const TOO_LONG = new Set([413, 414, 431]);
/** What a web server answers with a page of its own when a URL is too long for it. */
const TOO_LONG_IF_HTML = new Set([400, 404]);
const REFUSED = new Set([401, 403]);
const TOO_MANY_REQUESTS = 429;
const REQUEST_TIMEOUT = 408;

function classifyHttp({ status, html, retryAfter }: Reply & { kind: 'http' }): Verdict {
	const answered = `the server answered with HTTP ${status}`;
	if (status === TOO_MANY_REQUESTS) {
		const limited = reason(`${answered}: too many requests`, CODES[109]?.advice ?? '', status);
		return { kind: 'throttled', reason: limited, retryAfter };
	}
	if (TOO_LONG.has(status) || (html && TOO_LONG_IF_HTML.has(status))) {
		return {
			kind: 'tooLong',
			reason: reason(`${answered}: the URL is too long`, 'Set “Max URL Length”.', status),
		};
	}
	if (status >= 500 || status === REQUEST_TIMEOUT) {
		return {
			kind: 'retry',
			reason: reason(answered, RUN_AGAIN, status),
			sent: true,
		};
	}
	if (status >= 300 && status < 400) {
		const redirected = `${answered}, a redirect, which is not followed: signatures stay with QCC`;
		return { kind: 'stop', reason: reason(redirected, CHECK_ADDRESS, status) };
	}
	const advice = REFUSED.has(status) ? (CODES[107]?.advice ?? '') : CHECK_ADDRESS;
	return { kind: 'stop', reason: reason(answered, advice, status) };
}

/**
 * Decides what one reply means for its call (design: "What QCC's codes do").
 * A code that no table lists is taken as passing: it is sent again, at most four times.
 */
export function classify(reply: Reply): Verdict {
	switch (reply.kind) {
		case 'answer':
			return classifyAnswer(reply.answer, reply.skew);
		case 'http':
			return classifyHttp(reply);
		case 'malformed':
			return {
				kind: 'retry',
				reason: reason('the answer was cut short or is not QCC’s', CHECK_ADDRESS),
				sent: true,
			};
		case 'unreachable':
			return {
				kind: 'retry',
				reason: reason(`QCC could not be reached (${reply.code})`, CHECK_NETWORK),
				sent: false,
			};
		case 'untrusted':
			return {
				kind: 'stop',
				reason: reason(`the server’s certificate is not trusted (${reply.code})`, CHECK_ADDRESS),
			};
		case 'broken':
			return {
				kind: 'retry',
				reason: reason(`the connection broke (${reply.code})`, RUN_AGAIN),
				sent: true,
			};
		case 'timeout':
			return {
				kind: 'retry',
				reason: reason('no complete answer came within “Timeout”', RUN_AGAIN),
				sent: true,
			};
		case 'cancelled':
			return {
				kind: 'cancelled',
				reason: CANCELLED,
			};
	}
}
