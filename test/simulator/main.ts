import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import {
	type CallRecord,
	type Company,
	type Fault,
	type PlanEntry,
	planOf,
	type Simulator,
	startSimulator,
	TEST_ACCOUNT,
} from './simulator';

const HELP = `A QCC server for development: the four endpoints of the vendor's document, on 127.0.0.1.

npm run simulator -- [options]
  --port <n>             default 7788; 0 takes any free port
  --latency <ms>         per call, default 0
  --concurrency <n>      calls one key may have in flight, default 5
  --clock-window <s>     how far off a Timespan may be, default 300
  --max-url-bytes <n>    a longer request target is answered HTTP 414
  --users <a,b,c>        only these login names exist
  --administrators <a,b> what these login names remove is followed by nobody any more
  --companies <file>     JSON: [{ "name", "formerNames"?, "creditCode"?, "registrationNo"?, "keyNo" }]
  --closed-register      only those companies exist
  --refuse-repeats       refuse rows whose wished state already stands
  --numeric-status       send every status as a number

Control, unsigned:
  GET  /_simulator/ledger   the assigned pairs
  GET  /_simulator/stats
  GET  /_simulator/calls
  POST /_simulator/reset    empties ledger, statistics, locks and faults
  POST /_simulator/faults   [{ "call": 3, "fault": { "kind": "reset", "when": "after" } },
                             { "every": true, "fault": { "kind": "code", "code": 109 } }]
`;

const isNumber = (value: unknown) => typeof value === 'number' && value >= 0;
const isString = (value: unknown) => typeof value === 'string';
const isWhen = (value: unknown) => value === 'before' || value === 'after';
const isStatus = (value: unknown) => isNumber(value) && Number(value) >= 200 && Number(value) < 600;
const isHeaders = (value: unknown) => isObject(value) && Object.values(value).every(isString);
const optional = (check: (value: unknown) => boolean) => (value: unknown) =>
	value === undefined || check(value);

/** The faults that can be written as JSON, with what each of their fields must be. */
const FAULT_FIELDS: Record<
	Exclude<Fault['kind'], 'rows'>,
	Record<string, (value: unknown) => boolean>
> = {
	reset: { when: isWhen },
	hang: { when: isWhen },
	drip: { when: isWhen, everyMs: isNumber },
	truncate: { when: isWhen, contentLength: optional((value) => typeof value === 'boolean') },
	http: {
		status: isStatus,
		headers: optional(isHeaders),
		body: optional(isString),
		when: optional(isWhen),
	},
	html: {},
	body: { body: isString, when: optional(isWhen) },
	code: {
		code: (value) => isNumber(value) || isString(value),
		msg: optional(isString),
		when: optional(isWhen),
	},
	redirect: { location: isString, status: optional(isStatus) },
};

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFault(value: unknown): value is Fault {
	if (!isObject(value)) return false;
	const { kind, ...fields } = value;
	const known = Object.entries(FAULT_FIELDS).find(([name]) => name === kind)?.[1];
	if (!known) return false;
	return (
		Object.keys(fields).every((name) => Object.hasOwn(known, name)) &&
		Object.entries(known).every(([name, check]) => check(fields[name]))
	);
}

function isPlan(value: unknown): value is PlanEntry[] {
	return (
		Array.isArray(value) &&
		value.every(
			(entry) =>
				isObject(entry) && (isNumber(entry.call) || entry.every === true) && isFault(entry.fault),
		)
	);
}

/** Answers a control route; any other path below /_simulator/ is a 404. */
async function control(
	simulator: Simulator,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const answer = (status: number, body: unknown) => {
		response.statusCode = status;
		response.setHeader('Content-Type', 'application/json; charset=utf-8');
		response.end(`${JSON.stringify(body, null, 2)}\n`);
	};
	switch (`${request.method ?? ''} ${request.url ?? ''}`) {
		case 'GET /_simulator/ledger':
			answer(200, simulator.pairs());
			return;
		case 'GET /_simulator/stats':
			answer(200, simulator.stats());
			return;
		case 'GET /_simulator/calls':
			answer(200, simulator.calls);
			return;
		case 'POST /_simulator/reset':
			simulator.clear();
			simulator.resetStats();
			simulator.faults = undefined;
			answer(200, simulator.stats());
			return;
		case 'POST /_simulator/faults': {
			const plan: unknown = await json(request).catch(() => undefined);
			if (!isPlan(plan)) {
				answer(400, { error: 'Not a list of { call | every, fault } as --help shows it' });
				return;
			}
			simulator.faults = planOf(plan);
			answer(200, plan);
			return;
		}
		default:
			answer(404, { error: 'No such control route' });
	}
}

function lineOf(call: CallRecord): string {
	const took = (call.endedAt ?? call.startedAt) - call.startedAt;
	const what = call.action === 'other' ? call.method : `${call.action} ${call.shape}`;
	const about = call.action === 'other' ? call.endpoint : `${call.centre} × ${call.values.length}`;
	return `#${call.n} ${what} ${about} → ${call.answer ?? 'client gone'} (${took} ms, ${call.urlBytes} B, ${call.inFlight} in flight)`;
}

function numberOf(name: string, text: string): number {
	if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"`);
	return Number(text);
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '7788' },
			latency: { type: 'string', default: '0' },
			concurrency: { type: 'string', default: '5' },
			'clock-window': { type: 'string', default: '300' },
			'max-url-bytes': { type: 'string' },
			users: { type: 'string' },
			administrators: { type: 'string' },
			companies: { type: 'string' },
			'closed-register': { type: 'boolean', default: false },
			'refuse-repeats': { type: 'boolean', default: false },
			'numeric-status': { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(HELP);
		return;
	}
	const simulator: Simulator = await startSimulator({
		port: numberOf('port', values.port),
		latency: numberOf('latency', values.latency),
		concurrency: numberOf('concurrency', values.concurrency),
		clockWindow: numberOf('clock-window', values['clock-window']),
		openRegister: !values['closed-register'],
		refuseRepeats: values['refuse-repeats'],
		numericStatus: values['numeric-status'],
		...(values['max-url-bytes'] !== undefined && {
			maxUrlBytes: numberOf('max-url-bytes', values['max-url-bytes']),
		}),
		...(values.users !== undefined && { users: values.users.split(',') }),
		...(values.administrators !== undefined && {
			administrators: values.administrators.split(','),
		}),
		...(values.companies !== undefined && {
			companies: JSON.parse(readFileSync(values.companies, 'utf8')) as Company[],
		}),
		routes: (request, response) => {
			if (!request.url?.startsWith('/_simulator/')) return false;
			void control(simulator, request, response);
			return true;
		},
		onCall: (call) => {
			console.log(lineOf(call));
		},
	});
	console.log(`Base URL   ${simulator.url}`);
	console.log(`AppKey     ${TEST_ACCOUNT.appKey}`);
	console.log(`SecretKey  ${TEST_ACCOUNT.secretKey}`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void simulator.close());
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
