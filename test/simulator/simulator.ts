import { createHash } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Arrival, type CallRecord, readArrival } from './call';
import { CODES, CONCURRENCY, LOCK_MS, SHORTEST_KEYWORD } from './document';
import {
	changesLedger,
	type Fault,
	type FaultPlan,
	labelOf,
	type RowChange,
	transmit,
} from './faults';
import { type Answer, Ledger, type LedgerOptions } from './ledger';

export type { CallRecord } from './call';
export * from './faults';
export type { AnswerRow, Company } from './ledger';

export interface Account {
	appKey: string;
	secretKey: string;
	/** Answers every call of this key with this code of section 7.1. */
	blocked?: number;
}

export const TEST_ACCOUNT: Account = {
	appKey: 'simulatorappkey0123456789abcdef0',
	secretKey: 'SIMULATORSECRET0123456789ABCDEF0',
};

export interface SimulatorOptions extends LedgerOptions {
	/** Default 0: any free one. The server listens on 127.0.0.1. */
	port?: number;
	/** Default: {@link TEST_ACCOUNT} alone. */
	accounts?: Account[];
	/** Milliseconds between a call's arrival and its commit and answer; default 0. */
	latency?: number | ((call: CallRecord) => number);
	/** Calls one key may have in flight, default 5; one above is answered 109 at once. */
	concurrency?: number;
	/** Answers a call above `concurrency` instead of 109. */
	overLimit?: Fault;
	/** Seconds a Timespan may be off, default 300. */
	clockWindow?: number;
	/** The server's clock in ms: Date header, signature window and lock follow it. */
	now?: () => number;
	/** A longer request target is answered HTTP 414 with HTML, before anything else is looked at. */
	maxUrlBytes?: number;
	/** Answers a request above `maxUrlBytes` instead of 414. */
	urlFault?: Fault;
	/** Keyword or login name -> code that any call which carries it is answered with, no rows. */
	poison?: Record<string, number>;
	/** Failures in a row after which one exact query is answered 110 for two hours; default 5. */
	lockAfter?: number;
	/** Default false. True: every `status` is sent as a number. */
	numericStatus?: boolean;
	faults?: FaultPlan;
	/** Signed endpoints besides the document's four: path -> the answer as JSON. */
	extraEndpoints?: Record<string, (query: URLSearchParams) => unknown>;
	/** Unsigned, unrecorded routes, asked first: true when it has taken the request. */
	routes?: (request: IncomingMessage, response: ServerResponse) => boolean;
	/** Told of each call when its response has ended or its client has gone. */
	onCall?: (call: CallRecord) => void;
}

export interface Stats {
	calls: number;
	/** Calls answered as over the limit: 109, or `overLimit`. */
	refused: number;
	/** Rows the ledger has answered, whether or not the answer arrived whole. */
	rows: number;
	/** Most requests of one key in flight at once, refused ones included. */
	maxInFlight: number;
	/** Bytes of the longest request target. */
	longestUrl: number;
	/** Most times one exact query was sent. */
	repeats: number;
	/** Queries that were locked (code 110). */
	locked: number;
}

export interface Simulator {
	/** `http://127.0.0.1:port` */
	url: string;
	/** The ledger: sorted `${loginName} ${company name}` lines. */
	pairs(): string[];
	/** `company` is any of the company's keywords. */
	has(loginName: string, company: string): boolean;
	assign(loginName: string, company: string): void;
	/** Empties the ledger. */
	clear(): void;
	/** Every request since the start or the last `resetStats`, in order of arrival. */
	readonly calls: readonly CallRecord[];
	stats(): Stats;
	faults: FaultPlan | undefined;
	/** Forgets calls, statistics, failures and locks; calls count from 1 again. */
	resetStats(): void;
	/** Ends everything, open sockets and calls under way included. */
	close(): Promise<void>;
}

/** The document's answer, or the JSON of an endpoint the document does not list. */
type Reply = Answer | (Answer & { json: unknown });

/** Throttling and the lock itself say nothing about the query (116 to 122: newer code tables). */
const NO_FAILURE: ReadonlySet<number> = new Set([109, 110, 120, 122, 200]);

/** A server that does what the vendor's document says, for any number of accounts. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const accounts = options.accounts ?? [TEST_ACCOUNT];
	const { concurrency = CONCURRENCY, clockWindow = 300, lockAfter = 5 } = options;
	const now = options.now ?? Date.now;
	const ledger = new Ledger(options);
	const inFlight = new Map<string, number>();
	const closing = new AbortController();
	setMaxListeners(0, closing.signal);
	let tally = newTally();
	let faults = options.faults;

	async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const arrival = receive(request, response);
		const { call } = arrival;
		const refusal = refusalOf(arrival);
		if (refusal) {
			reply(arrival, response, { status: 500, msg: null, rows: null }, refusal);
			return;
		}
		const fault = faults?.(call);
		const latency =
			typeof options.latency === 'function' ? options.latency(call) : (options.latency ?? 0);
		if (latency > 0) await sleep(latency, undefined, { signal: closing.signal });
		const commit = changesLedger(fault);
		const answer = answerTo(arrival, commit);
		if (commit) tally.rows += answer.rows?.length ?? 0;
		reply(arrival, response, answer, fault);
	}

	function receive(request: IncomingMessage, response: ServerResponse): Arrival {
		const arrival = readArrival(request, tally.calls.length + 1);
		const { call, identity } = arrival;
		call.inFlight = (inFlight.get(call.key) ?? 0) + 1;
		inFlight.set(call.key, call.inFlight);
		tally.calls.push(call);
		tally.sent.set(identity, (tally.sent.get(identity) ?? 0) + 1);
		response.sendDate = false;
		response.setHeader('Date', new Date(now()).toUTCString());
		response.once('close', () => {
			call.endedAt = Date.now();
			inFlight.set(call.key, (inFlight.get(call.key) ?? 1) - 1);
			options.onCall?.(call);
		});
		return arrival;
	}

	/** Why a call is not let in, in the order a web server, a gateway and the API look at it. */
	function refusalOf({ call, endpoint, path, identity }: Arrival): Fault | undefined {
		if (options.maxUrlBytes !== undefined && call.urlBytes > options.maxUrlBytes) {
			return options.urlFault ?? { kind: 'http', status: 414 };
		}
		if (call.method !== 'GET') return { kind: 'http', status: 405, headers: { Allow: 'GET' } };
		const account = accounts.find(({ appKey }) => appKey === call.key);
		if (!account) return { kind: 'code', code: 101 };
		if (account.blocked !== undefined) return { kind: 'code', code: account.blocked };
		if (!isSigned(call, account)) return { kind: 'code', code: 107 };
		if (!endpoint && !options.extraEndpoints?.[path]) {
			const headers = { 'Content-Type': 'application/json; charset=utf-8' };
			return { kind: 'http', status: 404, headers, body: render(codeAnswer(299)) };
		}
		const lockedUntil = tally.lockedUntil.get(identity);
		if (lockedUntil !== undefined && now() < lockedUntil) return { kind: 'code', code: 110 };
		if (call.inFlight > concurrency) {
			tally.overLimit.add(call);
			return options.overLimit ?? { kind: 'code', code: 109 };
		}
		return undefined;
	}

	/** Sections 5.1.x: Token = MD5(key + Timespan + SecretKey) in capitals, Timespan in seconds. */
	function isSigned({ headers }: CallRecord, { appKey, secretKey }: Account): boolean {
		const { timespan, token } = headers;
		if (typeof timespan !== 'string' || !/^\d+$/.test(timespan)) return false;
		if (Math.abs(now() / 1000 - Number(timespan)) > clockWindow) return false;
		const expected = createHash('md5').update(`${appKey}${timespan}${secretKey}`).digest('hex');
		return token === expected.toUpperCase();
	}

	function answerTo(arrival: Arrival, commit: boolean): Reply {
		const { call, endpoint, path, query, wellFormed } = arrival;
		if (!wellFormed) return codeAnswer(108);
		if (!endpoint) return { ...codeAnswer(200), json: options.extraEndpoints?.[path]?.(query) };
		const required = [query.get(endpoint.centre), query.get(endpoint.list)];
		if (required.includes(null)) return codeAnswer(204);
		if (required.some((value) => value?.trim() === '')) return codeAnswer(202);
		if (call.values.length > endpoint.cap) return codeAnswer(207);
		const keywords = endpoint.shape === 'user' ? call.values : [call.centre];
		if (keywords.some((keyword) => Array.from(keyword.trim()).length < SHORTEST_KEYWORD)) {
			return codeAnswer(213);
		}
		if (call.values.some((value) => value.trim() === '')) return codeAnswer(202);
		for (const value of [call.centre, ...call.values]) {
			if (options.poison && Object.hasOwn(options.poison, value)) {
				return codeAnswer(options.poison[value] ?? 199);
			}
		}
		return ledger.answer(endpoint, call, commit);
	}

	function reply(
		{ call, identity }: Arrival,
		response: ServerResponse,
		answer: Reply,
		fault: Fault | undefined,
	): void {
		const honest = answer.rows ? 'rows' : Number(answer.status);
		countFailure(identity, fault ? failureOf(fault) : honest !== 'rows' && honest !== 200);
		if (response.destroyed) return;
		call.answer = fault ? labelOf(fault) : honest;
		transmit(response, bodyOf(answer, fault), fault);
	}

	function bodyOf(answer: Reply, fault: Fault | undefined): string | Buffer {
		switch (fault?.kind) {
			case 'body':
				return fault.body;
			case 'code': {
				const plain = codeAnswer(fault.code);
				return render({ ...plain, msg: fault.msg ?? plain.msg });
			}
			case 'rows':
				return render({ ...answer, status: fault.code ?? answer.status }, fault.change);
			default:
				return render(answer);
		}
	}

	/** `failed` undefined: the exchange says neither that the query works nor that it does not. */
	function countFailure(identity: string, failed: boolean | undefined): void {
		if (failed === undefined) return;
		const failures = failed ? (tally.failures.get(identity) ?? 0) + 1 : 0;
		tally.failures.set(identity, failures);
		if (failures < lockAfter) return;
		tally.failures.delete(identity);
		tally.lockedUntil.set(identity, now() + LOCK_MS);
	}

	function render(answer: Reply, change: RowChange = (rows) => rows): string {
		if ('json' in answer) return JSON.stringify(answer.json);
		const { status, msg, rows } = answer;
		const sent = rows?.map((row) => ({ ...row, status: written(row.status) }));
		const result = sent ? { batchList: change(sent) } : null;
		return JSON.stringify({ status: written(status), msg, result });
	}

	function written(status: string | number): string | number {
		return options.numericStatus ? status : String(status);
	}

	const server = createServer(
		// 500 long names are far beyond Node's own limit of 16 KiB; here `maxUrlBytes` is the limit.
		{ maxHeaderSize: 16 * 1024 * 1024, keepAliveTimeout: 75_000 },
		(request, response) => {
			if (options.routes?.(request, response)) return;
			serve(request, response).catch((error: unknown) => {
				if (closing.signal.aborted) return;
				response.destroy();
				throw error;
			});
		},
	);
	server.listen(options.port ?? 0, '127.0.0.1');
	await once(server, 'listening');

	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		pairs: () => ledger.pairs(),
		has: (loginName, company) => ledger.has(loginName, company),
		assign: (loginName, company) => {
			ledger.assign(loginName, company);
		},
		clear: () => {
			ledger.clear();
		},
		get calls() {
			return tally.calls;
		},
		stats: () => statsOf(tally),
		get faults() {
			return faults;
		},
		set faults(plan) {
			faults = plan;
		},
		resetStats: () => {
			tally = newTally();
		},
		close: async () => {
			closing.abort();
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}

function codeAnswer(code: number | string): Answer {
	return { status: code, msg: CODES[Number(code)] ?? null, rows: null };
}

/** Whether a fault counts towards the lock of its query; undefined: it says nothing about it. */
function failureOf(fault: Fault): boolean | undefined {
	switch (fault.kind) {
		case 'code':
			return NO_FAILURE.has(Number(fault.code)) ? undefined : true;
		case 'http':
			return fault.status >= 500 ? true : undefined;
		case 'rows':
			return false;
		default:
			return undefined;
	}
}

/** What is counted since the start or the last reset; queries by their identity. */
interface Tally {
	calls: CallRecord[];
	overLimit: Set<CallRecord>;
	rows: number;
	sent: Map<string, number>;
	failures: Map<string, number>;
	lockedUntil: Map<string, number>;
}

function newTally(): Tally {
	return {
		calls: [],
		overLimit: new Set(),
		rows: 0,
		sent: new Map(),
		failures: new Map(),
		lockedUntil: new Map(),
	};
}

function statsOf({ calls, overLimit, rows, sent, lockedUntil }: Tally): Stats {
	const most = (values: Iterable<number>) => {
		let highest = 0;
		for (const value of values) highest = Math.max(highest, value);
		return highest;
	};
	return {
		calls: calls.length,
		refused: calls.filter((call) => call.answer === 109 || overLimit.has(call)).length,
		rows,
		maxInFlight: most(calls.map((call) => call.inFlight)),
		longestUrl: most(calls.map((call) => call.urlBytes)),
		repeats: most(sent.values()),
		locked: lockedUntil.size,
	};
}
