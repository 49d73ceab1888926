import type { LedgerRow } from '../../nodes/QccRadar/read/ledger';
import { PairTable } from '../../nodes/QccRadar/read/pairs';
import type { InputProblem } from '../../nodes/QccRadar/read/rows';
import { openBooks, type Books, type Standing } from '../../nodes/QccRadar/sync/books';
import { finish } from './finish';

/** `user word`, or the problem of a row that cannot be read. */
export type Names = string | InputProblem;

/** Of the ledger `user word keyNo stands`, `-` for no keyNo; or names, and what else the row says. */
export type Entry = string | readonly [Names, Partial<LedgerRow>?];

function added(table: PairTable, names: Names): number | InputProblem {
	if (typeof names !== 'string') return names;
	const [user = '', word = ''] = names.split(' ');
	return table.add(user, word);
}

function readEntry(entry: Entry): readonly [Names, Partial<LedgerRow>?] {
	if (typeof entry !== 'string') return entry;
	const [, , keyNo = '-', said = 'true'] = entry.split(' ');
	return [entry, { stands: JSON.parse(said) as Standing, keyNo: keyNo === '-' ? null : keyNo }];
}

/** The books of a run before anything is sent. */
export function booksOf(desired: readonly Names[], ledger: readonly Entry[]): Books {
	const wanted = new PairTable();
	const current = new PairTable();
	const rows = desired.map((names, item) => ({ item, pair: added(wanted, names) }));
	const entries = ledger.map(readEntry).map(([names, fields], item): LedgerRow => {
		return { item, pair: added(current, names), stands: true, keyNo: null, ...fields };
	});
	return finish(
		openBooks({
			desired: { rows, pairs: wanted },
			current: { rows: entries, pairs: current },
		}),
	);
}
