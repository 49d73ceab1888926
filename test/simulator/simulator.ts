import { createHash } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Api, codeAnswer, type AnswerOptions, type Reply } from './api';
import { type Arrival, type CallRecord, readArrival } from './call';
import { CONCURRENCY, LOCK_MS } from './document';
import { changesLedger, type Fault, type FaultPlan, labelOf, transmit } from './faults';
import { Ledger, type LedgerOptions } from './ledger';

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

export interface SimulatorOptions extends LedgerOptions, AnswerOptions {
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
	/** Failures in a row after which one exact query is answered 110 for two hours; default 5. */
	lockAfter?: number;
	faults?: FaultPlan;
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

/** Throttling and the lock itself say nothing about the query (116 to 122: newer code tables). */
const NO_FAILURE: ReadonlySet<number> = new Set([109, 110, 120, 122, 200]);

/** A server that does what the vendor's document says, for any number of accounts. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const accounts = options.accounts ?? [TEST_ACCOUNT];
	const { concurrency = CONCURRENCY, clockWindow = 300, lockAfter = 5 } = options;
	const now = options.now ?? Date.now;
	const ledger = new Ledger(options);
	const api = new Api(options, ledger);
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
		const answer = api.answer(arrival, commit);
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
			return { kind: 'http', status: 404, headers, body: api.render(codeAnswer(299)) };
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
		transmit(response, api.write(answer, fault), fault);
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
