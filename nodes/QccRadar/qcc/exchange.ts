import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { CODES, ROWS_FAILED } from './codes';
import { parseAnswer, type Answer } from './answer';
import type { Shape } from './endpoints';
import { connectionFault, type ConnectionFault } from './network';
import type { Redact, Redactor } from './redact';

/** What came back from one attempt to send one call. */
export type Reply =
	/** QCC answered in its own format: with rows, whatever the HTTP status, or with a code. */
	| {
			readonly kind: 'answer';
			readonly answer: Answer;
			/** This server's clock less QCC's, by the answer's Date header: milliseconds, ± 1 s. */
			readonly skew: number | null;
			/** The Retry-After header, milliseconds from now. */
			readonly retryAfter: number | null;
	  }
	/** A web server answered, with a status that is not 2xx, and no row. */
	| {
			readonly kind: 'http';
			readonly status: number;
			/** The body is a web page, not JSON: it comes from a web server, not from QCC's program. */
			readonly html: boolean;
			/** The Retry-After header, milliseconds from now. */
			readonly retryAfter: number | null;
	  }
	/** HTTP 2xx with a body that is no answer: cut, empty, a web page. */
	| { readonly kind: 'malformed' }
	/** No response: nothing was sent, or the connection broke after the call may have been. */
	| ConnectionFault
	/** No complete answer within the call's time. */
	| { readonly kind: 'timeout' }
	/** The execution was cancelled while the call was under way. */
	| { readonly kind: 'cancelled' };

/** Sends one signed request; the signal ends it. Rejects where no response came. */
export type Send = (
	options: IHttpRequestOptions,
	signal: AbortSignal,
) => Promise<IN8nHttpFullResponse>;

/** The way to one account: it signs, sends, and knows what must not be told. */
export interface Channel {
	readonly send: Send;
	readonly redactor: Redactor;
}

/** One attempt at one call. */
export interface Attempt {
	readonly url: string;
	readonly shape: Shape;
	/** Milliseconds for the exchange as a whole, a body that drips included; n8n's own would not do that. */
	readonly timeout: number;
	/** Ends the attempt with the execution. */
	readonly cancel: AbortSignal | undefined;
}

/** `Wed, 25 Nov 2026 17:00:00 GMT` and its like. `Date.parse` would make one of any number. */
const HTTP_DATE = /^\s*[a-z]{3,9}, /i;

function dateOf(header: unknown): number | null {
	const date = typeof header === 'string' && HTTP_DATE.test(header) ? Date.parse(header) : NaN;
	return Number.isFinite(date) ? date : null;
}

/**
 * Retry-After (RFC 9110, section 10.2.3): seconds, or a date, which is the server's own clock's.
 * @returns milliseconds from now
 */
function retryAfterOf({ headers }: IN8nHttpFullResponse, now: number): number | null {
	const header = headers['retry-after'];
	if (typeof header === 'string' && /^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
	const date = dateOf(header);
	return date === null ? null : Math.max(0, date - (dateOf(headers.date) ?? now));
}

function isWebPage(body: string, contentType: unknown): boolean {
	return /html/i.test(typeof contentType === 'string' ? contentType : '') || /^\s*</.test(body);
}

/** A code is more telling than the 4xx it may come with; behind 5xx and 429 stands a web server. */
function isAnswer(status: number, { code, rows }: Answer): boolean {
	if (status >= 200 && status < 300) return true;
	if (rows?.some((row) => row.status !== null)) return true;
	const refusal = status >= 400 && status < 500 && status !== 429;
	return refusal && code !== ROWS_FAILED && code in CODES;
}

function read(response: IN8nHttpFullResponse, shape: Shape, now: number, redact: Redact): Reply {
	const { statusCode: status, headers } = response;
	const body = typeof response.body === 'string' ? response.body : '';
	const retryAfter = retryAfterOf(response, now);
	const answer = parseAnswer(body, shape, redact);
	if (answer && isAnswer(status, answer)) {
		const date = dateOf(headers.date);
		return { kind: 'answer', answer, skew: date === null ? null : now - date, retryAfter };
	}
	if (status >= 200 && status < 300) return { kind: 'malformed' };
	return { kind: 'http', status, html: isWebPage(body, headers['content-type']), retryAfter };
}

/**
 * Sends one call once. The reply carries nothing of the request: no key, no signature.
 * @param now the wall clock, in milliseconds since 1970: for the skew, and for when it was signed
 */
export async function exchange(
	channel: Channel,
	{ url, shape, timeout, cancel }: Attempt,
	now: () => number,
): Promise<Reply> {
	const deadline = AbortSignal.timeout(timeout);
	const signal = cancel ? AbortSignal.any([deadline, cancel]) : deadline;
	const from = now();
	try {
		const response = await channel.send(
			{
				method: 'GET',
				url,
				headers: { Accept: 'application/json' },
				// As text: a body is judged here, not by the HTTP library's guess.
				encoding: 'text',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
			signal,
		);
		const to = now();
		return read(response, shape, to, channel.redactor(from, to));
	} catch (error) {
		if (cancel?.aborted) return { kind: 'cancelled' };
		if (deadline.aborted) return { kind: 'timeout' };
		return connectionFault(error);
	}
}
