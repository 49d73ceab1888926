import type { Reason } from '../qcc/verdict';
import { PairTable } from '../read/pairs';
import type { LedgerRow, Spelling } from '../read/ledger';
import type { InputProblem, Rows } from '../read/rows';
import type { PairOutcome } from '../send/outcome';
import { forEachPaced } from '../timing';
import { Words } from './sameCompany';

/** Whether a pair stands: null where the ledger does not know. */
export type Standing = boolean | null;

/** The two inputs of a sync, each with the distinct pairs behind its rows. */
export interface SyncInput {
	readonly desired: Rows;
	readonly current: Rows<LedgerRow>;
}

/** What the ledger says of a pair. */
interface Known {
	readonly stood: Standing;
	readonly keyNo: string | null;
}

const UNHEARD_OF: Known = { stood: false, keyNo: null };

/** A row to be answered, with what its own item says; of Desired's rows, what Current's do. */
export interface SyncRow extends Known {
	readonly item: number;
	/** 0 for Desired, 1 for Current. */
	readonly input: 0 | 1;
	/** Its number in {@link Books.pairs}. */
	readonly pair: number | InputProblem;
	/** Current's own, where the names are not read as they stand. */
	readonly spelling?: Spelling | undefined;
}

/** Why a pair of Current that is not desired stays as it is for now; null where it is to be removed. */
export type Hold =
	/** It names the company of a Desired pair of the same user. */
	| { readonly kind: 'same'; readonly pairs: readonly number[] }
	| { readonly kind: 'waits'; readonly reason: Reason };

/** What became of pairs in one step; absent are those that the step had nothing to do for. */
type Outcomes = Map<number, PairOutcome>;

/** What is known in a run, by pair number. */
export interface Books {
	/** The pairs of either input, Desired's first. */
	readonly pairs: PairTable;
	/** How many of them are Desired's. */
	readonly desired: number;
	readonly rows: readonly SyncRow[];
	/** Some row of Desired could not be read. */
	readonly unreadable: boolean;
	/** As the ledger has it; false where it has no such pair. */
	readonly stood: readonly Standing[];
	/** The ledger's own; null where it has none, or two that differ. */
	readonly keyNoBefore: readonly (string | null)[];
	readonly pairsOfUser: readonly (readonly number[])[];
	readonly words: Words;
	/** Outcomes by step: assigned, asked for the keyNo, removed, assigned again. */
	readonly assigned: Outcomes;
	readonly asked: Outcomes;
	readonly removed: Outcomes;
	readonly again: Outcomes;
}

/** Compares the inputs: every row to be answered, and what the ledger knows of its pair. */
export function* openBooks({ desired, current }: SyncInput): Generator<undefined, Books> {
	const pairs = new PairTable();
	yield* forEachPaced(desired.pairs.userOf, (_, pair) => {
		pairs.add(desired.pairs.loginName(pair), desired.pairs.company(pair));
	});
	const desiredCount = pairs.size;
	const ledgerPair: number[] = [];
	yield* forEachPaced(current.pairs.userOf, (_, pair) => {
		ledgerPair.push(pairs.add(current.pairs.loginName(pair), current.pairs.company(pair)));
	});

	const words = new Words(pairs.companies);
	const said: Standing[] = [];
	const keyNos: (string | null)[] = [];
	yield* forEachPaced(current.rows, (row) => {
		if (typeof row.pair !== 'number') return;
		const pair = ledgerPair[row.pair] ?? -1;
		said[pair] = agreed(said[pair], row.stands);
		keyNos[pair] = agreed(keyNos[pair], row.keyNo);
		if (row.keyNo !== null) words.recall(pairs.companyOf[pair] ?? -1, row.keyNo);
	});
	const stood = yield* byPair(pairs, (pair) => said[pair] ?? (pair in said ? null : false));
	const keyNoBefore = yield* byPair(pairs, (pair) => keyNos[pair] ?? null);

	const unfit = unfitRows(current.rows);
	const knownOf = (pair: number | InputProblem): Known => {
		if (typeof pair !== 'number') return unfit.get(namesOf(pair)) ?? UNHEARD_OF;
		return { stood: stood[pair] ?? null, keyNo: keyNoBefore[pair] ?? null };
	};
	const rows: SyncRow[] = [];
	yield* forEachPaced(desired.rows, ({ item, pair }) => {
		rows.push({ item, input: 0, pair, ...knownOf(pair) });
	});
	yield* forEachPaced(current.rows, ({ item, pair, stands, keyNo, spelling }) => {
		if (typeof pair !== 'number') {
			if (stands !== false) rows.push({ item, input: 1, pair, stood: stands, keyNo, spelling });
			return;
		}
		const own = ledgerPair[pair] ?? -1;
		// A pair that neither is desired nor stands asks for nothing.
		if (own < desiredCount || stood[own] === false) return;
		rows.push({ item, input: 1, pair: own, ...knownOf(own), spelling });
	});

	const pairsOfUser: number[][] = pairs.users.map(() => []);
	yield* forEachPaced(pairs.userOf, (user, pair) => pairsOfUser[user]?.push(pair));
	return {
		pairs,
		desired: desiredCount,
		rows,
		unreadable: desired.rows.some(({ pair }) => typeof pair !== 'number'),
		stood,
		keyNoBefore,
		pairsOfUser,
		words,
		assigned: new Map(),
		asked: new Map(),
		removed: new Map(),
		again: new Map(),
	};
}

/** Rows of one pair that disagree know nothing. */
function agreed<T>(known: T | null | undefined, said: T | null): T | null {
	return known === undefined || known === said ? said : null;
}

function namesOf({ loginName, company }: InputProblem): string {
	return JSON.stringify([loginName, company]);
}

/** What the ledger says of pairs that it names, and that cannot be dealt with: an option is unfit, say. */
function unfitRows(rows: readonly LedgerRow[]): ReadonlyMap<string, Known> {
	const known = new Map<string, Known>();
	for (const { pair, stands, keyNo } of rows) {
		if (typeof pair === 'number' || pair.loginName === null || pair.company === null) continue;
		const names = namesOf(pair);
		const before = known.get(names);
		known.set(names, {
			stood: agreed(before?.stood, stands),
			keyNo: agreed(before?.keyNo, keyNo),
		});
	}
	return known;
}

function* byPair<T>(pairs: PairTable, valueOf: (pair: number) => T): Generator<undefined, T[]> {
	const values: T[] = [];
	yield* forEachPaced(pairs.userOf, (_, pair) => {
		values.push(valueOf(pair));
	});
	return values;
}

export function userOf({ pairs }: Books, pair: number): number {
	return pairs.userOf[pair] ?? -1;
}

export function wordOf({ pairs }: Books, pair: number): number {
	return pairs.companyOf[pair] ?? -1;
}

export function isDesired({ desired }: Books, pair: number): boolean {
	return pair < desired;
}

/** Pairs to be assigned: what is only in Desired, and what Current does not know for sure. */
export function toAssign(books: Books): number[] {
	return select(books, (pair) => isDesired(books, pair) && books.stood[pair] !== true);
}

/** Pairs of Current, standing or not known, that are not desired. */
export function unwanted(books: Books): number[] {
	return select(books, (pair) => !isDesired(books, pair) && books.stood[pair] !== false);
}

function select({ stood }: Books, chosen: (pair: number) => boolean): number[] {
	const pairs: number[] = [];
	for (let pair = 0; pair < stood.length; pair++) if (chosen(pair)) pairs.push(pair);
	return pairs;
}
