import type { AnswerRow } from '../qcc/answer';
import { saysFailed } from '../qcc/clauses';
import { SUCCESS } from '../qcc/codes';

/** What the spellings of one name share: width (NFKC), case and outer white space aside. */
function normal(name: string): string {
	return name.normalize('NFKC').trim().toLowerCase();
}

/** What has no key is in no group. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		if (key === null) continue;
		const group = groups.get(key);
		if (group) group.push(item);
		else groups.set(key, [item]);
	}
	return groups;
}

/**
 * Several rows that speak of one name are one answer only where they agree: a refusal in its words too,
 * for these may say that the name stands as wished.
 */
function agreed(rows: readonly AnswerRow[]): AnswerRow | null {
	const [first, ...others] = rows;
	if (first === undefined || first.status === null) return null;
	if (others.some((row) => row.status !== first.status)) return null;
	const oneMsg = others.every((row) => row.msg === first.msg);
	const oneKeyNo = others.every((row) => row.keyNo === first.keyNo);
	if (!oneMsg && (first.status !== SUCCESS || rows.some((row) => saysFailed(row.msg)))) return null;
	return { ...first, msg: oneMsg ? first.msg : null, keyNo: oneKeyNo ? first.keyNo : null };
}

function isReadable({ echo, status, msg, keyNo }: AnswerRow): boolean {
	return echo !== null || status !== null || msg !== null || keyNo !== null;
}

/**
 * Finds for each name of a call the row that answers it.
 *
 * A name is answered by the rows that repeat it exactly. Failing that, by the rows that repeat it in
 * another width, case or spacing, if they are at least as many as the names spelled so, and agree.
 * Failing that, by the row at its own position, in an answer of the same length where every entry is a
 * row and each name that is repeated stands in its own place. A row that repeats some other name answers
 * nobody. Where names share a spelling, a row that repeats one of them exactly may be another's, and
 * beside rows that repeat no name nothing tells: they are not answered.
 *
 * @param names the distinct names of a call's list, in the order sent
 * @param rows the answer's rows (`result.batchList`), in any order, any number
 * @returns for names[i] its row, or null where QCC said nothing of it, nothing readable, or two things
 */
export function matchRows(
	names: readonly string[],
	rows: readonly AnswerRow[],
): (AnswerRow | null)[] {
	// Nearly every answer repeats the list as it was sent. For speed alone.
	if (rows.length === names.length && rows.every(({ echo }, i) => echo === names[i])) {
		return rows.map((row) => (row.status === null ? null : row));
	}

	const exact = groupBy(rows, ({ echo }) => echo);
	const spelt = groupBy(rows, ({ echo }) => echo && normal(echo));
	const namesakes = groupBy(names, normal);
	const allNamed = rows.every(({ echo }) => echo !== null);
	const inPlace =
		rows.length === names.length &&
		rows.every(isReadable) &&
		rows.every((row, i) => row.echo === null || normal(row.echo) === normal(names[i] ?? ''));

	return names.map((name, i) => {
		const sharers = namesakes.get(normal(name)) ?? [];
		const own = exact.get(name);
		if (own) {
			const isCertain = allNamed || sharers.every((sharer) => exact.has(sharer));
			return isCertain ? agreed(own) : null;
		}

		const candidates = spelt.get(normal(name)) ?? [];
		if (candidates.length > 0)
			return candidates.length < sharers.length ? null : agreed(candidates);

		return inPlace ? agreed(rows.slice(i, i + 1)) : null;
	});
}
