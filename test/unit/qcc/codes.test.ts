import {
	CODES,
	MAX_SENDS_OF_A_QUERY,
	ROWS_FAILED,
	SUCCESS,
	type Treatment,
} from '../../../nodes/QccRadar/qcc/codes';

const TREATMENTS: Readonly<Record<Treatment, readonly number[]>> = {
	account: [101, 102, 103, 105, 107, 111, 112, 116, 121, 214],
	throttled: [109, 120, 122],
	passing: [104, 108, 199, 203, 205],
	locked: [110],
	badRow: [201, 202, 204, 206, 207, 208, 213, 215, 299, 500],
};

test('each code has the one treatment of its kind, and no other code is known', () => {
	const told = Object.entries(CODES).map(([code, { treatment }]) => [Number(code), treatment]);
	const expected = Object.entries(TREATMENTS).flatMap(([treatment, codes]) =>
		codes.map((code): [number, string] => [code, treatment]),
	);
	expect(told).toEqual(expected.sort(([one], [other]) => one - other));
});

test('success is no fault, rows that failed are told with 500, and a query is sent four times at most', () => {
	expect([SUCCESS, ROWS_FAILED, MAX_SENDS_OF_A_QUERY]).toEqual([200, 500, 4]);
	expect(CODES[SUCCESS]).toBeUndefined();
});

test('a meaning is a clause that a sentence can hold, an advice is sentences', () => {
	const all = Object.entries(CODES);
	const clause = /^(?!.*[.。]$)(?:the|this|a|an|unknown|QCC) .+$/;
	const sentences = /^[A-Z].+\.$/;
	expect(all.filter(([, { meaning }]) => !clause.test(meaning))).toEqual([]);
	expect(all.filter(([, { advice }]) => !sentences.test(advice))).toEqual([]);
});

test.each<[number, RegExp]>([
	[101, /AppKey/],
	[107, /whitelist.*SecretKey.*clock/],
	[109, /Max Concurrency/],
	[110, /2 hours/],
	[112, /quota/],
	[207, /Batch Size/],
	// Meanings have moved between versions of the code table.
	...[116, 120, 121, 122].map((code): [number, RegExp] => [code, /QCC’s own message/]),
])('code %i says what helps: %p', (code, advice) => {
	expect(CODES[code]?.advice).toMatch(advice);
});
