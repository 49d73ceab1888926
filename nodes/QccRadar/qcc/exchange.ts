import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { CODES, ROWS_FAILED } from './codes';
import { parseAnswer, type Answer } from './answer';
import type { Shape } from './endpoints';

/** What came back from one attempt to send one call. */
export type Reply =
	/** QCC answered in its own format. */
	| {
			readonly kind: 'answer';
			readonly answer: Answer;
			/** This server's clock less QCC's, by the answer's Date header: milliseconds, ± 1 s. */
			readonly skew: number | null;
	  }
	/** A web server answered, with a status that is not 2xx. */
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
	/** No connection: nothing was sent. `code` as Node names it: ECONNREFUSED, ENOTFOUND … */
	| { readonly kind: 'unreachable'; readonly code: string }
	/** The TLS certificate is not trusted: nothing was sent. */
	| { readonly kind: 'untrusted'; readonly code: string }
	/** The connection broke after the call had been sent, or may have been. */
	| { readonly kind: 'broken'; readonly code: string }
	/** No complete answer within the call's time. */
	| { readonly kind: 'timeout' }
	/** The execution was cancelled while the call was under way. */
	| { readonly kind: 'cancelled' };

/** Sends one signed request; the signal ends it. Rejects where no response came. */
export type Send = (
	options: IHttpRequestOptions,
	signal: AbortSignal,
) => Promise<IN8nHttpFullResponse>;

/** Node's names for a connection that was never made. */
const UNREACHABLE = new Set([
	'ECONNREFUSED',
	'EAI_AGAIN',
	'EHOSTDOWN',
	'EHOSTUNREACH',
	'ENETDOWN',
	'ENETUNREACH',
	'ENOTFOUND',
]);
/** OpenSSL's and Node's names for a certificate or a protocol that cannot be trusted. */
const UNTRUSTED = /CERT|^UNABLE_TO_|SELF_SIGNED|^EPROTO$|^ERR_(TLS|SSL)/;

interface NodeError {
	readonly code?: unknown;
	readonly syscall?: unknown;
	readonly cause?: unknown;
}

/** The innermost error that bears one of Node's codes: n8n and axios wrap theirs around it. */
function rootOf(error: unknown): { code: string; connecting: boolean } {
	let root = { code: 'no error code', connecting: false };
	const seen = new Set<unknown>();
	for (let at = error; typeof at === 'object' && at !== null && !seen.has(at);) {
		seen.add(at);
		const { code, syscall, cause } = at as NodeError;
		if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) {
			root = { code, connecting: syscall === 'connect' };
		}
		at = cause;
	}
	return root;
}

function failed(error: unknown): Reply {
	const { code, connecting } = rootOf(error);
	if (UNREACHABLE.has(code) || connecting) return { kind: 'unreachable', code };
	return { kind: UNTRUSTED.test(code) ? 'untrusted' : 'broken', code };
}

/** Retry-After (RFC 9110, section 10.2.3): seconds, or a date. */
function retryAfter(header: unknown, now: number): number | null {
	if (typeof header !== 'string') return null;
	const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
	return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function isWebPage(body: string, contentType: unknown): boolean {
	return /html/i.test(typeof contentType === 'string' ? contentType : '') || /^\s*</.test(body);
}

function read(
	response: IN8nHttpFullResponse,
	shape: Shape,
	now: number,
	redact: (words: string) => string,
): Reply {
	const { statusCode: status, headers } = response;
	const body = typeof response.body === 'string' ? response.body : '';
	const answer = parseAnswer(body, shape, redact);
	const fine = status >= 200 && status < 300;
	// A code is more telling than the 4xx it may come with; behind 5xx and 429 stands a web server.
	const refusal = status >= 400 && status < 500 && status !== 429;
	if (
		answer &&
		(fine ||
			(refusal && answer.rows === null && answer.code !== ROWS_FAILED && answer.code in CODES))
	) {
		const date = typeof headers.date === 'string' ? Date.parse(headers.date) : NaN;
		return {
			kind: 'answer',
			answer,
			skew: Number.isFinite(date) ? now - date : null,
		};
	}
	if (fine) return { kind: 'malformed' };
	const html = isWebPage(body, headers['content-type']);
	return {
		kind: 'http',
		status,
		html,
		retryAfter: retryAfter(headers['retry-after'], now),
	};
}

/**
 * One attempt at one call. `timeout` (ms) bounds the exchange whole, a body that drips included;
 * n8n's own timeout would not. The reply carries nothing of the request: no key, no signature.
 * @param cancel ends the attempt with the execution
 * @param redact takes secrets out of QCC's words
 */
export async function exchange(
	send: Send,
	url: string,
	shape: Shape,
	timeout: number,
	cancel: AbortSignal | undefined,
	now: () => number,
	redact: (words: string) => string,
): Promise<Reply> {
	const deadline = AbortSignal.timeout(timeout);
	const signal = cancel ? AbortSignal.any([deadline, cancel]) : deadline;
	try {
		const response = await send(
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
		return read(response, shape, now(), redact);
	} catch (error) {
		if (cancel?.aborted) return { kind: 'cancelled' };
		if (deadline.aborted) return { kind: 'timeout' };
		return failed(error);
	}
}
