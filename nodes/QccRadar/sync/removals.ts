import { isAboutCentre } from '../qcc/aboutCentre';
import type { Reason } from '../qcc/verdict';
import { RUN_AGAIN } from '../qcc/verdict';
import type { PairOutcome } from '../send/outcome';
import { forEachPaced } from '../timing';
import { isDesired, unwanted, userOf, wordOf, type Books, type Hold } from './books';
import { ByCompany } from './sameCompany';

const CORRECT = 'Correct these rows, and run the workflow again.';

function waiting(what: string, advice: string): Hold & { kind: 'waits' } {
	return { kind: 'waits', reason: { status: null, msg: null, what, advice } };
}

const FOR_READABLE_ROWS = waiting(
	'nothing is removed while rows of the Desired input cannot be read',
	CORRECT,
);
const FOR_OWN_ROWS = waiting(
	'the removal waits until all desired rows of this user are answered',
	RUN_AGAIN,
);
const FOR_KEYNO = waiting(
	'the removal waits until QCC has told whether it is the company of a desired row',
	RUN_AGAIN,
);
const FOR_NEXT_RUN = waiting(
	'the removal waits: only the last calls told that it is no desired row’s company',
	RUN_AGAIN,
);
const FOR_NEW_OWNER = waiting(
	'the removal waits: the company could not be assigned to the user who is to have it',
	CORRECT,
);

/** QCC knows no company of this name (section 5.1.2), so it is nobody's to lose. */
const NOT_FOUND = '关键字不存在';

export function isNotFound({ outcome, msg, reason }: PairOutcome): boolean {
	const words = msg ?? reason?.msg ?? '';
	return outcome === 'rejected' && words.includes(NOT_FOUND) && isAboutCentre('company', words);
}

/** Pairs to be removed, by user. */
export function losses(books: Books): Map<number, number[]> {
	const byUser = new Map<number, number[]>();
	for (const pair of unwanted(books)) {
		const user = userOf(books, pair);
		const list = byUser.get(user);
		if (list) list.push(pair);
		else byUser.set(user, [pair]);
	}
	return byUser;
}

/** Which pairs of Current that are not desired stay for now, by what is known so far, and why. */
export function* holdRemovals(books: Books): Generator<undefined, Map<number, Hold>> {
	const holds = new Map<number, Hold>();
	const unplaced = failedMoves(books);
	yield* forEachPaced([...losses(books)], ([user, lost]) => {
		const desired = (books.pairsOfUser[user] ?? []).filter((pair) => isDesired(books, pair));
		const companies = new ByCompany<number>(books.words);
		for (const pair of desired) companies.add(wordOf(books, pair), pair);
		const ofAll = books.unreadable ? FOR_READABLE_ROWS : waitingForOwn(books, desired);
		for (const pair of lost) {
			const hold =
				sameAs(books, pair, companies) ??
				ofAll ??
				(desired.length > 0 && books.words.isSilent(wordOf(books, pair)) ? FOR_KEYNO : null) ??
				(unplaced.has(wordOf(books, pair)) ? FOR_NEW_OWNER : null);
			if (hold) holds.set(pair, hold);
		}
	});
	return holds;
}

function sameAs(books: Books, pair: number, desired: ByCompany<number>): Hold | null {
	const pairs = desired.find(wordOf(books, pair));
	const silent = (one: number) => books.words.isSilent(wordOf(books, one));
	// An answer may yet show that words which fold alike are two companies.
	if (pairs.length === 0 || silent(pair) || pairs.every(silent)) return null;
	return { kind: 'same', pairs };
}

/**
 * Of what was thought to be one company the last answers may tell that it is two: then the removal waits
 * for the next run.
 */
export function holdOthers(books: Books, holds: Map<number, Hold>): void {
	const { words } = books;
	for (const [pair, hold] of holds) {
		if (hold.kind !== 'same') continue;
		const pairs = hold.pairs.filter((one) => words.isSame(wordOf(books, pair), wordOf(books, one)));
		holds.set(pair, pairs.length > 0 ? { kind: 'same', pairs } : FOR_NEXT_RUN);
	}
}

/** Some desired row of the user has no answer: nothing is removed from the user in this run. */
function isUnanswered({ assigned }: Books, desired: readonly number[]): boolean {
	return desired.some((pair) => {
		const outcome = assigned.get(pair)?.outcome;
		return outcome === 'unknown' || outcome === 'notSent';
	});
}

function waitingForOwn(books: Books, desired: readonly number[]): Hold | null {
	if (isUnanswered(books, desired)) return FOR_OWN_ROWS;
	return desired.some((pair) => books.words.isSilent(wordOf(books, pair))) ? FOR_KEYNO : null;
}

/** Companies that a user to whom they are new did not get: nobody is to lose them meanwhile. */
function failedMoves(books: Books): ByCompany<number> {
	const unplaced = new ByCompany<number>(books.words);
	const standing = new Map<number, ByCompany<number>>();
	const standingOf = (user: number) => {
		const known = standing.get(user);
		if (known) return known;
		const companies = new ByCompany<number>(books.words);
		for (const pair of books.pairsOfUser[user] ?? []) {
			if (books.stood[pair] === true) companies.add(wordOf(books, pair), pair);
		}
		standing.set(user, companies);
		return companies;
	};
	books.assigned.forEach((outcome, pair) => {
		if (outcome.outcome === 'ok' || isNotFound(outcome)) return;
		const word = wordOf(books, pair);
		if (!standingOf(userOf(books, pair)).has(word)) unplaced.add(word, pair);
	});
	return unplaced;
}

/** What a refusal says that is, or may be, about the user: `登录名不存在`. */
const ABOUT_USER = /登录|用户|员工|手机/;
/** The login name's account, or everybody's, where it is about what the account may have. */
const ACCOUNT = /账号|账户|帐号/;
const QUOTA = /上限|额度|余额|配额|到期|过期|超出|超过/;

/** It says nothing of the word: another user may be told of it. */
export function isForTheUser({ outcome, msg, reason }: PairOutcome): boolean {
	const words = msg ?? reason?.msg ?? '';
	const isAbout = ABOUT_USER.test(words) || (ACCOUNT.test(words) && !QUOTA.test(words));
	return outcome === 'rejected' && isAbout;
}

/** QCC has refused the row where it would have told the keyNo, or knows no such company. */
export function isAnswered(books: Books, pair: number): boolean {
	const outcome = books.assigned.get(pair);
	if (outcome?.outcome !== 'rejected') return false;
	return outcome.around === 'user' || isNotFound(outcome);
}

/**
 * Pairs whose words are to be asked for: of users who lose something and are to have something, each
 * word without a keyNo, once in the run, whoever's it is; around other users, where it was refused for the
 * user's sake.
 * @param users around so many a word is asked for at once
 */
export function* toAsk(
	books: Books,
	holds: ReadonlyMap<number, Hold>,
	users = 1,
): Generator<undefined, number[]> {
	const { words } = books;
	const left = new Map<number, number>();
	books.asked.forEach((outcome, pair) => {
		if (!isForTheUser(outcome)) left.set(wordOf(books, pair), 0);
	});
	const pairs: number[] = [];
	const isOpen = (pair: number) => {
		const hold = holds.get(pair);
		// A keyNo may show that the company is not new to the user who did not get it.
		if (!hold || hold === FOR_NEW_OWNER) return true;
		// Words that fold alike may be two companies; those whose keyNos are equal are one.
		return hold.kind === 'same' && !isSure(books, pair, hold.pairs);
	};
	yield* forEachPaced([...losses(books)], ([user, lost]) => {
		const desired = (books.pairsOfUser[user] ?? []).filter((pair) => isDesired(books, pair));
		const open = lost.filter(isOpen);
		if (desired.length === 0 || open.length === 0 || isUnanswered(books, desired)) return;
		for (const pair of [...desired, ...open]) {
			const word = wordOf(books, pair);
			const places = left.get(word) ?? users;
			if (words.keyNo(word) !== null || places === 0) continue;
			if (books.asked.has(pair) || isAnswered(books, pair)) continue;
			left.set(word, places - 1);
			pairs.push(pair);
		}
	});
	return pairs;
}

/** No call can tell more of whether a pair names the company of one of these. */
export function isSure(books: Books, pair: number, others: readonly number[]): boolean {
	const { words } = books;
	return [pair, ...others].every((one) => words.isSettled(wordOf(books, one)));
}

/** Why a pair's removal is not sent now although nothing about the pair holds it back. */
export function heldBy(reason: Reason): Hold {
	return { kind: 'waits', reason };
}
