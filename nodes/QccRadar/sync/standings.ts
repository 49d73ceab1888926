import { forEachPaced } from '../timing';
import { removalsThatHit } from './again';
import { userOf, wordOf, type Books, type Hold, type Standing } from './books';
import { isSure } from './removals';
import { PossibleCompanies } from './sameCompany';

/**
 * What the ledger should hold of each pair after the run. true: confirmed, and nothing sent since may
 * have ended it. false: confirmed absent, or another word of a company whose pair came out true.
 * null: otherwise. What was not sent keeps the ledger's word.
 */
export function* standings(
	books: Books,
	holds: ReadonlyMap<number, Hold>,
): Generator<undefined, Standing[]> {
	const isHit = yield* removalsThatHit(books);
	const result: Standing[] = [];
	const doubted = new Map<number, PossibleCompanies>();
	const settle = (pair: number, standing: Standing) => {
		result[pair] = standing;
		if (standing !== null || !books.again.has(pair)) return;
		const user = userOf(books, pair);
		const ofUser = doubted.get(user) ?? new PossibleCompanies(books.words);
		doubted.set(user, ofUser);
		ofUser.add(wordOf(books, pair));
	};

	const desired = books.stood.slice(0, books.desired);
	yield* forEachPaced(desired, (_, pair) => {
		settle(pair, desiredStanding(books, pair));
	});
	const others = books.stood.slice(books.desired);
	yield* forEachPaced(others, (stands, i) => {
		const pair = books.desired + i;
		const again = books.again.get(pair);
		if (stands === false) result[pair] = false;
		else if (again) settle(pair, again.outcome === 'ok' ? true : null);
	});
	yield* forEachPaced(others, (stands, i) => {
		const pair = books.desired + i;
		if (pair in result) return;
		const kept = stands === true && !isHit(pair) ? true : null;
		const removal = books.removed.get(pair);
		const hold = holds.get(pair);
		if (removal && removal.outcome !== 'notSent') {
			const doubt = doubted.get(userOf(books, pair))?.mayHave(wordOf(books, pair)) ?? false;
			result[pair] = removal.outcome === 'ok' && !doubt ? false : null;
		} else if (hold?.kind === 'same') {
			const standsAs = (one: number) => result[one] === true && isSure(books, pair, [one]);
			result[pair] = hold.pairs.some(standsAs) ? false : kept;
		} else result[pair] = kept;
	});
	return result;
}

function desiredStanding(books: Books, pair: number): Standing {
	const again = books.again.get(pair);
	if (again) return again.outcome === 'ok' ? true : null;
	const stood = books.stood[pair] ?? null;
	switch (books.assigned.get(pair)?.outcome) {
		case 'ok':
			return true;
		case 'unknown':
			return null;
		// Refused or not sent: it is no more, and no less, than the ledger has it.
		default:
			return stood;
	}
}
