import { ENDPOINTS, type Shape } from './endpoints';

/** A row that names only this is about another call. */
const OTHER_SHAPE: Readonly<Record<Shape, Shape>> = { user: 'company', company: 'user' };

/** One row of `result.batchList`. */
export interface AnswerRow {
	/** The name as QCC repeats it, of whichever kind, or null where it repeats none. */
	readonly echo: string | null;
	/** 200, 500, or null where the row has no readable status. */
	readonly status: number | null;
	readonly msg: string | null;
	readonly keyNo: string | null;
}

export interface Answer {
	readonly code: number;
	readonly msg: string | null;
	/** Null where the answer carries no row at all. */
	readonly rows: readonly AnswerRow[] | null;
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A login name is a phone number, and so may be sent as one. */
function nameOf(value: unknown): string | null {
	return Number.isSafeInteger(value) ? String(value) : textOf(value);
}

/** Codes are sent as text in the document's examples, and as Int32 by its tables. */
function codeOf(value: unknown): number | null {
	if (typeof value === 'string' && /^\s*\d{1,9}\s*$/.test(value)) return Number(value);
	return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Readonly<Record<string, unknown>>)
		: null;
}

/**
 * Reads an answer's body (sections 5.1.1 to 5.1.4: `status`, `msg`, `result.batchList`).
 * @param redact takes secrets out of QCC's words, should a message repeat them
 * @returns null for anything that is not one: another shape, cut JSON, a page of HTML.
 */
export function parseAnswer(
	body: string,
	shape: Shape,
	redact: (words: string) => string,
): Answer | null {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return null;
	}
	const answer = fieldsOf(parsed);
	const code = codeOf(answer?.status);
	if (!answer || code === null) return null;

	const wordsOf = (msg: unknown) => {
		const words = textOf(msg);
		return words === null ? null : redact(words);
	};
	const readRow = (row: Readonly<Record<string, unknown>>): AnswerRow => ({
		echo: nameOf(row[ENDPOINTS[shape].echo]) ?? nameOf(row[ENDPOINTS[OTHER_SHAPE[shape]].echo]),
		status: codeOf(row.status),
		msg: wordsOf(row.msg),
		keyNo: textOf(row.keyNo),
	});
	const list = fieldsOf(answer.result)?.batchList;
	const rows = (Array.isArray(list) ? list : []).map(fieldsOf).filter((row) => row !== null);
	return {
		code,
		msg: wordsOf(answer.msg),
		rows: rows.length === 0 ? null : rows.map(readRow),
	};
}
