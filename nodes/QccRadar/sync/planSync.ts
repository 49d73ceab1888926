import { sharedOutcome, type Failure } from '../send/outcome';
import type { Batch } from '../plan/planCalls';
import { restingRow, rowsOf, sentRow, type SyncedRow } from './answerRows';
import {
	isDesired,
	openBooks,
	toAssign,
	unwanted,
	wordOf,
	type Books,
	type Hold,
	type SyncInput,
} from './books';
import { allRemovals, brake, sureRemovals } from './brake';
import { heldBy, holdRemovals, losses, toAsk } from './removals';
import { byKeyNo, tableOf, type SyncSettings } from './runSync';

/** A row of a dry run, and its place in what would be sent: a step, and a pair of its table. */
export interface PlannedRow extends SyncedRow {
	readonly place: { readonly step: number; readonly pair: number } | null;
	/** The row may turn out to be the company of a desired row, and then stays: only a call can tell. */
	readonly uncertain: boolean;
}

export interface PlannedSync {
	readonly rows: readonly PlannedRow[];
	/** In the order of sending. */
	readonly steps: readonly Batch[];
	/** The brake, where it would stop the run. */
	readonly failure: Failure | null;
	/** Removals are an upper bound: keyNos that only calls can tell are not known. */
	readonly upperBound: boolean;
}

/** Shows what a sync would do by what is known before it: nothing is sent, rows keep the ledger's word. */
export async function planSync(
	input: SyncInput,
	{ grouping, maxRemovals, pace }: Pick<SyncSettings, 'grouping' | 'maxRemovals' | 'pace'>,
): Promise<PlannedSync> {
	const books = await pace(openBooks(input));
	const holds = await pace(holdRemovals(books));
	const asked = await pace(toAsk(books, holds));
	const uncertain = uncertainRemovals(books, holds);
	const atOnce = brake(sureRemovals(books, holds), maxRemovals, 'Nothing would be sent.');
	const certain = new Map([...holds, ...[...uncertain].map((pair) => [pair, MAY_STAY] as const)]);
	const later = atOnce ?? brake(allRemovals(books, certain), maxRemovals, NOTHING_REMOVED);

	const assigning = atOnce ? [] : toAssign(books);
	if (later) {
		for (const pair of unwanted(books)) if (!holds.has(pair)) holds.set(pair, heldBy(later));
	}
	const removals = byKeyNo(
		books,
		unwanted(books).filter((pair) => !holds.has(pair)),
	);
	const chosen = [
		{ action: 'assign', pairs: assigning, grouping },
		{ action: 'assign', pairs: atOnce ? [] : asked, grouping: 'user' },
		{ action: 'unassign', pairs: removals.known, grouping },
		{ action: 'unassign', pairs: removals.unknown, grouping: 'user' },
	] as const;
	const places = new Map<number, { step: number; pair: number }>();
	chosen.forEach(({ pairs }, step) => {
		if (pairs === asked) return;
		pairs.forEach((pair, i) => places.set(pair, { step, pair: i }));
	});

	const rows = await pace(
		rowsOf(books, holds, books.stood, (_, pair, hold, assigned) => {
			const place = places.get(pair);
			if (place) {
				const action = chosen[place.step]?.action ?? 'none';
				return { action, outcome: 'planned', status: null, msg: null, reason: null };
			}
			const isHeld = atOnce && isDesired(books, pair) && books.stood[pair] !== true;
			return isHeld
				? sentRow('assign', sharedOutcome('notSent', atOnce))
				: restingRow(books, pair, hold, assigned);
		}),
	);
	return {
		rows: rows.map((row, i) => {
			const pair = books.rows[i]?.pair;
			const place = typeof pair === 'number' ? (places.get(pair) ?? null) : null;
			const open = typeof pair === 'number' && uncertain.has(pair);
			return { ...row, place, uncertain: place !== null && open };
		}),
		steps: chosen.map(({ action, pairs, grouping: around }) => ({
			action,
			pairs: tableOf(books, pairs),
			grouping: around,
		})),
		failure: later && { reason: later, stopped: true },
		upperBound: uncertain.size > 0,
	};
}

const NOTHING_REMOVED = 'Nothing would be removed; what would be assigned stands.';

const MAY_STAY: Hold = { kind: 'same', pairs: [] };

/** Removals of which only a call can tell whether they name the company of a desired row. */
function uncertainRemovals(books: Books, holds: ReadonlyMap<number, Hold>): Set<number> {
	const isUnknown = (pair: number) => books.words.keyNo(wordOf(books, pair)) === null;
	const uncertain = new Set<number>();
	for (const [user, lost] of losses(books)) {
		const desired = (books.pairsOfUser[user] ?? []).filter((pair) => isDesired(books, pair));
		const ofAll = desired.some(isUnknown);
		for (const pair of desired.length > 0 ? lost : []) {
			if (!holds.has(pair) && (ofAll || isUnknown(pair))) uncertain.add(pair);
		}
	}
	return uncertain;
}
