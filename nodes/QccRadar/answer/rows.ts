import type { Action } from '../qcc/endpoints';
import type { InputProblem, Rows } from '../read/rows';
import type { PairOutcome } from '../send/outcome';
import type { SyncedRow } from '../sync/answerRows';
import type { Standing } from '../sync/books';
import type { PlannedRow } from '../sync/planSync';
import { forEachPaced, mapPaced } from '../timing';

/** What is said of one row asked for, before it is put in words. */
export interface AnsweredRow extends Omit<SyncedRow, 'assigned' | 'asBefore'> {
	/** Dry run: the number of the call that the row would travel in, from 1. */
	readonly call?: number;
	/** Sync: what the ledger should hold; null where it is not known. */
	readonly assigned?: Standing;
}

/** Rows that could not be read are answered too, with nothing done about them. */
export function unfitRow(item: number, problem: InputProblem): AnsweredRow {
	return {
		item,
		input: 0,
		problem,
		loginName: problem.loginName,
		keyWord: problem.company,
		action: 'none',
		outcome: 'notSent',
		status: null,
		msg: null,
		keyNo: null,
		reason: null,
	};
}

/** One answer for each row asked for, by what became of its pair. */
export function* sentRows(
	{ rows, pairs }: Rows,
	action: Action | 'none',
	outcomes: readonly PairOutcome[],
): Generator<undefined, AnsweredRow[]> {
	// A call around a company tells no keyNo, but another call of the run may have.
	const keyNos = new Map<string, string>();
	const lacking = outcomes.some(({ keyNo }) => keyNo === null);
	yield* forEachPaced(lacking ? outcomes : [], ({ keyNo }, pair) => {
		if (keyNo !== null) keyNos.set(pairs.company(pair), keyNo);
	});
	return yield* mapPaced(rows, ({ item, pair }) => {
		if (typeof pair !== 'number') return unfitRow(item, pair);
		const result = outcomes[pair];
		if (!result) throw new TypeError(`Pair ${pair} was given no outcome`);
		const keyWord = pairs.company(pair);
		const { outcome, status, msg, keyNo, reason } = result;
		return {
			item,
			input: 0,
			problem: null,
			loginName: pairs.loginName(pair),
			keyWord,
			action,
			outcome,
			status,
			msg,
			keyNo: keyNo ?? keyNos.get(keyWord) ?? null,
			reason,
		};
	});
}

/** The numbers of the calls that pairs would travel in, by pair, and how many calls there are in all. */
export interface Numbered {
	readonly callOf: Int32Array;
	readonly calls: number;
}

/** One answer for each row of a dry run. */
export function* plannedRows(
	{ rows, pairs }: Rows,
	action: Action | 'none',
	{ callOf, calls }: Numbered,
): Generator<undefined, AnsweredRow[]> {
	return yield* mapPaced(rows, ({ item, pair }) => {
		if (typeof pair !== 'number') return unfitRow(item, pair);
		const call = callOf[pair] ?? 0;
		return {
			item,
			input: 0,
			problem: null,
			loginName: pairs.loginName(pair),
			keyWord: pairs.company(pair),
			action,
			outcome: 'planned' as const,
			status: null,
			msg: inCall(call, calls),
			keyNo: null,
			reason: null,
			call,
		};
	});
}

/** The rows of a sync's dry run, with the numbers of their calls, step by step. */
export function* plannedSyncRows(
	rows: readonly PlannedRow[],
	numbered: readonly Numbered[],
): Generator<undefined, AnsweredRow[]> {
	const calls = numbered.at(-1)?.calls ?? 0;
	return yield* mapPaced(rows, ({ place, uncertain, ...row }) => {
		const call = place && numbered[place.step]?.callOf[place.pair];
		if (!call) return row;
		const unless = uncertain ? ', unless it proves to be a company that stays' : '';
		return { ...row, msg: inCall(call, calls) + unless, call };
	});
}

function inCall(call: number, calls: number): string {
	return `Would be sent in call ${call} of ${calls}`;
}
