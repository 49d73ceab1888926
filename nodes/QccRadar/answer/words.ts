import type { Reason } from '../qcc/verdict';
import type { InputProblem } from '../read/rows';
import { forEachPaced } from '../timing';
import type { AnsweredRow } from './rows';

/** Rows by what became of them. */
export type Tally = Readonly<Record<AnsweredRow['outcome'], number>>;

/** A cause for which rows were not done, in words. */
export interface Cause {
	readonly words: string;
	readonly advice: string | null;
	readonly rows: number;
	/** Those of the rows that QCC rejected. */
	readonly rejected: number;
}

type CauseInWords = Pick<Cause, 'words' | 'advice'>;

/** What a run came to, for hints and errors. */
export interface Summary {
	readonly tally: Tally;
	/** Rows that were assigned, and that were removed, or would be. */
	readonly assigned: number;
	readonly removed: number;
	/** The commonest first. */
	readonly causes: readonly Cause[];
}

const MOST_CAUSES = 3;
const NONE = { rows: 0, rejected: 0 };

/**
 * An unfit row's problem in full, for an error, which names one item.
 * @param input the name of the item's input, where the node has several
 */
export function describeProblem(
	{ parameter, what }: InputProblem,
	item: number,
	input?: string,
): string {
	return `The parameter “${parameter}” of item ${item}${input ? ` of ${input}` : ''} ${what}`;
}

function sentence(clause: string): string {
	return clause.charAt(0).toUpperCase() + clause.slice(1);
}

/** An unfit row's problem, alike for every item that has it, and what helps as a sentence. */
function wordsOfProblem({ parameter, what }: InputProblem, input?: string): CauseInWords {
	const [clause = what, ...help] = what.split(': ');
	const words = `“${parameter}”${input ? ` of ${input}` : ''} ${clause}`;
	return { words, advice: help.length > 0 ? `${sentence(help.join(': '))}.` : null };
}

/** What happened, with QCC's own words, as a sentence without its full stop. */
export function whatHappened({ what, msg }: Reason): string {
	return sentence(msg === null ? what : `${what} (${msg})`);
}

/** What a row's `msg` says: QCC's words, or a clause of the node's. What to do stands in the hint. */
export function msgOf(row: AnsweredRow, inputNames: readonly string[]): string | null {
	if (row.problem) return wordsOfProblem(row.problem, inputNames[row.input]).words;
	return row.msg ?? row.reason?.msg ?? (row.reason && sentence(row.reason.what));
}

/** QCC's refusal of a row is worded alike, whether it came for the row or for a call that held it. */
function causeOf(row: AnsweredRow, inputNames: readonly string[]): CauseInWords {
	const { problem, input, reason, outcome, status } = row;
	if (problem) return wordsOfProblem(problem, inputNames[input]);
	if (reason && outcome !== 'rejected') {
		return { words: whatHappened(reason), advice: reason.advice };
	}
	const words = msgOf(row, inputNames) ?? `QCC refused with status ${status ?? 'unknown'}`;
	return { words, advice: null };
}

export function isUndone({ outcome }: Pick<AnsweredRow, 'outcome'>): boolean {
	return outcome === 'rejected' || outcome === 'unknown' || outcome === 'notSent';
}

/** Counts what was asked for, not what was sent: ten equal rows are ten. */
export function* summaryOf(
	rows: readonly AnsweredRow[],
	inputNames: readonly string[],
): Generator<undefined, Summary> {
	const tally = { ok: 0, rejected: 0, unknown: 0, notSent: 0, planned: 0, unchanged: 0 };
	const causes = new Map<string, Cause>();
	const sent = { assign: 0, unassign: 0, none: 0 };
	yield* forEachPaced(rows, (row) => {
		tally[row.outcome] += 1;
		if (row.outcome === 'ok' || row.outcome === 'planned') sent[row.action] += 1;
		if (!isUndone(row)) return;
		const cause = causeOf(row, inputNames);
		const { rows: before, rejected, ...known } = causes.get(cause.words) ?? { ...cause, ...NONE };
		causes.set(cause.words, {
			...known,
			rows: before + 1,
			rejected: rejected + Number(row.outcome === 'rejected'),
		});
	});
	const sorted = [...causes.values()].sort((one, other) => other.rows - one.rows);
	return { tally, assigned: sent.assign, removed: sent.unassign, causes: sorted };
}

/** `1,234`. By hand: the first `toLocaleString` of a process takes 30 ms to load its tables. */
function figure(number: number): string {
	return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** How far a run came, as a sentence. */
export function progress({ tally }: Summary): string {
	const { ok, rejected, unknown, notSent, unchanged } = tally;
	const same = unchanged > 0 ? `, unchanged: ${unchanged}` : '';
	return `Rows done: ${ok}, rejected: ${rejected}, unknown: ${unknown}, not sent: ${notSent}${same}.`;
}

/** What a run took, or would take. */
export interface Effort {
	readonly calls: number;
	readonly ms: number;
	readonly dryRun: boolean;
	/** Some removals may turn out to be none: only a call can tell. */
	readonly removalsAtMost: boolean;
}

/** What a run came to, for the information hint: `Assigned 296, removed 4, in 11 calls, 1.9 s`. */
export function totals({ tally, assigned, removed }: Summary, effort: Effort): string {
	const { calls, ms, dryRun, removalsAtMost } = effort;
	const { rejected, unknown, notSent, unchanged } = tally;
	const would = dryRun ? 'would ' : '';
	const done = dryRun ? ['assign', 'remove'] : ['assigned', 'removed'];
	const counts: [what: string, rows: number][] = [
		[`${would}${done[0]}`, assigned],
		[`${would}${done[1]}${removalsAtMost ? ' at most' : ''}`, removed],
		['unchanged', unchanged],
		['rejected', rejected],
		['unknown', unknown],
		['not sent', notSent],
	];
	const told = counts.flatMap(([what, rows]) => (rows > 0 ? [`${what} ${figure(rows)}`] : []));
	const what = told.length > 0 ? sentence(told.join(', ')) : 'Nothing to do';
	const took = dryRun ? '' : `, ${(ms / 1000).toFixed(1)} s`;
	return `${what}, in ${figure(calls)} ${calls === 1 ? 'call' : 'calls'}${took}`;
}

/** The commonest causes, with how often each came. */
export function commonCauses(causes: readonly Cause[]): string {
	const told = causes.slice(0, MOST_CAUSES).map(({ words, rows }) => `${words} (${figure(rows)})`);
	const more = causes.length - told.length;
	return [...told, ...(more > 0 ? [`${more} other ${more === 1 ? 'cause' : 'causes'}`] : [])].join(
		'; ',
	);
}

/** Counts the causes of what was not done, for the warning hint. Null where everything was. */
export function warning(summary: Summary): string | null {
	const { tally, causes } = summary;
	const failed = causes.reduce((sum, { rows }) => sum + rows, 0);
	if (failed === 0) return null;
	const all = Object.values(tally).reduce((sum, rows) => sum + rows);
	const told = `Not done: ${figure(failed)} of ${figure(all)} rows. ${commonCauses(causes)}`;
	const advice = new Set(causes.slice(0, MOST_CAUSES).flatMap((cause) => cause.advice ?? []));
	return advice.size === 0 ? told : `${told}. ${[...advice].join(' ')}`;
}
