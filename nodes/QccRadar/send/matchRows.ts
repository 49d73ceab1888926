import type { AnswerRow } from '../qcc/answer';

/** What the spellings of one name share: width (NFKC), case and outer white space aside. */
function normal(name: string): string {
	return name.normalize('NFKC').trim().toLowerCase();
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group) group.push(item);
		else groups.set(key, [item]);
	}
	return groups;
}

/** Several rows that speak of one name are one answer only where they agree. */
function agreed(rows: readonly AnswerRow[]): AnswerRow | null {
	const [first, ...others] = rows;
	if (first === undefined || first.status === null) return null;
	if (others.some((row) => row.status !== first.status)) return null;
	return others.every((row) => row.keyNo === first.keyNo) ? first : { ...first, keyNo: null };
}

/**
 * Finds for each name of a call the row that answers it.
 *
 * A name is answered by the rows that repeat it exactly. Failing that, by the rows that repeat it in
 * another width, case or spacing, if they are at least as many as the names spelled so, and agree.
 * Failing that, where QCC repeats no name, by the row at its own position in an answer of the same
 * length. A row that repeats some other name answers nobody.
 *
 * @param names the distinct names of a call's list, in the order sent
 * @param rows the answer's rows (`result.batchList`), in any order, any number
 * @returns for names[i] its row, or null where QCC said nothing of it, nothing readable, or two things
 */
export function matchRows(
	names: readonly string[],
	rows: readonly AnswerRow[],
): (AnswerRow | null)[] {
	const echoed = rows.filter((row) => row.echo !== null);
	const exact = groupBy(echoed, (row) => row.echo ?? '');
	if (names.every((name) => exact.has(name))) {
		return names.map((name) => agreed(exact.get(name) ?? []));
	}

	const spelt = groupBy(echoed, (row) => normal(row.echo ?? ''));
	const namesakes = groupBy(names, normal);
	const inPlace =
		rows.length === names.length &&
		rows.every((row, i) => row.echo === null || normal(row.echo) === normal(names[i] ?? ''));

	return names.map((name, i) => {
		const own = exact.get(name);
		if (own) return agreed(own);

		const candidates = spelt.get(normal(name)) ?? [];
		const sharers = namesakes.get(normal(name)) ?? [];
		if (candidates.length > 0)
			return candidates.length < sharers.length ? null : agreed(candidates);

		return inPlace ? agreed(rows.slice(i, i + 1)) : null;
	});
}
