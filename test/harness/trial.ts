import type { IDataObject, INodeExecutionData, OnError } from 'n8n-workflow';
import {
	startSimulator,
	TEST_ACCOUNT,
	type CallRecord,
	type Simulator,
	type SimulatorOptions,
} from '../simulator/simulator';
import { startNode, type NodeResult, type StartedNode } from './engine';
import { secretsTold } from './secrets';

export interface Pair {
	readonly loginName: string;
	readonly company: string;
}

/** One execution of the node against a server, with the answers it must be honest about. */
export interface Trial {
	/** One input item each. */
	readonly pairs: readonly Pair[];
	/** Default: assign. */
	readonly action?: 'assign' | 'unassign';
	/** Default: stopWorkflow. */
	readonly onError?: OnError;
	/** The node's `options`. */
	readonly options?: IDataObject;
}

export const OUTCOMES = ['ok', 'rejected', 'unknown', 'notSent'] as const;
export type Tally = Readonly<Record<(typeof OUTCOMES)[number], number>>;

/** A row of the node's output, wherever it was found. */
export interface Answer extends Pair {
	/** Index of the input item. */
	readonly item: number;
	/** Index of the output. */
	readonly output: number;
	readonly outcome: string;
	readonly status: number | null;
	readonly msg: string | null;
}

/** What an execution said, and what it is held against. */
export interface Report {
	readonly trial: Trial;
	readonly result: NodeResult;
	/** In the order of the outputs; empty where the node threw. */
	readonly answers: readonly Answer[];
	readonly tally: Tally;
	/** Requests as the server received them. */
	readonly calls: readonly CallRecord[];
	/** Whether each pair stood as wished before, and after. */
	readonly before: readonly boolean[];
	readonly after: readonly boolean[];
}

/** All pairs of so many companies with one user. */
export function companiesOf(
	count: number,
	name = (i: number) => `测试公司${i}有限公司`,
): readonly Pair[] {
	return Array.from({ length: count }, (_, i) => ({ loginName: '13800000000', company: name(i) }));
}

export async function startTrial(trial: Trial, baseUrl: string): Promise<StartedNode> {
	return await startNode({
		inputs: [trial.pairs.map((pair) => ({ ...pair }))],
		parameters: {
			resource: 'assignment',
			operation: trial.action === 'unassign' ? 'delete' : 'create',
			loginName: '={{ $json.loginName }}',
			company: '={{ $json.company }}',
			...(trial.options ? { options: trial.options as Record<string, number> } : {}),
		},
		credential: { ...TEST_ACCOUNT, baseUrl },
		...(trial.onError ? { onError: trial.onError } : {}),
	});
}

/** Whether each pair is as the trial wishes it. */
export function standing({ pairs, action }: Trial, simulator: Simulator): boolean[] {
	const wished = action !== 'unassign';
	return pairs.map(({ loginName, company }) => simulator.has(loginName, company) === wished);
}

/** Runs a trial against a server that is there already. */
export async function runTrialOn(trial: Trial, simulator: Simulator): Promise<Report> {
	const before = standing(trial, simulator);
	const result = await (await startTrial(trial, simulator.url)).result;
	return reportOf(trial, result, simulator, before);
}

export function reportOf(
	trial: Trial,
	result: NodeResult,
	simulator: Simulator,
	before: readonly boolean[],
): Report {
	return {
		trial,
		result,
		answers: answersOf(result),
		tally: tallyOf(result),
		calls: [...simulator.calls],
		before,
		after: standing(trial, simulator),
	};
}

/** Runs a trial against a server of its own. `standing` pairs are in its ledger before. */
export async function runTrial(
	trial: Trial,
	options: SimulatorOptions = {},
	assigned: readonly Pair[] = [],
): Promise<Report> {
	const simulator = await startSimulator(options);
	for (const { loginName, company } of assigned) simulator.assign(loginName, company);
	try {
		return await runTrialOn(trial, simulator);
	} finally {
		await simulator.close();
	}
}

function answersOf({ outputs }: NodeResult): Answer[] {
	return outputs.flatMap((items, output) => items.map((item) => answerOf(item, output)));
}

function answerOf({ json, pairedItem }: INodeExecutionData, output: number): Answer {
	const nested = typeof json.error === 'object' && json.error !== null;
	const row = (nested ? json.error : json) as IDataObject;
	const item = typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : -1;
	return {
		item,
		output,
		loginName: row.loginName as string,
		company: row.keyWord as string,
		outcome: row.outcome as string,
		status: row.status as number | null,
		msg: row.msg as string | null,
	};
}

/** By the rows, or by the words of what was thrown. */
export function tallyOf(result: NodeResult): Tally {
	if (result.error) return told(result.error);
	const answers = answersOf(result);
	const count = (outcome: string) => answers.filter((row) => row.outcome === outcome).length;
	return {
		ok: count('ok'),
		rejected: count('rejected'),
		unknown: count('unknown'),
		notSent: count('notSent'),
	};
}

const TOLD = /Rows done: (\d+), rejected: (\d+), unknown: (\d+), not sent: (\d+)\./;

function told(error: Error): Tally {
	const [, ok, rejected, unknown, notSent] =
		TOLD.exec(String((error as { description?: unknown }).description)) ?? [];
	return {
		ok: Number(ok),
		rejected: Number(rejected),
		unknown: Number(unknown),
		notSent: Number(notSent),
	};
}

/** Answers for the rate: sending the query again after one is no failed attempt. */
/** What QCC does not count as a failed query: throttling, and what a web server before it refuses. */
const NO_FAILURE: ReadonlySet<unknown> = new Set([
	...[109, 120, 122],
	...[400, 404, 413, 414, 429, 431].map((status) => `http:${status}`),
]);
const MOST_IN_FLIGHT = 5;
const MOST_SENDS = 4;

/**
 * What is wrong with an execution, in words: empty where each of these holds.
 * - each input has one answer, in order, paired with it, on the output where it belongs; or the node
 *   threw, under Stop alone, and its counts add up
 * - no `ok` that the server lacks; no `rejected` or `notSent` that it holds and did not hold before
 * - at most 5 calls in flight; no query sent more than 4 times, answers for the rate aside
 * - nothing sent that was not asked for
 * - no secret in anything that n8n keeps or shows
 */
export function wrongsOf(report: Report): string[] {
	return [
		...(report.result.error ? wrongsOfError(report) : wrongsOfAnswers(report)),
		...wrongsOfCalls(report),
		...secretsTold(report.result, report.calls),
	];
}

function wrongsOfError({ trial, result, tally, before, after }: Report): string[] {
	const wrongs: string[] = [];
	const error = result.error as Error & { description?: unknown };
	if (trial.onError !== undefined && trial.onError !== 'stopWorkflow') {
		return [`threw under ${trial.onError}: ${error.message}`];
	}
	if (result.outputs.flat().length > 0) wrongs.push('threw, and has output as well');
	if (result.status !== 'error') wrongs.push(`threw, and the execution is ${result.status}`);
	const counts = OUTCOMES.map((outcome) => tally[outcome]);
	const sum = counts.reduce((one, other) => one + other, 0);
	if (sum !== trial.pairs.length) {
		wrongs.push(`${trial.pairs.length} rows, but the error counts ${counts.join(' + ')}`);
	}
	const stands = after.filter(Boolean).length;
	const gained = after.filter((now, i) => now && before[i] === false).length;
	if (stands < tally.ok) wrongs.push(`${tally.ok} rows said to be done, ${stands} stand`);
	if (gained > tally.ok + tally.unknown) {
		wrongs.push(`${gained} rows new, of which ${tally.ok} done and ${tally.unknown} unknown`);
	}
	return wrongs;
}

function wrongsOfAnswers({ trial, result, answers, before, after }: Report): string[] {
	const { pairs, onError } = trial;
	const wrongs: string[] = [];
	if (result.status !== 'success') wrongs.push(`no error, and the execution is ${result.status}`);
	const inOrder = result.outputs.every((_, output) => {
		const items = answers.filter((row) => row.output === output).map(({ item }) => item);
		return items.every((item, i) => i === 0 || item > (items[i - 1] ?? 0));
	});
	if (!inOrder) wrongs.push('the answers are out of order');
	for (const [item, pair] of pairs.entries()) {
		const own = answers.filter((row) => row.item === item);
		const [answer] = own;
		const name = `item ${item} (${pair.loginName} ${pair.company})`;
		if (!answer || own.length > 1) {
			wrongs.push(`${name} has ${own.length} answers`);
			continue;
		}
		const { outcome, output } = answer;
		if (answer.loginName !== pair.loginName || answer.company !== pair.company) {
			wrongs.push(`${name} is answered as ${answer.loginName} ${answer.company}`);
		}
		const branch = onError === 'continueErrorOutput' && outcome !== 'ok' ? 1 : 0;
		if (output !== branch) wrongs.push(`${name} is ${outcome}, on output ${output}`);
		if (!OUTCOMES.some((known) => known === outcome)) wrongs.push(`${name} is “${outcome}”`);
		if (outcome === 'ok' && after[item] !== true) wrongs.push(`${name} is ok, and does not stand`);
		if ((outcome === 'rejected' || outcome === 'notSent') && after[item] && !before[item]) {
			wrongs.push(`${name} is ${outcome}, and stands`);
		}
	}
	return wrongs;
}

function wrongsOfCalls({ trial, calls }: Report): string[] {
	const wrongs: string[] = [];
	const inFlight = Math.max(0, ...calls.map((call) => call.inFlight));
	if (inFlight > MOST_IN_FLIGHT) wrongs.push(`${inFlight} calls in flight`);

	const asked = new Set(trial.pairs.map(({ loginName, company }) => `${loginName}\n${company}`));
	const sends = new Map<string, number>();
	for (const { endpoint, shape, action, centre, values, answer } of calls) {
		const query = `${endpoint} ${centre} ${values.join()}`;
		if (action !== (trial.action ?? 'assign')) wrongs.push(`sent to ${endpoint}`);
		for (const value of values) {
			const pair = shape === 'user' ? `${centre}\n${value}` : `${value}\n${centre}`;
			if (!asked.has(pair)) wrongs.push(`sent without being asked to: ${pair}`);
		}
		if (!NO_FAILURE.has(answer)) sends.set(query, (sends.get(query) ?? 0) + 1);
	}
	for (const [query, times] of sends) {
		if (times > MOST_SENDS) wrongs.push(`sent ${times} times: ${query}`);
	}
	return wrongs;
}
