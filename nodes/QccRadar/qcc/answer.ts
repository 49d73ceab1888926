import { ENDPOINTS, type Shape } from './endpoints';
import type { Redact } from './redact';

/** One row of `result.batchList`. */
export interface AnswerRow {
	/**
	 * The name of the list that QCC repeats, or null where it repeats none. Empty where what it repeats
	 * is no such name: one of the other kind (the centre's), or not text.
	 */
	readonly echo: string | null;
	/** 200, 500, or null where the row has no readable status. */
	readonly status: number | null;
	readonly msg: string | null;
	readonly keyNo: string | null;
}

/** Takes the place of an entry that is no row, so that no row is taken for another's by its position. */
export const UNREADABLE: AnswerRow = { echo: null, status: null, msg: null, keyNo: null };

export interface Answer {
	readonly code: number;
	readonly msg: string | null;
	/**
	 * In the order of `batchList`, an entry that cannot be read being `UNREADABLE` in its place. Null
	 * where the answer carries no row at all.
	 */
	readonly rows: readonly AnswerRow[] | null;
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value : null;
}

/** In the document's examples 32 hexadecimal digits: some of them may have no letter. */
const KEY_NO = /^(?:(?=\D*\d)(?=[^a-z]*[a-z])[\w-]+|(?!0+$)\d{20,})$/i;

/**
 * A company's number, in QCC's answer or where it was kept since; null for what is none. `-`, `#N/A`, `0`
 * and `null` stand in many rows, and would make one company of all of them.
 */
export function keyNoOf(value: unknown): string | null {
	const keyNo = typeof value === 'string' ? value.trim() : '';
	return KEY_NO.test(keyNo) ? keyNo : null;
}

const OTHER_SHAPE: Readonly<Record<Shape, Shape>> = { user: 'company', company: 'user' };

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '';
}

/** A login name is a phone number, and so may be sent as one. */
function echoOf(row: Readonly<Record<string, unknown>>, shape: Shape): string | null {
	const name = row[ENDPOINTS[shape].echo];
	if (Number.isSafeInteger(name)) return String(name);
	if (textOf(name) !== null) return textOf(name);
	return isGiven(name) || isGiven(row[ENDPOINTS[OTHER_SHAPE[shape]].echo]) ? '' : null;
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
export function parseAnswer(body: string, shape: Shape, redact: Redact): Answer | null {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return null;
	}
	const answer = fieldsOf(parsed);
	const code = codeOf(answer?.status);
	if (!answer || code === null) return null;

	/** The same few sentences stand in every row. */
	const redacted = new Map<string, string>();
	const wordsOf = (msg: unknown) => {
		const words = textOf(msg);
		if (words === null) return null;
		const known = redacted.get(words) ?? redact(words);
		redacted.set(words, known);
		return known;
	};
	/** A keyNo that holds a secret is none. */
	const cleanKeyNo = (value: unknown) => {
		const keyNo = keyNoOf(value);
		return keyNo !== null && redact(keyNo) === keyNo ? keyNo : null;
	};
	const readRow = (entry: unknown): AnswerRow => {
		const row = fieldsOf(entry);
		if (!row) return UNREADABLE;
		return {
			echo: echoOf(row, shape),
			status: codeOf(row.status),
			msg: wordsOf(row.msg),
			keyNo: cleanKeyNo(row.keyNo),
		};
	};
	const list = fieldsOf(answer.result)?.batchList;
	const entries: readonly unknown[] = Array.isArray(list) ? list : [];
	return {
		code,
		msg: wordsOf(answer.msg),
		rows: entries.some((entry) => fieldsOf(entry) !== null) ? entries.map(readRow) : null,
	};
}
