/**
 * The vendor's interface document ("风险监控分配企业接口 说明文档 V1.0") as data:
 * endpoints, caps and codes, the address of a call and the shape of its answer. Nothing here sends.
 */

/** What is done to a pair: both directions exist for both kinds of star. */
export type Action = 'assign' | 'unassign';

/** What a call is built around: one user with many companies, or one company with many users. */
export type Shape = 'user' | 'company';

interface Endpoint {
	readonly path: Record<Action, string>;
	/** Query parameter that names the one. */
	readonly centre: string;
	/** Query parameter that names the many, separated by ASCII commas. */
	readonly list: string;
	/** Most names that one list may hold. */
	readonly cap: number;
	/** Field of an answer's row that repeats a name of the list. */
	readonly echo: string;
}

/** Sections 5.1.1 to 5.1.4. */
export const ENDPOINTS: Readonly<Record<Shape, Endpoint>> = {
	user: {
		path: {
			assign: '/api/radar_ext/batchAddRadarCompanyListToExistedUser',
			unassign: '/api/radar_ext/batchCancelRadarCompanyListFromExistedUser',
		},
		centre: 'loginName',
		list: 'keyWordList',
		cap: 200,
		echo: 'keyWord',
	},
	company: {
		path: {
			assign: '/api/radar_ext/batchAddRadarCompanyToExistedUserList',
			unassign: '/api/radar_ext/batchCancelRadarCompanyFromExistedUserList',
		},
		centre: 'keyWord',
		list: 'loginNameList',
		cap: 500,
		echo: 'loginName',
	},
};

/** Section 3: 并发限制为 5个, calls in flight for one account. */
export const MAX_CONCURRENCY = 5;

/** A shorter keyword is refused with code 213 (section 7.2). */
export const MIN_KEYWORD_LENGTH = 2;

/** A query that fails again and again is locked for two hours with code 110 (section 7.1). */
export const MAX_SENDS_OF_A_QUERY = 4;

/** Every web server takes a URL of this many bytes: one that refuses it is not the right server. */
export const SAFE_URL_BYTES = 2000;

/**
 * What an answer means for the run:
 * - `account`: no call of this account can succeed now
 * - `throttled`: too many calls at once or in too short a time
 * - `passing`: the same call may succeed in a moment
 * - `locked`: this very query is locked for two hours
 * - `badRow`: some name in the call spoils it for the others
 */
export type Treatment = 'account' | 'throttled' | 'passing' | 'locked' | 'badRow';

export interface Code {
	readonly treatment: Treatment;
	/** What QCC's table says, in English. */
	readonly meaning: string;
	/** What the user can do about it. */
	readonly advice: string;
}

const ASK_QCC = 'Ask QCC support (400-928-2212, kf@qichacha.com).';
const LATER = 'Run the workflow again later: rows that stand already are not harmed.';
const CHECK_ROW = 'Check the company and login name of this row in QCC Pro.';
const NEWER_TABLE = 'It is not in version 1.0 of the code table; QCC’s own message says more.';

/**
 * Sections 7.1 (system) and 7.2 (service), and 116, 120, 121, 122 of newer code tables.
 * 200 is success and 500 carries rows, so both are judged by their rows; 500 without rows is here.
 */
export const CODES: Readonly<Record<number, Code>> = {
	101: {
		treatment: 'account',
		meaning: 'the AppKey is invalid or not active yet',
		advice: 'Compare the credential’s AppKey with QCC Pro → Settings → My company.',
	},
	102: {
		treatment: 'account',
		meaning: 'the AppKey has expired',
		advice: 'Renew the interface with QCC, then run again.',
	},
	103: {
		treatment: 'account',
		meaning: 'the AppKey is suspended',
		advice: ASK_QCC,
	},
	104: {
		treatment: 'passing',
		meaning: 'the interface is under maintenance',
		advice: LATER,
	},
	105: {
		treatment: 'account',
		meaning: 'the interface has been taken offline',
		advice: ASK_QCC,
	},
	107: {
		treatment: 'account',
		meaning: 'the IP address is not allowed, or the signature is wrong',
		advice:
			'Check three things: this server’s public IP is on the whitelist in QCC Pro, the credential’s SecretKey belongs to its AppKey, and this server’s clock is right.',
	},
	108: {
		treatment: 'passing',
		meaning: 'the request format is wrong, try again',
		advice: LATER,
	},
	109: {
		treatment: 'throttled',
		meaning: 'the request exceeds the system’s limits',
		advice:
			'Other programs may be using the same AppKey. Lower “Max Concurrency”, or raise “Retry For”.',
	},
	110: {
		treatment: 'locked',
		meaning: 'the same query failed repeatedly and is locked',
		advice: 'Wait 2 hours before sending these rows again.',
	},
	111: {
		treatment: 'account',
		meaning: 'the account has no permission for this interface',
		advice: 'Have QCC open the radar assignment interface for this AppKey.',
	},
	112: {
		treatment: 'account',
		meaning: 'the account’s quota is used up',
		advice: 'Buy quota in QCC Pro, then run again: only what is missing needs to be sent.',
	},
	116: {
		treatment: 'account',
		meaning: 'QCC refuses the account',
		advice: NEWER_TABLE,
	},
	120: {
		treatment: 'throttled',
		meaning: 'QCC limits the rate of calls',
		advice: NEWER_TABLE,
	},
	121: {
		treatment: 'account',
		meaning: 'QCC refuses the account',
		advice: NEWER_TABLE,
	},
	122: {
		treatment: 'throttled',
		meaning: 'QCC limits the rate of calls',
		advice: NEWER_TABLE,
	},
	199: {
		treatment: 'passing',
		meaning: 'unknown system error',
		advice: ASK_QCC,
	},
	201: {
		treatment: 'badRow',
		meaning: 'the query has no result',
		advice: CHECK_ROW,
	},
	202: {
		treatment: 'badRow',
		meaning: 'the query’s parameters are wrong',
		advice: CHECK_ROW,
	},
	203: {
		treatment: 'passing',
		meaning: 'the query met a system error',
		advice: ASK_QCC,
	},
	204: {
		treatment: 'badRow',
		meaning: 'a parameter is missing',
		advice: CHECK_ROW,
	},
	205: {
		treatment: 'passing',
		meaning: 'the query is waiting to be processed',
		advice: LATER,
	},
	206: {
		treatment: 'badRow',
		meaning: 'the province code is invalid',
		advice: CHECK_ROW,
	},
	207: {
		treatment: 'badRow',
		meaning: 'the request asks for too many entries',
		advice: 'Lower “Batch Size”.',
	},
	208: {
		treatment: 'badRow',
		meaning: 'the requested data is too old',
		advice: CHECK_ROW,
	},
	213: {
		treatment: 'badRow',
		meaning: 'a parameter is shorter than 2 characters',
		advice: CHECK_ROW,
	},
	214: {
		treatment: 'account',
		meaning: 'this interface has not been applied for',
		advice: 'Apply for the radar assignment interface with QCC.',
	},
	215: {
		treatment: 'badRow',
		meaning: 'the keyword is of an unsupported kind',
		advice: CHECK_ROW,
	},
	299: {
		treatment: 'badRow',
		meaning: 'the request is invalid',
		advice: CHECK_ROW,
	},
	500: {
		treatment: 'badRow',
		meaning: 'the interface met a logic error',
		advice: CHECK_ROW,
	},
};

export const SUCCESS = 200;
export const ROWS_FAILED = 500;

/**
 * A refusal of a row that says the wished state already stands. The document is silent on whether
 * QCC sends one; after a lost answer the repeated call must not turn a row that stands into a failure.
 */
export const ALREADY_SO: Readonly<Record<Action, RegExp>> = {
	assign: /已存在|已监控|已关注|已分配|已添加/,
	unassign: /未监控|未关注|未分配/,
};

/** Which of the two a refusal of a whole call is about: halving its list cannot help its centre. */
export const NAMED_IN: Readonly<Record<Shape, RegExp>> = {
	user: /登录名|用户|账号|手机号|loginName/i,
	company: /关键字|公司|企业|keyWord/i,
};

/**
 * The address of one call (sections 5.1.1 to 5.1.4), but for the `key` that the credential adds.
 * The list's commas stay as they are, as in the document's examples; a comma inside a name is encoded.
 */
export function callUrl(
	baseUrl: string,
	action: Action,
	shape: Shape,
	centre: string,
	names: readonly string[],
): string {
	const { path, centre: one, list } = ENDPOINTS[shape];
	const values = names.map(encodeURIComponent).join(',');
	return `${baseUrl}${path[action]}?${one}=${encodeURIComponent(centre)}&${list}=${values}`;
}

/** Bytes of a URL that a name takes in a list, its comma included. */
export function listedBytes(name: string): number {
	return encodeURIComponent(name).length + 1;
}

/** A name with an ASCII comma cannot travel in a list that is split at commas. */
export function canBeListed(name: string): boolean {
	return !name.includes(',');
}

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
