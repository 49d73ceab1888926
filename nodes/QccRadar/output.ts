import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import type { InputProblem } from './readPairs';
import type { Demands, Request } from './request';
import type { Reason } from './retryPolicy';
import type { Failure, Fate, Outcome } from './sendCalls';
import type { Demand, RowAction, Tables } from './sync';

/** One row of the node's output (design: "Output"). */
export interface Row {
	readonly action: RowAction;
	readonly loginName: string | null;
	readonly keyWord: string | null;
	readonly keyNo: string | null;
	/** The pair is as it was asked to be: outcome `ok` or `unchanged`. */
	readonly success: boolean;
	readonly outcome: Outcome | 'planned' | 'unchanged';
	readonly status: number | null;
	readonly msg: string | null;
	/** Dry run: the number of the call the row would travel in, from 1. */
	readonly call?: number;
	/** Sync: whether the pair should stand in the ledger after this run. */
	readonly assigned?: boolean;
}

/** Rows by what became of them. */
export type Tally = Readonly<Record<Outcome | 'unchanged', number>>;

/** A fate for each pair of each table but `none`. */
export type Fates = Readonly<Record<Exclude<RowAction, 'none'>, readonly Fate[]>>;

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
export function tallyOf(demands: readonly Demand[], fates: Fates): Tally {
	const tally = { ok: 0, rejected: 0, unknown: 0, notSent: 0, unchanged: 0 };
	for (const { action, pair } of demands) {
		if (typeof pair !== 'number') tally.notSent += 1;
		else if (action === 'none') tally.unchanged += 1;
		else tally[fates[action][pair]?.outcome ?? 'notSent'] += 1;
	}
	return tally;
}

/** The companies' numbers that user-centred calls told, for rows whose own call tells none. */
function keyNumbers(tables: Tables, fates: Fates): Map<string, string> {
	const numbers = new Map<string, string>();
	for (const action of ['assign', 'unassign'] as const) {
		fates[action].forEach(({ keyNo }, pair) => {
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

/** One row for each demand, in the same order. */
function rowsOf(
	answering: Answering,
	answer: (
		action: RowAction,
		pair: number,
		company: string,
	) => Omit<Row, 'action' | 'loginName' | 'keyWord'>,
): Row[] {
	const { demands, tables, inputNames, sync } = answering;
	return demands.map((demand) => {
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
	});
}

const UNCHANGED = {
	success: true,
	outcome: 'unchanged',
	status: null,
	msg: 'Already as desired: nothing to send',
} as const;

/** The rows of a run that was sent. */
export function sentRows(answering: Answering, fates: Fates, failure: Failure | null): Row[] {
	const keyNo = keyNumbers(answering.tables, fates);
	const tally = progress(tallyOf(answering.demands, fates));
	const explained = new Map<Reason, string>();
	const explain = (reason: Reason) => {
		const known = explained.get(reason);
		if (known !== undefined) return known;
		const told = `${whatHappened(reason)}. ${reason.advice}`;
		const words = reason === failure?.reason ? `${told} ${tally}` : told;
		explained.set(reason, words);
		return words;
	};

	return rowsOf(answering, (action, pair, company) => {
		if (action === 'none') return { keyNo: keyNo.get(company) ?? null, ...UNCHANGED };
		const fate = fates[action][pair];
		if (!fate) throw new TypeError(`Pair ${pair} was given no fate`);
		return {
			keyNo: fate.keyNo ?? keyNo.get(company) ?? null,
			success: fate.outcome === 'ok',
			outcome: fate.outcome,
			status: fate.status,
			msg: fate.reason ? explain(fate.reason) : fate.msg,
		};
	});
}

/**
 * The rows of a dry run: nothing was sent, so nothing succeeded either.
 * @param callOf for each pair of a table the number of its call, from 1
 */
export function plannedRows(
	answering: Answering,
	callOf: Readonly<Record<Exclude<RowAction, 'none'>, Int32Array>>,
	calls: number,
): Row[] {
	return rowsOf(answering, (action, pair) => {
		if (action === 'none') return { keyNo: null, ...UNCHANGED };
		const call = callOf[action][pair] ?? 0;
		const msg = `Dry run: would be sent in call ${call} of ${calls}`;
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

/**
 * Rows as items, each paired with the input item that asked for it.
 *
 * A failed row on its way to the error branch is `{ error: { message, …row } }`, one key and no more:
 * n8n 1.x and 2.x both route that shape there with its details, and add the input's fields themselves.
 */
export function toItems(
	rows: readonly Row[],
	{ demands, inputs, options, errorOutput }: Answering,
): INodeExecutionData[] {
	return rows.map((row, i) => {
		const { item, input } = demands[i] ?? { item: 0, input: 0 };
		const pairedItem: IPairedItemData = input === 0 ? { item } : { item, input };
		const fields: IDataObject = { ...row };
		if (errorOutput && !row.success && row.outcome !== 'planned') {
			const message = row.msg ?? `QCC rejected the row with status ${row.status ?? 'unknown'}`;
			return { json: { error: { message, ...fields } }, pairedItem };
		}
		const own = options.includeInputFields ? inputs[input]?.[item]?.json : {};
		return { json: { ...own, ...fields }, pairedItem };
	});
}
