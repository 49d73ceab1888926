import type { Grouping } from '../read/request';
import type { Batch } from '../plan/planCalls';
import type { Action } from '../qcc/endpoints';
import type { Reason } from '../qcc/verdict';
import { PairTable } from '../read/pairs';
import { noneSent, type Failure, type PairOutcome, type SendResult } from '../send/outcome';
import type { Sender } from '../send/sender';
import { toAssignAgain } from './again';
import { rowsOf, type SyncedRow } from './answerRows';
import {
	openBooks,
	toAssign,
	unwanted,
	wordOf,
	type Books,
	type Hold,
	type SyncInput,
} from './books';
import { allRemovals, brake, sureRemovals } from './brake';
import { heldBy, holdOthers, holdRemovals, isAnswered, isForTheUser, toAsk } from './removals';
import { standings } from './standings';

const NOTHING_REMOVED = 'Nothing was removed; what was assigned stands.';

/**
 * Around so many users a word is asked for at once, time after time, while each refuses it for the user's
 * sake: few calls where few are refused, and few rounds where many are.
 */
const USERS_ASKED = [1, 2, 4, 8, 16];

/** Does work that yields, letting others have their turn. */
export type Pace = <T>(work: Generator<undefined, T>) => Promise<T>;

export interface SyncSettings {
	/** Percent of Current, 100 for any number. */
	readonly maxRemovals: number;
	/** How pairs are grouped where nothing but the number of calls matters. */
	readonly grouping: Grouping;
	readonly sender: Pick<Sender, 'plan' | 'send'>;
	readonly pace: Pace;
}

export interface Synced {
	/** Desired's rows, then Current's that are not desired, each in input order. */
	readonly rows: readonly SyncedRow[];
	readonly failure: Failure | null;
	/** Calls that carried its pairs. */
	readonly calls: number;
}

/**
 * Brings what QCC monitors from Current to Desired: assigns what is missing, asks for the keyNos that
 * removals turn on, removes what no desired row names, and assigns again what a removal may have ended.
 * Each step stands on the answers of those before it; when the run was stopped, the rest is not sent.
 */
export async function runSync(input: SyncInput, settings: SyncSettings): Promise<Synced> {
	const { pace, maxRemovals } = settings;
	const books = await pace(openBooks(input));
	const steps = new Steps(books, settings);

	let holds = await pace(holdRemovals(books));
	const tooManyAtOnce = brake(sureRemovals(books, holds), maxRemovals, 'Nothing was sent.');
	if (tooManyAtOnce) steps.stop(tooManyAtOnce);

	await steps.send('assign', toAssign(books), books.assigned);
	noteRefusals(books);
	holds = await pace(holdRemovals(books));
	for (const users of [...USERS_ASKED, 0]) {
		const unknown = steps.isStopped ? [] : await pace(toAsk(books, holds, Math.max(users, 1)));
		if (unknown.length === 0) break;
		if (users > 0) await steps.send('assign', unknown, books.asked, { grouping: 'user' });
		else noteSilence(books, unknown);
		noteAnswers(books);
		holds = await pace(holdRemovals(books));
	}

	if (!steps.isStopped) {
		const tooMany = brake(allRemovals(books, holds), maxRemovals, NOTHING_REMOVED);
		if (tooMany) steps.stop(tooMany);
	}
	holdWhenStopped(books, holds, steps.failure);
	const removals = unwanted(books).filter((pair) => !holds.has(pair));
	await steps.sendTelling('unassign', removals, books.removed);
	await steps.sendTelling('assign', await pace(toAssignAgain(books, holds)), books.again, true);

	holdOthers(books, holds);
	const assigned = await pace(standings(books, holds));
	const rows = await pace(rowsOf(books, holds, assigned));
	return { rows, failure: steps.failure, calls: steps.calls };
}

/** Sends what a step has to send, as long as nothing has stopped the run. */
class Steps {
	failure: Failure | null = null;
	calls = 0;

	constructor(
		private readonly books: Books,
		private readonly settings: SyncSettings,
	) {}

	get isStopped(): boolean {
		return this.failure?.stopped === true;
	}

	stop(reason: Reason): void {
		this.failure = { reason, stopped: true };
	}

	async send(
		action: Action,
		pairs: readonly number[],
		into: Map<number, PairOutcome>,
		{
			grouping = this.settings.grouping,
			afresh = false,
		}: Partial<Pick<Batch, 'grouping' | 'afresh'>> = {},
	): Promise<void> {
		if (pairs.length === 0) return;
		const { outcomes, failure, calls } = this.failure?.stopped
			? { outcomes: noneSent(pairs.length, this.failure.reason), failure: null, calls: 0 }
			: await this.carryOut({ action, pairs: tableOf(this.books, pairs), grouping, afresh });
		this.calls += calls;
		pairs.forEach((pair, i) => {
			const outcome = outcomes[i];
			if (!outcome) throw new TypeError(`Pair ${i} was given no outcome`);
			into.set(pair, outcome);
			if (outcome.keyNo !== null) this.books.words.tell(wordOf(this.books, pair), outcome.keyNo);
		});
		// The first cause is the one to tell: what follows it is often its consequence.
		if (failure?.stopped) this.failure = failure;
		else this.failure ??= failure;
	}

	private async carryOut(batch: Batch): Promise<SendResult> {
		const { sender } = this.settings;
		return await sender.send(await sender.plan(batch));
	}

	/** Around the user where a keyNo is still unknown, for only these calls tell it. */
	async sendTelling(
		action: Action,
		pairs: readonly number[],
		into: Map<number, PairOutcome>,
		afresh = false,
	): Promise<void> {
		const { known, unknown } = byKeyNo(this.books, pairs);
		await this.send(action, known, into, { afresh });
		await this.send(action, unknown, into, { grouping: 'user', afresh });
	}
}

export function byKeyNo(
	books: Books,
	pairs: readonly number[],
): { known: number[]; unknown: number[] } {
	const isKnown = (pair: number) => books.words.keyNo(wordOf(books, pair)) !== null;
	return {
		known: pairs.filter(isKnown),
		unknown: pairs.filter((pair) => !isKnown(pair)),
	};
}

export function tableOf({ pairs }: Books, chosen: readonly number[]): PairTable {
	const table = new PairTable();
	for (const pair of chosen) table.add(pairs.loginName(pair), pairs.company(pair));
	return table;
}

/** A word that was refused where its keyNo would have been told is not asked for again. */
function noteRefusals(books: Books): void {
	for (const [pair, outcome] of books.assigned) {
		if (isForTheUser(outcome) || !isAnswered(books, pair)) continue;
		books.words.ask(wordOf(books, pair), true);
	}
}

function noteAnswers(books: Books): void {
	for (const [pair, outcome] of books.asked) {
		// Refused around the company and asked for around the user: what was said last is so.
		const isRefused = books.assigned.get(pair)?.outcome === 'rejected';
		if (isRefused && (outcome.outcome === 'ok' || outcome.outcome === 'unknown')) {
			books.assigned.set(pair, outcome);
		}
		if (isForTheUser(outcome)) continue;
		const hasAnswer = outcome.outcome === 'ok' || outcome.outcome === 'rejected';
		books.words.ask(wordOf(books, pair), hasAnswer);
	}
}

/** Words that nobody could be asked for: another run may learn more. */
function noteSilence(books: Books, pairs: readonly number[]): void {
	for (const pair of pairs) books.words.ask(wordOf(books, pair), false);
}

/** What waited for something of its own is told the cause that stopped all. */
function holdWhenStopped(books: Books, holds: Map<number, Hold>, failure: Failure | null): void {
	if (!failure?.stopped) return;
	for (const pair of unwanted(books)) {
		if (holds.get(pair)?.kind !== 'same') holds.set(pair, heldBy(failure.reason));
	}
}
