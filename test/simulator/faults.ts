import { STATUS_CODES, type ServerResponse } from 'node:http';

import type { AnswerLabel, CallRecord } from './call';
import type { AnswerRow } from './ledger';

/** Whether the fault strikes before or after the ledger was changed. */
export type When = 'before' | 'after';

export type Fault =
	/** The socket is reset. */
	| { kind: 'reset'; when: When }
	/** No answer, until the client goes or the simulator closes. */
	| { kind: 'hang'; when: When }
	/** Headers, then one byte every so many ms, for ever: what has come is never whole JSON. */
	| { kind: 'drip'; everyMs: number; when: When }
	/** Half of the JSON, then the end; with `contentLength`, after a header that promised all. */
	| { kind: 'truncate'; when: When; contentLength?: boolean }
	/** Default body: an HTML error page. Default `when`: before. */
	| { kind: 'http'; status: number; headers?: Record<string, string>; body?: string; when?: When }
	/** 200 with an HTML page, as a captive portal's; the ledger is not changed. */
	| { kind: 'html' }
	/** Any bytes, with 200 and application/json. Default `when`: before. */
	| { kind: 'body'; body: string | Buffer; when?: When }
	/**
	 * A call-level code without rows. A number is written as every status is, a string as given;
	 * default `msg`: the document's, or null. Default `when`: before.
	 */
	| { kind: 'code'; code: number | string; msg?: string; when?: When }
	/** Default status: 302; the ledger is not changed. */
	| { kind: 'redirect'; location: string; status?: number }
	/**
	 * The ledger is changed, then the rows of the answer are rewritten; with `code` or `status` they come
	 * under another code or HTTP status than they should.
	 */
	| { kind: 'rows'; change: RowChange; code?: number; status?: number };

export type RowChange = (rows: AnswerRow[]) => unknown[];

/** Asked once for each call that was let in; undefined is an honest answer. */
export type FaultPlan = (call: CallRecord) => Fault | undefined;

/** An entry of a plan written as JSON: one call by its number, or every call no other names. */
export type PlanEntry = { call: number; fault: Fault } | { every: true; fault: Fault };

export function planOf(entries: readonly PlanEntry[]): FaultPlan {
	return ({ n }) =>
		(
			entries.find((entry) => 'call' in entry && entry.call === n) ??
			entries.find((entry) => 'every' in entry)
		)?.fault;
}

export function changesLedger(fault: Fault | undefined): boolean {
	if (!fault || fault.kind === 'rows') return true;
	return 'when' in fault && fault.when === 'after';
}

export function labelOf(fault: Fault): AnswerLabel {
	switch (fault.kind) {
		case 'code':
			return Number.isNaN(Number(fault.code)) ? 'fault:code' : Number(fault.code);
		case 'http':
			return `http:${fault.status}`;
		case 'redirect':
			return `http:${fault.status ?? 302}`;
		case 'rows':
			return fault.status === undefined ? 'fault:rows' : `http:${fault.status}`;
		default:
			return `fault:${fault.kind}`;
	}
}

/** Sends `body`, the answer's JSON, as the fault has it. Headers already set on it are kept. */
export function transmit(
	response: ServerResponse,
	body: string | Buffer,
	fault: Fault | undefined,
): void {
	const bytes = Buffer.from(body);
	response.setHeader('Content-Type', 'application/json; charset=utf-8');
	if (fault?.kind === 'rows' && fault.status) response.statusCode = fault.status;
	switch (fault?.kind) {
		case 'reset':
			response.socket?.resetAndDestroy();
			return;
		case 'hang':
			return;
		case 'drip':
			drip(response, bytes, fault.everyMs);
			return;
		case 'truncate':
			truncate(response, bytes, fault.contentLength ?? false);
			return;
		case 'http':
			sendPage(response, fault.status, fault.body, fault.headers);
			return;
		case 'html':
			sendPage(response, 200);
			return;
		case 'redirect':
			sendPage(response, fault.status ?? 302, undefined, { Location: fault.location });
			return;
		default:
			response.end(bytes);
	}
}

function sendPage(
	response: ServerResponse,
	status: number,
	body?: string,
	headers: Record<string, string> = {},
): void {
	const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
	response.statusCode = status;
	response.setHeader('Content-Type', 'text/html');
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	response.end(
		body ??
			`<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
	);
}

function drip(response: ServerResponse, bytes: Buffer, everyMs: number): void {
	let sent = 0;
	response.flushHeaders();
	const timer = setInterval(() => {
		response.write(sent < bytes.length - 1 ? bytes.subarray(sent, sent + 1) : ' ');
		sent += 1;
	}, everyMs);
	response.once('close', () => {
		clearInterval(timer);
	});
}

function truncate(response: ServerResponse, bytes: Buffer, contentLength: boolean): void {
	const half = bytes.subarray(0, Math.floor(bytes.length / 2));
	if (!contentLength) {
		response.end(half);
		return;
	}
	response.setHeader('Content-Length', bytes.length);
	response.write(half, () => response.socket?.end());
}

/** The rows as they are. */
export const sameRows: RowChange = (rows) => rows;

/** The rows in another order, the same for the same seed (keys from a linear congruence). */
export function shuffleRows(seed: number): RowChange {
	return (rows) => {
		let state = seed >>> 0;
		return rows
			.map((row) => {
				state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
				return { row, key: state };
			})
			.sort((one, other) => one.key - other.key)
			.map(({ row }) => row);
	};
}

/** Echoed values in half width, and trimmed. */
export const normaliseRows: RowChange = rewriteEcho((text) =>
	text
		.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
		.replaceAll('\u3000', ' ')
		.trim(),
);

/** Echoed values in full width: the reverse of {@link normaliseRows}. */
export const widenRows: RowChange = rewriteEcho((text) =>
	text
		.replace(/[\x21-\x7e]/g, (narrow) => String.fromCharCode(narrow.charCodeAt(0) + 0xfee0))
		.replaceAll(' ', '\u3000'),
);

/** Without the first `count` rows. */
export function dropRows(count: number): RowChange {
	return (rows) => rows.slice(count);
}

/** Each row twice. */
export const duplicateRows: RowChange = (rows) => rows.flatMap((row) => [row, { ...row }]);

/** One more row, first, about a value nobody sent. */
export const addForeignRow: RowChange = (rows) => {
	const [model] = rows;
	if (!model) return rows;
	const foreign =
		model.loginName === undefined ? { keyWord: '他人的公司' } : { loginName: '19999999999' };
	return [{ ...model, ...foreign }, ...rows];
};

/** Each row followed by one that says the opposite of it. */
export const contradictRows: RowChange = (rows) =>
	rows.flatMap((row) => {
		const opposite = Number(row.status) === 200 ? 500 : 200;
		const status = typeof row.status === 'number' ? opposite : String(opposite);
		return [row, { ...row, status }];
	});

function rewriteEcho(rewrite: (text: string) => string): RowChange {
	return (rows) =>
		rows.map((row) => ({
			...row,
			...(row.keyWord !== undefined && { keyWord: rewrite(row.keyWord) }),
			...(row.loginName !== undefined && { loginName: rewrite(row.loginName) }),
		}));
}
