import { isAboutCentre } from './aboutCentre';
import { saysAlreadySo } from './alreadySo';
import type { Reply } from './exchange';
import { CHECK_ADDRESS, faultInWords, RUN_AGAIN, type ConnectionFault } from './network';

export { RUN_AGAIN };
import { CODES, SUCCESS, type Code } from './codes';
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

/** A call that is refused, or may be sent again: why, and what QCC answered of it all the same. */
interface Undone {
	readonly reason: Reason;
	/**
	 * Rows that came with the refusal, for `matchRows`: what they say of their names counts, and the rest
	 * of the call is as the verdict says, though some of it may have been done. Those that only repeat the
	 * refusal have no status. Null where there were none.
	 */
	readonly rows: readonly AnswerRow[] | null;
}

/** What to do with a call now. Verdicts other than `rows` carry the reason to report. */
export type Verdict =
	/** Each row has its own answer. */
	| { readonly kind: 'rows'; readonly rows: readonly AnswerRow[] }
	/** The account, or the address, cannot go on: stop all calls of the run. `page`: a web server says so. */
	| ({ readonly kind: 'stop'; readonly page?: true } & Undone)
	/** Too many calls: put it back, with the account's window shrunk. `retryAfter` in milliseconds. */
	| ({ readonly kind: 'throttled'; readonly retryAfter: number | null } & Undone)
	/** Send it again after a while, and not before `retryAfter`. `sent`: the server may have worked on it. */
	| ({
			readonly kind: 'retry';
			readonly sent: boolean;
			readonly retryAfter: number | null;
	  } & Undone)
	/** Never send this query again. */
	| ({ readonly kind: 'locked' } & Undone)
	/** The URL was too long: send it in smaller parts. */
	| { readonly kind: 'tooLong'; readonly reason: Reason }
	/** Some row spoils the call: halve it until that row stands alone. The one verdict on rows. */
	| { readonly kind: 'badRow'; readonly reason: Reason }
	| { readonly kind: 'cancelled'; readonly reason: Reason };

function reason(what: string, advice: string, status: number | null = null): Reason {
	return { status, msg: null, what, advice };
}

/** Why, by a code that a table lists. */
export function ofCode(
	{ meaning, advice }: Code,
	{ code, msg }: Pick<Answer, 'code' | 'msg'>,
): Reason {
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

const SILENT = reason('QCC answered without a single row', RUN_AGAIN, SUCCESS);

function ofUnknownCode({ code, msg }: Answer): Reason {
	return {
		status: code,
		msg,
		what: `QCC answered with code ${code}, which its document does not list`,
		advice: 'Ask QCC support (400-928-2212, kf@qichacha.com) what it means.',
	};
}

/** Whether a row under a refused call says something of its own name. */
function isOwnAnswer({ status, msg }: AnswerRow): boolean {
	return (
		status === SUCCESS ||
		isAboutCentre('user', msg) ||
		isAboutCentre('company', msg) ||
		saysAlreadySo('assign', msg) ||
		saysAlreadySo('unassign', msg)
	);
}

function classifyAnswer({ answer, skew, retryAfter }: Reply & { kind: 'answer' }): Verdict {
	const { code } = answer;
	const known = CODES[code];
	if (answer.rows && (code === SUCCESS || known?.treatment === 'badRow')) {
		return { kind: 'rows', rows: answer.rows };
	}
	const rows =
		answer.rows?.map((row) => (isOwnAnswer(row) ? row : { ...row, status: null })) ?? null;
	if (!known) {
		const why = code === SUCCESS ? SILENT : ofUnknownCode(answer);
		return { kind: 'retry', reason: why, sent: true, retryAfter, rows };
	}
	const told = ofCode(known, answer);
	switch (known.treatment) {
		case 'account': {
			const note = code === SIGNATURE_REFUSED ? clockNote(skew) : '';
			return { kind: 'stop', reason: { ...told, advice: told.advice + note }, rows };
		}
		case 'throttled':
			return { kind: 'throttled', reason: told, retryAfter, rows };
		case 'passing':
			return { kind: 'retry', reason: told, sent: true, retryAfter, rows };
		case 'locked':
			return { kind: 'locked', reason: told, rows };
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
const NOT_FOLLOWED = `${CHECK_ADDRESS} Redirects are not followed: signatures stay with QCC.`;

function classifyHttp({ status, html, retryAfter }: Reply & { kind: 'http' }): Verdict {
	const answered = `the server answered with HTTP ${status}`;
	if (status === TOO_MANY_REQUESTS) {
		const limited = reason(`${answered}: too many requests`, CODES[109]?.advice ?? '', status);
		return { kind: 'throttled', reason: limited, retryAfter, rows: null };
	}
	if (TOO_LONG.has(status) || (html && TOO_LONG_IF_HTML.has(status))) {
		return {
			kind: 'tooLong',
			reason: reason(`${answered}: the URL is too long`, 'Set “Max URL Length”.', status),
		};
	}
	if (status >= 500 || status === REQUEST_TIMEOUT) {
		return retry(reason(answered, RUN_AGAIN, status), { retryAfter });
	}
	if (status >= 300 && status < 400) {
		return stop(reason(`${answered}, a redirect`, NOT_FOLLOWED, status), { page: true });
	}
	const advice = REFUSED.has(status) ? (CODES[107]?.advice ?? '') : CHECK_ADDRESS;
	return stop(reason(answered, advice, status), { page: true });
}

function stop(why: Reason, more: { page?: true } = {}): Verdict {
	return { kind: 'stop', reason: why, rows: null, ...more };
}

function retry(
	why: Reason,
	{ sent = true, retryAfter = null }: { sent?: boolean; retryAfter?: number | null } = {},
): Verdict {
	return { kind: 'retry', reason: why, sent, retryAfter, rows: null };
}

function classifyFault(fault: ConnectionFault): Verdict {
	const { what, advice } = faultInWords(fault);
	const why = reason(what, advice);
	return fault.kind === 'untrusted' ? stop(why) : retry(why, { sent: fault.kind === 'broken' });
}

/**
 * Decides what one reply means for its call. Pure.
 * A code that no table lists is taken as passing: it is sent again, at most four times.
 */
export function classify(reply: Reply): Verdict {
	switch (reply.kind) {
		case 'answer':
			return classifyAnswer(reply);
		case 'http':
			return classifyHttp(reply);
		case 'malformed':
			return retry(reason('the answer was cut short or is not QCC’s', CHECK_ADDRESS));
		case 'unreachable':
		case 'untrusted':
		case 'broken':
			return classifyFault(reply);
		case 'timeout':
			return retry(reason('no complete answer came within “Timeout”', RUN_AGAIN));
		case 'cancelled':
			return { kind: 'cancelled', reason: CANCELLED };
	}
}
