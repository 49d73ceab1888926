import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type SimulatorOptions } from '../simulator/simulator';
import { FAULT_KINDS } from './faultKinds';
import { exactly, type Figure, type Scenario } from './figures';
import { TOGETHER } from './together';
import { TRUTHS } from './truths';
import {
	companiesOf,
	reportOf,
	runTrial,
	runTrialOn,
	standing,
	startTrial,
	wrongsOf,
	type Report,
	type Trial,
} from '../harness/trial';

/** What the rows say and the server lacks, or the other way about; calls and secrets included. */
function lies(reports: readonly Report[]): Figure {
	return exactly('lies', reports.flatMap(wrongsOf).length, 0);
}

/** Of the rows said to be `ok`, how many the server does not hold, and the other way about. */
function differences({ answers, after }: Report): number {
	return answers.filter(({ item, outcome }) => (outcome === 'ok') !== after[item]).length;
}

const CONTINUE = 'continueRegularOutput';

/** 200 of these make a URL of 31 kB. */
const LONG_NAMES = 2000;
const longName = (i: number) => `北京第${String(i).padStart(4, '0')}号科技有限责任公司`;
const BYTES_OF_A_NAME = encodeURIComponent(longName(0)).length + 1;

async function passingFaults(): Promise<Figure[]> {
	const passing = FAULT_KINDS.filter(({ effect }) => effect === 'passing');
	const reports: Report[] = [];
	// A few at a time, each execution with a server of its own.
	for (let from = 0; from < passing.length; from += 26) {
		const some = passing
			.slice(from, from + 26)
			.map(async (fault) =>
				runTrial(
					{ pairs: companiesOf(1000), options: { timeout: fault.silent ? 1500 : 60_000 } },
					{ faults: (call) => (call.n === 2 || call.n === 4 ? fault.on(call) : undefined) },
				),
			);
		reports.push(...(await Promise.all(some)));
	}
	return [
		exactly('faults', reports.length, passing.length),
		exactly('fewest rows ok', Math.min(...reports.map(({ tally }) => tally.ok)), 1000),
		exactly(
			'fewest pairs on the server',
			Math.min(...reports.map(({ after }) => after.filter(Boolean).length)),
			1000,
		),
		{ what: 'most calls', value: Math.max(...reports.map(({ calls }) => calls.length)), most: 7 },
		lies(reports),
	];
}

async function finalCode(): Promise<Figure[]> {
	const report = await runTrial(
		{ pairs: companiesOf(4000), onError: CONTINUE },
		{ latency: 20, faults: ({ n }) => (n === 3 ? { kind: 'code', code: 112 } : undefined) },
	);
	return [
		{ what: 'calls started after the third', value: report.calls.length - 3, most: 10 },
		exactly('rows ok that the server lacks, or not ok that it has', differences(report), 0),
		{ what: 'rows ok', value: report.tally.ok },
		lies([report]),
	];
}

async function poison(): Promise<Figure[]> {
	const pairs = companiesOf(200);
	const report = await runTrial(
		{ pairs, onError: CONTINUE },
		{ poison: { [pairs[37]?.company ?? '']: 202, [pairs[158]?.company ?? '']: 215 } },
	);
	return [
		exactly('rows ok', report.tally.ok, 198),
		exactly('rows rejected', report.tally.rejected, 2),
		{ what: 'calls', value: report.calls.length, most: 40 },
		exactly('answers 110 (locked)', report.calls.filter(({ answer }) => answer === 110).length, 0),
		lies([report]),
	];
}

async function lockedQuery(): Promise<Figure[]> {
	const report = await runTrial(
		{ pairs: companiesOf(200), onError: CONTINUE },
		{ faults: () => ({ kind: 'code', code: 110 }) },
	);
	return [
		exactly('calls', report.calls.length, 1),
		exactly('rows not sent', report.tally.notSent, 200),
		lies([report]),
	];
}

async function cappedUrl(cap: number): Promise<Figure[]> {
	const pairs = companiesOf(LONG_NAMES, longName);
	const report = await runTrial({ pairs }, { maxUrlBytes: cap, latency: 5 });
	const target = report.calls.find(({ answer }) => answer === 'rows');
	const empty = (target?.urlBytes ?? 0) - (target?.values.length ?? 0) * BYTES_OF_A_NAME;
	const ideal = Math.ceil(LONG_NAMES / Math.floor((cap - empty) / BYTES_OF_A_NAME));
	return [
		exactly('rows ok', report.tally.ok, LONG_NAMES),
		{ what: `calls (${ideal} at best)`, value: report.calls.length, most: 1.35 * ideal + 8 },
		lies([report]),
	];
}

async function uncappedUrl(): Promise<Figure[]> {
	const report = await runTrial({ pairs: companiesOf(LONG_NAMES, longName) });
	return [
		exactly('rows ok', report.tally.ok, LONG_NAMES),
		exactly('calls', report.calls.length, LONG_NAMES / 200),
		lies([report]),
	];
}

async function fourExecutions(): Promise<Figure[]> {
	const simulator = await startSimulator({ latency: 40 });
	try {
		const began = Date.now();
		const runs = await Promise.all(
			[0, 1, 2, 3].map(async (n) => {
				const pairs = companiesOf(400, (i) => `第${n}组公司${i}`);
				const trial = { pairs, options: { batchSize: 10 } };
				return { report: await runTrialOn(trial, simulator), took: Date.now() - began };
			}),
		);
		const took = runs.map((run) => run.took);
		const { maxInFlight, refused } = simulator.stats();
		return [
			exactly(
				'rows ok',
				runs.reduce((ok, { report }) => ok + report.tally.ok, 0),
				1600,
			),
			{ what: 'calls in flight', value: maxInFlight, most: 5 },
			exactly('calls refused', refused, 0),
			{ what: 'slowest ÷ fastest', value: Math.max(...took) / Math.min(...took), most: 2 },
		];
	} finally {
		await simulator.close();
	}
}

const PROCESSES = 5;
const CALLS_OF_A_PROCESS = 40;

async function fiveProcesses(): Promise<Figure[]> {
	const latency = 100;
	const simulator = await startSimulator({ latency });
	const children = Array.from({ length: PROCESSES }, () =>
		fork(join(__dirname, 'oneProcess.ts'), [], { execArgv: ['--import', 'tsx'] }),
	);
	try {
		await Promise.all(children.map((child) => once(child, 'message')));
		const began = Date.now();
		const rows = CALLS_OF_A_PROCESS * 10;
		const trials = children.map((child, n): Trial => {
			const pairs = companiesOf(rows, (i) => `第${n}个进程公司${i}`);
			const trial = { pairs, options: { batchSize: 10 } };
			child.send({ trial, url: simulator.url });
			return trial;
		});
		const told = await Promise.all(
			children.map(async (child) => (await once(child, 'message')) as [{ ok: number }]),
		);
		const wall = Date.now() - began;
		const { calls, refused } = simulator.stats();
		const ideal = (PROCESSES * CALLS_OF_A_PROCESS * latency) / 5;
		const stand = trials.flatMap((trial) => standing(trial, simulator)).filter(Boolean).length;
		return [
			exactly(
				'rows ok',
				told.reduce((sum, [{ ok }]) => sum + ok, 0),
				PROCESSES * rows,
			),
			exactly('pairs on the server', stand, PROCESSES * rows),
			{ what: 'refused calls per call', value: refused / (calls - refused), most: 0.25 },
			{ what: 'time ÷ ideal', value: wall / ideal, most: 1.5, timed: true },
		];
	} finally {
		for (const child of children) child.kill();
		await simulator.close();
	}
}

async function retryAfter(): Promise<Figure[]> {
	const report = await runTrial(
		{ pairs: companiesOf(30), options: { batchSize: 10, maxConcurrency: 1 } },
		{
			faults: ({ n }) =>
				n === 2 ? { kind: 'http', status: 429, headers: { 'Retry-After': '2' } } : undefined,
		},
	);
	const [, refused, next] = report.calls;
	return [
		exactly('rows ok', report.tally.ok, 30),
		{
			what: 'ms until the next call',
			value: (next?.startedAt ?? NaN) - (refused?.endedAt ?? NaN),
			// The two ends are taken in whole milliseconds.
			least: 1999,
		},
		lies([report]),
	];
}

/** The account fails while others wait out a Retry-After: nobody has anything to wait for. */
async function stopBehindAShutGate(): Promise<Figure[]> {
	const began = Date.now();
	const report = await runTrial(
		{ pairs: companiesOf(60), onError: CONTINUE, options: { batchSize: 3 } },
		{
			latency: ({ n }) => (n === 2 ? 200 : 20),
			faults: ({ n }) => {
				if (n === 1) return { kind: 'http', status: 429, headers: { 'Retry-After': '60' } };
				return n === 2 ? { kind: 'code', code: 101 } : undefined;
			},
		},
	);
	return [
		{ what: 'ms until the run ended', value: Date.now() - began, most: 5000 },
		{ what: 'calls', value: report.calls.length, most: 5 },
		lies([report]),
	];
}

async function cancelled(options: SimulatorOptions): Promise<Figure[]> {
	const simulator = await startSimulator(options);
	try {
		const trial: Trial = { pairs: companiesOf(600), options: { batchSize: 10 } };
		const started = await startTrial(trial, simulator.url);
		// By what has come and not by the clock: on a busy machine the run would be over by itself.
		while (simulator.calls.length < 5) await sleep(5);
		await sleep(50);
		const before = simulator.calls.length;
		const at = Date.now();
		started.cancel();
		const result = await started.result;
		const took = Date.now() - at;
		await sleep(1000);
		return [
			{ what: 'calls before', value: before, least: 1 },
			{ what: 'ms until the execution ended', value: took, most: 1000 },
			exactly('calls after', simulator.calls.length - before, 0),
			exactly('executions canceled', Number(result.status === 'canceled'), 1),
			exactly(
				'secrets told',
				wrongsOf(reportOf(trial, result, simulator, [])).filter((wrong) =>
					wrong.endsWith('is told'),
				).length,
				0,
			),
		];
	} finally {
		await simulator.close();
	}
}

export const SCENARIOS: readonly Scenario[] = [
	{ name: 'Each passing fault on two of the 5 calls of 1,000 rows', run: passingFaults },
	{ name: '4,000 rows, the third call answered 112 (no quota)', run: finalCode },
	{ name: '2 bad rows among 200 (codes 202 and 215)', run: poison },
	{ name: 'A locked query (code 110)', run: lockedQuery },
	{ name: '2,000 long names, URLs of any length', run: uncappedUrl },
	...[2500, 4096, 8192, 16_384].map((cap) => ({
		name: `2,000 long names, URLs of at most ${cap.toLocaleString('en')} bytes`,
		run: () => cappedUrl(cap),
	})),
	{ name: 'Four executions in one process', run: fourExecutions },
	{ name: 'Five processes on one account', run: fiveProcesses },
	{ name: 'HTTP 429 with Retry-After: 2', run: retryAfter },
	{ name: 'A dead key while Retry-After: 60 is waited out', run: stopBehindAShutGate },
	{
		name: 'Cancelled under a server that hangs',
		run: () => cancelled({ faults: () => ({ kind: 'hang', when: 'after' }) }),
	},
	{
		name: 'Cancelled while Retry-After: 60 is waited out',
		run: () =>
			cancelled({
				faults: () => ({ kind: 'http', status: 429, headers: { 'Retry-After': '60' } }),
			}),
	},
	{
		name: 'Cancelled between attempts',
		run: () => cancelled({ faults: () => ({ kind: 'code', code: 199 }), lockAfter: 1000 }),
	},
	...TRUTHS,
	...TOGETHER,
];
