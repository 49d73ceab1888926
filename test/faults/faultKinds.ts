import {
	addForeignRow,
	contradictRows,
	dropRows,
	duplicateRows,
	normaliseRows,
	shuffleRows,
	TEST_ACCOUNT,
	widenRows,
	type CallRecord,
	type Fault,
	type RowChange,
	type When,
	sameRows,
} from '../simulator/simulator';

/**
 * What a fault on one call should come to (docs/codes.md):
 * - `passing`: the call is sent again, and its rows are done; after four sends they are unknown
 * - `throttling`: the call is sent again until `retryFor` is over, and the rows were refused
 * - `final`: the run stops
 * - `locked`: the rows are refused, and the call is not sent again
 * - `badRow`: the call is halved until the row that spoils it stands alone
 * - `harmless`: the answer is as good as an honest one
 * - `unclear`: the answer says nothing clear of some rows, which are unknown
 */
export type Effect =
	'passing' | 'throttling' | 'final' | 'locked' | 'badRow' | 'harmless' | 'unclear';

export interface FaultKind {
	readonly name: string;
	readonly effect: Effect;
	/** What the fault is on this call. */
	readonly on: (call: CallRecord) => Fault;
	/** Only a timeout ends it. */
	readonly silent?: boolean;
	/** The server may have done something: what it says of the call as a whole proves nothing. */
	readonly doubtful?: boolean;
	/** Unclear answers: of how many rows of so many nothing clear is said. */
	readonly unclear?: (rows: number) => number;
}

const PASSING_CODES = [104, 108, 199, 203, 205];
const THROTTLING_CODES = [109, 120, 122];
const FINAL_CODES = [101, 102, 103, 105, 107, 111, 112, 116, 121, 214];
const BAD_ROW_CODES = [201, 202, 204, 206, 207, 208, 213, 215, 299, 500];

function kind(name: string, effect: Effect, fault: Fault): FaultKind {
	return { name, effect, on: () => fault };
}

/** Struck before the server did what it was asked, and after. */
function both(name: string, effect: Effect, faultWhen: (when: When) => Fault): FaultKind[] {
	return [
		kind(`${name}, nothing done`, effect, faultWhen('before')),
		kind(`${name}, all done`, effect, faultWhen('after')),
	];
}

function body(name: string, text: string | Buffer): FaultKind[] {
	return both(`200 with ${name}`, 'passing', (when) => ({ kind: 'body', body: text, when }));
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

const SILENT: readonly FaultKind[] = [
	...both('hang', 'passing', (when) => ({ kind: 'hang', when })),
	...both('drip', 'passing', (when) => ({ kind: 'drip', everyMs: 20, when })),
].map((silent) => ({ ...silent, silent: true }));

const BROKEN: readonly FaultKind[] = [
	...both('reset', 'passing', (when) => ({ kind: 'reset', when })),
	...both('cut', 'passing', (when) => ({ kind: 'truncate', when })),
	...both('cut with a length', 'passing', (when) => ({
		kind: 'truncate',
		when,
		contentLength: true,
	})),
];

const HTTP: readonly FaultKind[] = [
	...[408, 500, 502, 503, 504].flatMap((status) =>
		both(`HTTP ${status}`, 'passing', (when) => ({ kind: 'http', status, when })),
	),
	...both('HTTP 500 in JSON', 'passing', (when) => ({
		kind: 'http',
		status: 500,
		headers: JSON_TYPE,
		body: '{"status":"101","msg":"","result":null}',
		when,
	})),
	kind('HTTP 429', 'throttling', { kind: 'http', status: 429 }),
	kind('HTTP 429, Retry-After', 'throttling', {
		kind: 'http',
		status: 429,
		headers: { 'Retry-After': '1' },
	}),
	...[400, 401, 403, 404, 405, 410, 413, 414, 431, 451].map((status) =>
		kind(`HTTP ${status}`, 'final', { kind: 'http', status }),
	),
	...[400, 401, 403, 404].map((status) =>
		kind(`HTTP ${status} in JSON`, 'final', {
			kind: 'http',
			status,
			headers: JSON_TYPE,
			body: '{"error":"no"}',
		}),
	),
	kind('HTTP 403 with code 107', 'final', {
		kind: 'http',
		status: 403,
		headers: JSON_TYPE,
		body: '{"status":"107","msg":"被禁止的 IP 或者签名错误","result":null}',
	}),
	kind('HTTP 400 with code 202', 'badRow', {
		kind: 'http',
		status: 400,
		headers: JSON_TYPE,
		body: '{"status":"202","msg":"查询参数错误，请检查","result":null}',
	}),
	kind('HTTP 404 with its own status in JSON', 'final', {
		kind: 'http',
		status: 404,
		headers: JSON_TYPE,
		body: '{"status":404,"error":"Not Found","path":"/"}',
	}),
];

const BODIES: readonly FaultKind[] = [
	kind('200 with a web page', 'passing', { kind: 'html' }),
	...body('nothing', ''),
	...body('bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28])),
	...body('null', 'null'),
	...body('no result', '{"status":"200","msg":null}'),
	...body('no row', '{"status":"200","msg":null,"result":{"batchList":[]}}'),
	...body('rows that are none', '{"status":"200","msg":null,"result":{"batchList":["200",null]}}'),
	...body('a status that is none', '{"status":"ok","result":{"batchList":[{"status":"200"}]}}'),
];

const CODES: readonly FaultKind[] = [
	...[...PASSING_CODES, 200, 999].flatMap((code) =>
		both(`code ${code}`, 'passing', (when) => ({ kind: 'code', code, when })),
	),
	...[...THROTTLING_CODES].map((code) =>
		kind(`code ${code}`, 'throttling', { kind: 'code', code }),
	),
	...FINAL_CODES.map((code) => kind(`code ${code}`, 'final', { kind: 'code', code })),
	...BAD_ROW_CODES.map((code) => kind(`code ${code}`, 'badRow', { kind: 'code', code })),
	...[400, 401, 403, 404, 422, 429, 500, 502, 503].map(rowsUnder),
	carrying(112, 'final'),
	carrying(500, 'harmless'),
	kind('code 110', 'locked', { kind: 'code', code: 110 }),
	{
		name: 'code 107 that repeats what it was sent',
		effect: 'final',
		on: (call) => ({ kind: 'code', code: 107, msg: `签名错误 ${secretsOf(call)}` }),
	},
	{
		name: 'code 199 that repeats what it was sent',
		effect: 'passing',
		on: (call) => ({ kind: 'code', code: 199, msg: secretsOf(call), when: 'after' }),
	},
];

/** Done, and answered with rows, yet under a code that refuses the call. */
function carrying(code: number, effect: Effect): FaultKind {
	return {
		name: `code ${code} that carries rows`,
		effect,
		doubtful: true,
		on: () => ({ kind: 'rows', change: sameRows, code }),
	};
}

/** Done, and answered with rows as ever, under another HTTP status. */
function rowsUnder(status: number): FaultKind {
	return {
		name: `HTTP ${status} that carries rows`,
		effect: 'harmless',
		on: () => ({ kind: 'rows', change: sameRows, status }),
	};
}

function rows(name: string, change: RowChange): FaultKind {
	return kind(`rows ${name}`, 'harmless', { kind: 'rows', change });
}

const ROWS: readonly FaultKind[] = [
	rows('shuffled', shuffleRows(7)),
	rows('in half width', normaliseRows),
	rows('in full width', widenRows),
	rows('twice', duplicateRows),
	rows('with a foreign one', addForeignRow),
	rows('shuffled, twice, in half width, with a foreign one', (list) =>
		shuffleRows(3)(
			addForeignRow(
				duplicateRows(normaliseRows(list) as typeof list) as typeof list,
			) as typeof list,
		),
	),
	{
		name: 'rows that repeat what was sent',
		effect: 'harmless',
		on: (call) => ({
			kind: 'rows',
			change: (list) => list.map((row) => ({ ...row, msg: `${row.msg} ${secretsOf(call)}` })),
		}),
	},
	...['甲公司', [{ status: '200' }], 200, {}].map((entry) => ({
		...kind(`a first row that is ${JSON.stringify(entry)}`, 'unclear', {
			kind: 'rows',
			change: (list) => list.map((row, i) => (i === 0 ? entry : row)),
		}),
		unclear: () => 1,
	})),
	{
		...kind('rows without names, after one that is none', 'unclear', {
			kind: 'rows',
			change: (list) => list.map(({ status }, i) => (i === 0 ? 'none' : { status })),
		}),
		unclear: (count) => count,
	},
	{
		...kind('the first row left out', 'unclear', { kind: 'rows', change: dropRows(1) }),
		unclear: () => 1,
	},
	{
		...kind('rows contradicted', 'unclear', { kind: 'rows', change: contradictRows }),
		unclear: (count) => count,
	},
	{
		...kind('rows of others alone', 'unclear', {
			kind: 'rows',
			change: (list) => list.map((row, i) => ({ ...row, keyWord: `他人的公司${i}` })),
		}),
		unclear: (count) => count,
	},
	{
		...kind('rows without a status', 'unclear', {
			kind: 'rows',
			change: (list) => list.map((row) => ({ ...row, status: null })),
		}),
		unclear: (count) => count,
	},
];

/** Everything that a server sent to it could say of it again, as it came and in other clothes. */
function secretsOf({ headers }: CallRecord): string {
	const token = String(headers.token);
	const { appKey, secretKey } = TEST_ACCOUNT;
	return `${appKey} ${secretKey} ${token} Token_${token} ${token.toLowerCase()} ${appKey.toLowerCase()}`;
}

/** Each fault a server or a network on the way is known to have, and some that only malice has. */
export const FAULT_KINDS: readonly FaultKind[] = [
	...SILENT,
	...BROKEN,
	...HTTP,
	...BODIES,
	...CODES,
	...ROWS,
];

/** Sent elsewhere: a signature must not follow. */
export function redirects(location: string): FaultKind[] {
	return [301, 302, 303, 307, 308].map((status) =>
		kind(`redirect ${status}`, 'final', { kind: 'redirect', status, location }),
	);
}
