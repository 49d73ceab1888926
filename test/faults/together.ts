import { setTimeout as sleep } from 'node:timers/promises';
import { companiesOf, runTrial, runTrialOn, startTrial, type Report } from '../harness/trial';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator';
import { exactly, type Figure, type Scenario } from './figures';

/** Executions that share an account, and refusals that are not their rows'. */

const CONTINUE = 'continueRegularOutput';
const USER = '13800000000';

async function withServer<T>(
	options: SimulatorOptions,
	work: (simulator: Simulator) => Promise<T>,
): Promise<T> {
	const simulator = await startSimulator(options);
	try {
		return await work(simulator);
	} finally {
		await simulator.close();
	}
}

const one = (company: string) => ({
	pairs: [{ loginName: USER, company }],
	onError: CONTINUE as typeof CONTINUE,
});

function sum(reports: readonly Report[], outcome: keyof Report['tally']): number {
	return reports.reduce((total, { tally }) => total + tally[outcome], 0);
}

async function burst(): Promise<Figure[]> {
	return await withServer({ latency: 300, poison: { 坏字公司: 215 } }, async (simulator) => {
		const cancelled = await startTrial(one('取消公司'), simulator.url);
		const trials = Array.from({ length: 299 }, async (_, i) =>
			runTrialOn(one(i === 150 ? '坏字公司' : `测试公司${i}`), simulator),
		);
		await sleep(50);
		cancelled.cancel();
		await cancelled.result;
		const reports = await Promise.all(trials);
		const lies = reports.filter(
			({ answers, after }) => (answers[0]?.outcome === 'ok') !== after[0],
		);
		const { calls, maxInFlight } = simulator.stats();
		return [
			exactly('rows ok', sum(reports, 'ok'), 298),
			exactly('rows rejected', sum(reports, 'rejected'), 1),
			exactly('rows of which the server holds otherwise', lies.length, 0),
			{ what: 'calls', value: calls, most: 40 },
			{ what: 'calls in flight', value: maxInFlight, most: 5 },
		];
	});
}

/** The same pair, assigned and removed by executions that meet. */
async function opposites(): Promise<Figure[]> {
	return await withServer({ latency: 50 }, async (simulator) => {
		const { pairs } = one('争议公司');
		const reports = await Promise.all(
			Array.from({ length: 10 }, async (_, i) =>
				runTrialOn({ pairs, action: i % 2 === 0 ? 'assign' : 'unassign' }, simulator),
			),
		);
		return [
			exactly('rows ok', sum(reports, 'ok'), 10),
			exactly('calls in flight', simulator.stats().maxInFlight, 1),
		];
	});
}

async function refusedAltogether(): Promise<Figure[]> {
	const report = await runTrial(
		{ pairs: companiesOf(2000), onError: CONTINUE },
		{ lockAfter: 1000, faults: () => ({ kind: 'code', code: 500 }) },
	);
	return [
		{ what: 'calls', value: report.calls.length, most: 120 },
		exactly('rows notSent', report.tally.notSent, 2000),
		exactly('rows rejected', report.tally.rejected, 0),
	];
}

async function oneBadCentre(): Promise<Figure[]> {
	const bad = Array.from({ length: 500 }, (_, i) => ({
		loginName: `139${i}`,
		company: '坏字公司',
	}));
	const good = Array.from({ length: 800 }, (_, i) => ({
		loginName: `138${i % 20}`,
		company: `好字公司${Math.floor(i / 20)}`,
	}));
	const report = await runTrial(
		{ pairs: [...bad, ...good], onError: CONTINUE },
		{
			lockAfter: 1000,
			faults: ({ shape, centre }) =>
				shape === 'company' && centre === '坏字公司' ? { kind: 'code', code: 500 } : undefined,
		},
	);
	const alone = report.calls.filter(
		({ centre, values }) => centre === '坏字公司' && values.length === 1,
	);
	return [
		exactly('rows ok', report.tally.ok, 800),
		exactly('rows notSent', report.tally.notSent, 500),
		// Twenty, and what is in flight by then.
		{ what: 'of its rows sent alone', value: alone.length, most: 25 },
	];
}

async function shortUrls(): Promise<Figure[]> {
	const report = await runTrial(
		{
			pairs: companiesOf(200, (i) => `北京第${String(i).padStart(4, '0')}号科技有限责任公司`),
			options: { maxUrlLength: 2000 },
		},
		{ latency: 100 },
	);
	return [
		exactly('rows ok', report.tally.ok, 200),
		exactly('calls in flight', Math.max(...report.calls.map(({ inFlight }) => inFlight)), 5),
	];
}

/** The first execution is told to wait, gives up, and the next begins. */
async function retryAfterBindsTheNext(): Promise<Figure[]> {
	const faults: SimulatorOptions['faults'] = ({ n }) =>
		n === 1 ? { kind: 'http', status: 429, headers: { 'Retry-After': '2' } } : undefined;
	return await withServer({ faults }, async (simulator) => {
		await runTrialOn({ ...one('先来公司'), options: { retryFor: 1 } }, simulator);
		const report = await runTrialOn(one('后来公司'), simulator);
		const [refused, next] = simulator.calls;
		return [
			exactly('rows of the next ok', report.tally.ok, 1),
			{
				what: 'ms until its call',
				value: (next?.startedAt ?? NaN) - (refused?.endedAt ?? NaN),
				least: 1999,
			},
		];
	});
}

/** One page of a web server on the way, and then as ever. */
async function passingPage(): Promise<Figure[]> {
	const name = (i: number) => `北京第${String(i).padStart(4, '0')}号科技有限责任公司`;
	const trial = { pairs: companiesOf(2000, name), onError: CONTINUE as typeof CONTINUE };
	return await withServer({}, async (simulator) => {
		simulator.faults = ({ n }) => (n === 3 ? { kind: 'http', status: 404 } : undefined);
		for (let run = 0; run < 3; run++) await runTrialOn(trial, simulator);
		simulator.resetStats();
		simulator.faults = undefined;
		const report = await runTrialOn(trial, simulator);
		return [
			exactly('rows of the fourth run ok', report.tally.ok, 2000),
			{ what: 'its calls (10 at best)', value: report.calls.length, most: 14 },
		];
	});
}

export const TOGETHER: readonly Scenario[] = [
	{ name: '300 executions of one row, one of them bad, one more cancelled', run: burst },
	{ name: 'Ten executions assign and remove one pair', run: opposites },
	{ name: '2,000 rows, every call answered 500', run: refusedAltogether },
	{ name: 'A company whose calls are answered 500, beside 40 good ones', run: oneBadCentre },
	{ name: '200 rows, “Max URL Length” 2,000', run: shortUrls },
	{
		name: 'HTTP 429 with Retry-After: 2, and another execution after it',
		run: retryAfterBindsTheNext,
	},
	{ name: 'A 404 page on one call, and three runs of 2,000 rows after it', run: passingPage },
];
