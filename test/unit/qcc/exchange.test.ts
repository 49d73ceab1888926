import type { IN8nHttpFullResponse } from 'n8n-workflow';
import { exchange, type Attempt, type Reply } from '../../../nodes/QccRadar/qcc/exchange';

const ATTEMPT: Attempt = {
	url: 'https://pro.qcc.com/x',
	shape: 'user',
	timeout: 10_000,
	cancel: undefined,
};
const NOW = Date.parse('2026-01-01T00:00:00Z');

async function receive(response: Partial<IN8nHttpFullResponse>): Promise<Reply> {
	const channel = {
		send: () => Promise.resolve({ statusCode: 200, body: '', headers: {}, ...response }),
		redactor: () => (words: string) => words,
	};
	return await exchange(channel, ATTEMPT, () => NOW);
}

const row = { echo: '甲公司', status: 200, msg: null, keyNo: null };
const withRows = (code: unknown, status: unknown = 200) =>
	JSON.stringify({
		status: code,
		msg: null,
		result: { batchList: [{ keyWord: '甲公司', status }] },
	});

test.each([200, 201, 302, 400, 401, 403, 404, 414, 429, 500, 502, 503])(
	'rows count under HTTP %d',
	async (statusCode) => {
		expect(await receive({ statusCode, body: withRows('200') })).toEqual({
			kind: 'answer',
			answer: { code: 200, msg: null, rows: [row] },
			skew: null,
			retryAfter: null,
		});
	},
);

test.each([
	['rows without a status', withRows('200', null)],
	['no row', '{"status":500,"error":"Internal Server Error","path":"/"}'],
	['a code of the account', '{"status":"101","msg":"","result":null}'],
])('under HTTP 500 %s are no answer', async (_, body) => {
	expect(await receive({ statusCode: 500, body })).toEqual({
		kind: 'http',
		status: 500,
		html: false,
		retryAfter: null,
	});
});

const LATER = 'Thu, 01 Jan 2026 00:00:30 GMT';
test.each<[string, Record<string, string>, number | null]>([
	['seconds', { 'retry-after': '7' }, 7_000],
	['a date, by the wall clock where the server tells none', { 'retry-after': LATER }, 30_000],
	[
		'a date, by the server’s own clock, which is 20 s ahead',
		{ 'retry-after': LATER, date: 'Thu, 01 Jan 2026 00:00:20 GMT' },
		10_000,
	],
	[
		'a date, by the server’s own clock, which is an hour behind',
		{ 'retry-after': LATER, date: 'Wed, 31 Dec 2025 23:00:00 GMT' },
		3_630_000,
	],
	[
		'a date, by the wall clock where the server’s is none',
		{ 'retry-after': LATER, date: 'now' },
		30_000,
	],
	['a date that is past', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
	['what is neither', { 'retry-after': 'soon' }, null],
	['a number that is no seconds', { 'retry-after': '1.5' }, null],
	['words and a number', { 'retry-after': 'wait 40' }, null],
	['nothing', {}, null],
])('Retry-After holds %s', async (_, headers, retryAfter) => {
	for (const statusCode of [429, 503]) {
		expect(await receive({ statusCode, headers })).toEqual({
			kind: 'http',
			status: statusCode,
			html: false,
			retryAfter,
		});
	}
	expect(await receive({ headers, body: '{"status":"109"}' })).toMatchObject({
		answer: { code: 109 },
		retryAfter,
	});
});

test('the clock that signs is read before and after, for what must not be told', async () => {
	const times = [1_000, 61_000];
	const spans: number[][] = [];
	const reply = await exchange(
		{
			send: () =>
				Promise.resolve({
					statusCode: 200,
					body: '{"status":"101","msg":"x"}',
					headers: { date: 'Thu, 01 Jan 1970 00:00:59 GMT' },
				} as unknown as IN8nHttpFullResponse),
			redactor: (from, to) => {
				spans.push([from, to]);
				return () => '***';
			},
		},
		ATTEMPT,
		() => times.shift() ?? 0,
	);
	expect(spans).toEqual([[1_000, 61_000]]);
	expect(reply).toEqual({
		kind: 'answer',
		answer: { code: 101, msg: '***', rows: null },
		skew: 2_000,
		retryAfter: null,
	});
});
