import type { Reason } from '../qcc/verdict';
import { sharedOutcome, type OutcomeWord, type PairOutcome } from '../send/outcome';
import type { InputProblem } from '../read/rows';
import type { Action } from '../qcc/endpoints';
import { mapPaced } from '../timing';
import { isDesired, wordOf, type Books, type Hold, type Standing, type SyncRow } from './books';

/** What became of a row of either input. */
export interface SyncedRow {
	readonly item: number;
	/** 0 for Desired, 1 for Current. */
	readonly input: 0 | 1;
	/** What keeps the row from being a pair. */
	readonly problem: InputProblem | null;
	readonly loginName: string | null;
	readonly keyWord: string | null;
	readonly action: Action | 'none';
	readonly outcome: OutcomeWord | 'unchanged' | 'planned';
	readonly status: number | null;
	/** QCC's words for the row, or the node's where nothing was to be sent. */
	readonly msg: string | null;
	readonly keyNo: string | null;
	/** Why, where QCC did not answer the row by itself. */
	readonly reason: Reason | null;
	/** What the ledger should hold; null where it is not known. */
	readonly assigned: Standing;
	/** The row stands as it stood, and the ledger has all of it. */
	readonly asBefore: boolean;
}

type Answer = Pick<SyncedRow, 'action' | 'outcome' | 'status' | 'msg' | 'reason'>;

const AS_DESIRED = 'Already as desired';

/** One row for each that is to be answered, in the same order. */
export function* rowsOf(
	books: Books,
	holds: ReadonlyMap<number, Hold>,
	assigned: readonly Standing[],
	answer = answerOf,
): Generator<undefined, SyncedRow[]> {
	return yield* mapPaced(books.rows, (row) => {
		const { item, input, pair, spelling } = row;
		if (typeof pair !== 'number') return problemRow(row, pair);
		const answered = answer(books, pair, holds.get(pair), assigned);
		const keyNo = books.words.keyNo(wordOf(books, pair));
		const stands = assigned[pair] ?? null;
		return {
			item,
			input,
			problem: null,
			loginName: spelling?.loginName ?? books.pairs.loginName(pair),
			keyWord: spelling?.keyWord ?? books.pairs.company(pair),
			...answered,
			keyNo,
			assigned: stands,
			asBefore:
				answered.outcome === 'unchanged' &&
				stands === true &&
				books.stood[pair] === true &&
				keyNo === (books.keyNoBefore[pair] ?? null),
		};
	});
}

function problemRow(
	{ item, input, stood, keyNo, spelling }: SyncRow,
	problem: InputProblem,
): SyncedRow {
	return {
		item,
		input,
		problem,
		loginName: spelling?.loginName ?? problem.loginName,
		keyWord: spelling?.keyWord ?? problem.company,
		action: 'none',
		outcome: 'notSent',
		status: null,
		msg: null,
		keyNo,
		reason: null,
		assigned: stood,
		asBefore: false,
	};
}

function answerOf(
	books: Books,
	pair: number,
	hold: Hold | undefined,
	standings: readonly Standing[],
): Answer {
	const again = books.again.get(pair);
	const assigned = books.assigned.get(pair);
	if (again) {
		// Before a removal that may have ended it, it stood: not sent again, it may stand or not. Or it was
		// sent, and not answered: a refusal now says nothing of what was done before.
		const isOpen =
			again.outcome === 'notSent' ||
			(again.outcome === 'rejected' && assigned?.outcome === 'unknown');
		return sentRow('assign', isOpen ? { ...again, outcome: 'unknown' } : again);
	}
	if (assigned) return sentRow('assign', assigned);
	const removed = books.removed.get(pair);
	if (removed) return sentRow('unassign', removed);
	return restingRow(books, pair, hold, standings);
}

/** A row of which nothing was sent. */
export function restingRow(
	books: Books,
	pair: number,
	hold: Hold | undefined,
	assigned: readonly Standing[],
): Answer {
	if (hold?.kind === 'waits') return sentRow('unassign', sharedOutcome('notSent', hold.reason));
	return {
		action: 'none',
		outcome: 'unchanged',
		status: null,
		msg: hold && !isDesired(books, pair) ? sameAs(books, hold.pairs, assigned) : AS_DESIRED,
		reason: null,
	};
}

/** Of the desired rows of its company, one that stands, if one does. */
function sameAs({ pairs }: Books, others: readonly number[], assigned: readonly Standing[]) {
	const standing = others.find((one) => assigned[one] === true);
	const named = standing ?? others[0] ?? -1;
	const what = standing === undefined ? 'is desired' : 'stays';
	return `Same company as “${pairs.company(named)}”, which ${what}`;
}

export function sentRow(action: Action, { outcome, status, msg, reason }: PairOutcome): Answer {
	return { action, outcome, status, msg, reason };
}
