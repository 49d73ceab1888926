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
		advice: 'Compare the credential’s AppKey with QCC Pro under 设置中心 → 我的公司.',
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

/** A query that fails again and again is locked for two hours with code 110 (section 7.1). */
export const MAX_SENDS_OF_A_QUERY = 4;

export const SUCCESS = 200;
export const ROWS_FAILED = 500;
