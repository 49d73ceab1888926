import type { Reason } from '../qcc/verdict';
import { isDesired, wordOf, type Books, type Hold } from './books';
import { losses } from './removals';

const NO_BRAKE = 100;

/** Removals, held against what Current has: its distinct pairs that stand or are not known. */
export interface Removals {
	readonly count: number;
	readonly current: number;
}

/** Percent of Current above which nothing is removed, as `maxRemovals` has it; 100 allows any number. */
function isTooMany({ count, current }: Removals, most: number): boolean {
	const allowed = (current * most) / NO_BRAKE;
	// 57 of 10,000 are 0.57 %, whatever floating point makes of it.
	return most < NO_BRAKE && count > allowed * (1 + Number.EPSILON);
}

/**
 * Why a sync must not go on: it would remove more than the user allows, as an empty or cut export
 * would have it do.
 * @param far how far it came, as a sentence
 */
export function brake(removals: Removals, most: number, far: string): Reason | null {
	if (!isTooMany(removals, most)) return null;
	const { count, current } = removals;
	return {
		status: null,
		msg: null,
		what: `the sync would remove ${count} of the ${current} current assignments, more than the ${most} % that “Max Removals” allows`,
		advice: `${far} See whether the Desired input is complete. If these removals are meant, raise “Max Removals”; 100 allows any number.`,
	};
}

/** All removals that nothing holds. */
export function allRemovals(books: Books, holds: ReadonlyMap<number, Hold>): Removals {
	return removalsOf(books, holds, (_, lost) => lost);
}

/**
 * Those of users who gain no word: these can be no rename, unless an earlier run left it half done. It
 * did where a word without keyNo is lost, and one is kept whose keyNo QCC has told.
 */
export function sureRemovals(books: Books, holds: ReadonlyMap<number, Hold>): Removals {
	const keyNo = (pair: number) => books.words.keyNo(wordOf(books, pair));
	return removalsOf(books, holds, (user, lost) => {
		const desired = (books.pairsOfUser[user] ?? []).filter((pair) => isDesired(books, pair));
		if (!desired.every((pair) => books.stood[pair] === true)) return [];
		const isHalfDone = desired.some((pair) => keyNo(pair) !== null);
		return isHalfDone ? lost.filter((pair) => keyNo(pair) !== null) : lost;
	});
}

function removalsOf(
	books: Books,
	holds: ReadonlyMap<number, Hold>,
	counted: (user: number, lost: readonly number[]) => readonly number[],
): Removals {
	let count = 0;
	for (const [user, lost] of losses(books)) {
		count += counted(user, lost).filter((pair) => !holds.has(pair)).length;
	}
	return { count, current: books.stood.filter((stands) => stands !== false).length };
}
