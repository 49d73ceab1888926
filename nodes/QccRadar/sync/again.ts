import { clausesOf, whole } from '../qcc/clauses';
import { SUCCESS } from '../qcc/codes';
import type { PairOutcome } from '../send/outcome';
import { forEachPaced } from '../timing';
import { isDesired, userOf, wordOf, type Books, type Hold } from './books';
import { PossibleCompanies } from './sameCompany';

const LINK = '(?:(?:员工)?关联(?:数据|关系|记录)?)?';
const DELETED = whole(`${LINK}(?:已|已经|成功)?删除(?:了)?${LINK}(?:成功)?`);

/**
 * Sections 5.1.2 and 5.1.4: of an employee a removal deletes the link (删除); of the main account or a
 * business administrator it stops following the company (取消关注). Whether for everybody the document
 * does not say; silence, and a state that was so already, may hide such a removal.
 */
function isOneUsersLink({ outcome, status, msg }: PairOutcome): boolean {
	if (outcome !== 'ok' || status !== SUCCESS) return false;
	const clauses = clausesOf(msg ?? '');
	return clauses.length > 0 && clauses.every((clause) => DELETED.test(clause));
}

/** Tells whether a removal of this run has ended, or may have ended, what QCC monitors for a pair. */
export function* removalsThatHit(books: Books): Generator<undefined, (pair: number) => boolean> {
	const everywhere = new PossibleCompanies(books.words);
	const ofUser = new Map<number, PossibleCompanies>();
	yield* forEachPaced([...books.removed], ([pair, outcome]) => {
		if (outcome.outcome !== 'ok' && outcome.outcome !== 'unknown') return;
		const user = userOf(books, pair);
		const own = ofUser.get(user) ?? new PossibleCompanies(books.words);
		ofUser.set(user, own);
		own.add(wordOf(books, pair));
		if (!isOneUsersLink(outcome)) everywhere.add(wordOf(books, pair));
	});
	return (pair) =>
		everywhere.mayHave(wordOf(books, pair)) ||
		(ofUser.get(userOf(books, pair))?.mayHave(wordOf(books, pair)) ?? false);
}

/**
 * Pairs to be assigned again after the removals: the desired ones that stood or may have stood; and
 * where the desired word of a company was refused, the ledger's word by which its user still has it.
 */
export function* toAssignAgain(
	books: Books,
	holds: ReadonlyMap<number, Hold>,
): Generator<undefined, number[]> {
	const isHit = yield* removalsThatHit(books);
	const pairs: number[] = [];
	yield* forEachPaced(books.stood, (stands, pair) => {
		const holdsIt = isDesired(books, pair)
			? mayStand(books, pair)
			: stands !== false && standsIn(books, holds.get(pair));
		if (holdsIt && isHit(pair)) pairs.push(pair);
	});
	return pairs;
}

function mayStand({ stood, assigned }: Books, pair: number): boolean {
	const outcome = assigned.get(pair)?.outcome;
	return stood[pair] === true || outcome === 'ok' || outcome === 'unknown';
}

function standsIn(books: Books, hold: Hold | undefined): boolean {
	return hold?.kind === 'same' && !hold.pairs.some((pair) => mayStand(books, pair));
}
