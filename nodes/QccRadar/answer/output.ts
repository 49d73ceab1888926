import type { INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import type { Request } from '../read/request';
import type { InputProblem } from '../read/rows';
import type { Demands } from '../sync/demands';
import type { Reason } from '../qcc/verdict';
import type { Failure, OutcomeWord, PairOutcome } from '../send/outcome';
import type { Demand, RowAction, Tables } from '../sync/sync';
import { forEachPaced, mapPaced } from '../timing';

/** One row of the node's output (design: "Output"). */
export interface Row {
	readonly action: RowAction;
	readonly loginName: string | null;
	readonly keyWord: string | null;
	readonly keyNo: string | null;
	/** The pair is as it was asked to be: outcome `ok` or `unchanged`. */
	readonly success: boolean;
	readonly outcome: OutcomeWord | 'planned' | 'unchanged';
	readonly status: number | null;
	readonly msg: string | null;
	/** Dry run: the number of the call the row would travel in, from 1. */
	readonly call?: number;
	/** Sync: whether the pair should stand in the ledger after this run. */
	readonly assigned?: boolean | null;
}

/** Rows by what became of them. */
export type Tally = Readonly<Record<OutcomeWord | 'unchanged', number>>;

/** An outcome for each pair of each table but `none`. */
export type Outcomes = Readonly<Record<Exclude<RowAction, 'none'>, readonly PairOutcome[]>>;

/** @param input the name of the item's input, where the node has several */
export function describeProblem(
	{ parameter, what }: InputProblem,
	item: number,
	input?: string,
): string {
	return `The parameter “${parameter}” of item ${item}${input ? ` of ${input}` : ''} ${what}`;
}

/** What happened, with QCC's own words, as a sentence without its full stop. */
export function whatHappened({ what, msg }: Reason): string {
	const clause = msg === null ? what : `${what} (${msg})`;
	return clause.charAt(0).toUpperCase() + clause.slice(1);
}

/** How far the run came, as a sentence. */
export function progress({ ok, rejected, unknown, notSent, unchanged }: Tally): string {
	const same = unchanged > 0 ? `, unchanged: ${unchanged}` : '';
	return `Rows done: ${ok}, rejected: ${rejected}, unknown: ${unknown}, never sent: ${notSent}${same}.`;
}

/** Counts what was asked for, not what was sent: ten equal rows are ten. */
export function* tallyOf(
	demands: readonly Demand[],
	outcomes: Outcomes,
): Generator<undefined, Tally> {
	const tally = { ok: 0, rejected: 0, unknown: 0, notSent: 0, unchanged: 0 };
	yield* forEachPaced(demands, ({ action, pair }) => {
		if (typeof pair !== 'number') tally.notSent += 1;
		else if (action === 'none') tally.unchanged += 1;
		else tally[outcomes[action][pair]?.outcome ?? 'notSent'] += 1;
	});
	return tally;
}

/** The companies' numbers that user-centred calls told, for rows whose own call tells none. */
function* keyNumbers(
	tables: Tables,
	outcomes: Outcomes,
): Generator<undefined, Map<string, string>> {
	const numbers = new Map<string, string>();
	for (const action of ['assign', 'unassign'] as const) {
		yield* forEachPaced(outcomes[action], ({ keyNo }, pair) => {
			if (keyNo !== null) numbers.set(tables[action].company(pair), keyNo);
		});
	}
	return numbers;
}

function problemRow(
	action: RowAction,
	problem: InputProblem,
	{ item, input }: Demand,
	inputNames: readonly string[],
): Row {
	return {
		action,
		loginName: problem.loginName,
		keyWord: problem.company,
		keyNo: null,
		success: false,
		outcome: 'notSent',
		status: null,
		msg: describeProblem(problem, item, inputNames[input]),
	};
}

/** What is answered: the request, its rows, and the pairs behind them. */
export type Answering = Pick<
	Request,
	'action' | 'sync' | 'inputs' | 'inputNames' | 'options' | 'errorOutput'
> &
	Pick<Demands, 'demands' | 'tables'>;

/** After a failed removal a pair stays in the ledger; after a failed assignment it does not enter. */
function stands({ input, action }: Demand, success: boolean): boolean {
	return input === 0 ? success : action === 'none' || !success;
}

/** The row that answers a demand. */
type RowOf = (demand: Demand) => Row;

function answeredBy(
	answering: Answering,
	answer: (
		action: RowAction,
		pair: number,
		company: string,
	) => Omit<Row, 'action' | 'loginName' | 'keyWord'>,
): RowOf {
	const { tables, inputNames, sync } = answering;
	return (demand) => {
		const { action, pair } = demand;
		const table = tables[action];
		const row =
			typeof pair !== 'number'
				? problemRow(answering.action, pair, demand, inputNames)
				: {
						action,
						loginName: table.loginName(pair),
						keyWord: table.company(pair),
						...answer(action, pair, table.company(pair)),
					};
		return sync ? { ...row, assigned: stands(demand, row.success) } : row;
	};
}

const UNCHANGED = {
	success: true,
	outcome: 'unchanged',
	status: null,
	msg: 'Already as desired',
} as const;

/** How the rows of a run that was sent are answered. */
export function* answerSent(
	answering: Answering,
	outcomes: Outcomes,
	failure: Failure | null,
	tally: Tally,
): Generator<undefined, RowOf> {
	const keyNo = yield* keyNumbers(answering.tables, outcomes);
	const explained = new Map<Reason, string>();
	const explain = (reason: Reason) => {
		const known = explained.get(reason);
		if (known !== undefined) return known;
		const told = `${whatHappened(reason)}. ${reason.advice}`;
		const words = reason === failure?.reason ? `${told} ${progress(tally)}` : told;
		explained.set(reason, words);
		return words;
	};

	return answeredBy(answering, (action, pair, company) => {
		if (action === 'none') return { keyNo: keyNo.get(company) ?? null, ...UNCHANGED };
		const result = outcomes[action][pair];
		if (!result) throw new TypeError(`Pair ${pair} was given no outcome`);
		return {
			keyNo: result.keyNo ?? keyNo.get(company) ?? null,
			success: result.outcome === 'ok',
			outcome: result.outcome,
			status: result.status,
			msg: result.reason ? explain(result.reason) : result.msg,
		};
	});
}

/**
 * How the rows of a dry run are answered: nothing was sent, so nothing succeeded either.
 * @param callOf for each pair of a table the number of its call, from 1
 */
export function answerPlanned(
	answering: Answering,
	callOf: Readonly<Record<Exclude<RowAction, 'none'>, Int32Array>>,
	calls: number,
): RowOf {
	return answeredBy(answering, (action, pair) => {
		if (action === 'none') return { keyNo: null, ...UNCHANGED };
		const call = callOf[action][pair] ?? 0;
		const msg = `Would be sent in call ${call} of ${calls}`;
		return {
			keyNo: null,
			success: false,
			outcome: 'planned',
			status: null,
			msg,
			call,
		};
	});
}

/** What the node hands on, and in what words rows were not done, with how often each came. */
export interface Output {
	readonly items: INodeExecutionData[];
	readonly failures: ReadonlyMap<string, number>;
}

/**
 * One item for each demand, in the same order, paired with the input item that asked for it.
 *
 * A failed row on its way to the error branch is `{ error: { message, …row } }`, one key and no more:
 * n8n 1.x and 2.x both route that shape there with its details, and add the input's fields themselves.
 */
export function* toItems(
	{ demands, inputs, options, errorOutput }: Answering,
	rowOf: RowOf,
): Generator<undefined, Output> {
	const failures = new Map<string, number>();
	const items = yield* mapPaced(demands, (demand): INodeExecutionData => {
		const { item, input } = demand;
		const row = rowOf(demand);
		const pairedItem: IPairedItemData = input === 0 ? { item } : { item, input };
		const own = options.includeInputFields ? inputs[input]?.[item]?.json : undefined;
		const { success, outcome, status, msg } = row;
		if (success || outcome === 'planned') return { json: { ...own, ...row }, pairedItem };

		const words = msg ?? `status ${status ?? 'unknown'}`;
		failures.set(words, (failures.get(words) ?? 0) + 1);
		const message = msg ?? `QCC rejected the row with ${words}`;
		const json = errorOutput ? { error: { message, ...row } } : { ...own, ...row };
		return { json, pairedItem };
	});
	return { items, failures };
}
