import { MIN_KEYWORD_LENGTH } from '../qcc/endpoints';

/** A value read as a name, in the spelling that is sent, with what is wrong with it if anything is. */
export interface Name {
	/** Null where the value is no text at all. */
	readonly text: string | null;
	/** A clause that follows "The parameter … of item n". */
	readonly problem: string | null;
	/** Nothing was there to be read. */
	readonly empty?: boolean;
}

/**
 * What a person cannot see: zero-width, direction and control marks, soft hyphens, byte order marks.
 * Variation selectors too: they choose a glyph and never tell two companies apart, and a register
 * writes none. Tabs and line breaks are control characters by category and white space by meaning.
 */
const INVISIBLE = /(?!\p{White_Space})[\p{Default_Ignorable_Code_Point}\p{Cc}\ufff9-\ufffb]/gu;

/** `trim()` knows neither U+0085, nor that U+FEFF is no white space. */
const AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;

const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;

/** Tabs and line breaks, commas and semicolons, narrow and wide; `、` occurs in names. */
const SEPARATORS = /[\t\n\r\v\f\u0085\u2028\u2029,，;；]/;

/** Taken out before anything looks at a text. */
export function withoutInvisible(text: string): string {
	return text.replace(INVISIBLE, '');
}

/**
 * The elements of a list: an array's as they are, a text's split, or read as the JSON array it is.
 * An empty list is one element that is nothing.
 */
export function elements(value: unknown): readonly unknown[] {
	if (Array.isArray(value)) return value.length > 0 ? (value as unknown[]) : [undefined];
	if (typeof value !== 'string') return [value];
	const text = withoutInvisible(value).replace(AROUND, '');
	const array = jsonArray(text);
	if (array) return elements(array);
	const names = text.split(SEPARATORS).filter((name) => name.replace(AROUND, '') !== '');
	return names.length > 0 ? names : [''];
}

function jsonArray(text: string): unknown[] | null {
	if (!text.startsWith('[') || !text.endsWith(']')) return null;
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) ? (value as unknown[]) : null;
	} catch {
		return null;
	}
}

/** What a spreadsheet leaves where a value failed, in half width. */
const FAILED_VALUE =
	/^#(?:N\/A|NAME\?|GETTING_DATA|(?:REF|VALUE|DIV\/0|NUM|NULL|SPILL|CALC|FIELD|ERROR)!|#+)$/i;
/** Java writes it without a sign, but never without a point. */
const EXPONENT = /^[+-]?(?:\d+(?:\.\d+)?E[+-]\d+|\d+\.\d+E\d+)$/i;
const DASH = /^[\p{Pd}\u2212]$/u;

function unfitText(text: string): string | null {
	const narrow = halfWidth(text);
	if (FAILED_VALUE.test(narrow))
		return `is “${narrow.slice(0, 15)}”: a spreadsheet shows it where a value failed, so correct that cell`;
	if (DASH.test(narrow)) return 'is a lone dash';
	if (EXPONENT.test(narrow))
		return 'is a number in exponent form: a spreadsheet shortened it, so format the column as text and enter the number again';
	if (text.includes('\ufffd'))
		return 'was read with the wrong encoding: Excel’s CSV in China is GBK, so read the file as GBK or save it as UTF-8';
	return null;
}

/** Nearly every name: nothing to take off, and nothing that anything is wrong with. For speed alone. */
const PLAIN = /^(?:\d+|[\u4e00-\u9fff（）A-Za-z][\u4e00-\u9fff（）()A-Za-z0-9]*)$/;

function readName(value: unknown): Name {
	if (typeof value === 'string' && PLAIN.test(value)) return { text: value, problem: null };
	if (value === undefined || value === null)
		return { text: null, problem: 'is empty', empty: true };
	if (typeof value === 'number') {
		const text = value.toString();
		if (Number.isSafeInteger(value)) return { text, problem: null };
		return { text, problem: 'is a number that is not exact: pass it as text' };
	}
	if (typeof value !== 'string') return { text: null, problem: 'is not text' };
	if (/\p{Surrogate}/u.test(value)) return { text: null, problem: 'is not valid text' };
	const text = withoutInvisible(value).replace(AROUND, '');
	if (text === '') return { text, problem: 'is empty', empty: true };
	return { text, problem: unfitText(text) };
}

function halfWidth(text: string): string {
	return text.replace(/[\uff01-\uff5e]/g, (wide) =>
		String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
	);
}

/** Spaces, dashes and brackets: what a CRM writes between a number's digits. */
const BETWEEN_DIGITS = /[\p{White_Space}\p{Pd}\u2212\p{Ps}\p{Pe}]/gu;
const MOBILE = /^1[3-9]\d{9}$/;
const MAINLAND_MOBILE = /^(?:\+?86|0086)?(1[3-9]\d{9})$/;
/** A 1 that stands alone before the rest is North America's code, not the first of eleven digits. */
const ONE_ALONE = /^[^\d]*1[^\d]/;

/** The 11 digits of a mainland mobile number in whatever spelling; any other login name as it is. */
function mobileDigits(loginName: string): string {
	if (ONE_ALONE.test(loginName)) return loginName;
	return MAINLAND_MOBILE.exec(loginName.replace(BETWEEN_DIGITS, ''))?.[1] ?? loginName;
}

export function readLoginName(value: unknown): Name {
	const name = readName(value);
	if (name.text === null || name.problem !== null || MOBILE.test(name.text)) return name;
	const loginName = mobileDigits(halfWidth(name.text));
	if (!/[\p{White_Space},]/u.test(loginName)) return { text: loginName, problem: null };
	return {
		text: loginName,
		problem: 'has a comma or white space inside: one login name is expected',
	};
}

/** A character takes up to two units of a text's length. */
function isShort(text: string): boolean {
	return text.length < 2 * MIN_KEYWORD_LENGTH && Array.from(text).length < MIN_KEYWORD_LENGTH;
}

export function readCompany(value: unknown): Name {
	const name = readName(value);
	if (name.text === null || name.problem !== null) return name;
	if (LINE_BREAK.test(name.text))
		return { ...name, problem: 'has a line break inside: one company is expected' };
	if (isShort(name.text))
		return { ...name, problem: `is shorter than ${MIN_KEYWORD_LENGTH} characters` };
	return name;
}
