import { CODES } from '../../../nodes/QccRadar/qcc/codes';
import type { AnswerRow } from '../../../nodes/QccRadar/qcc/answer';
import { classify, type Verdict } from '../../../nodes/QccRadar/qcc/verdict';
import type { Reply } from '../../../nodes/QccRadar/qcc/exchange';

type Kind = Verdict['kind'];

const ROW: AnswerRow = { echo: '甲公司', status: 500, msg: '关键字不存在', keyNo: null };

const answer = (code: number, rows: AnswerRow[] | null, skew: number | null = null): Reply => ({
	kind: 'answer',
	answer: { code, msg: '状态描述', rows },
	skew,
	retryAfter: null,
});

/** A verdict but for its English: that is to be read by people, and is looked at below. */
function gist(reply: Reply): unknown {
	const verdict = classify(reply);
	if (verdict.kind === 'rows') return verdict;
	const { reason, ...rest } = verdict;
	return { ...rest, status: reason.status, msg: reason.msg };
}

/** Code → what follows without rows, and with rows. */
const VERDICTS: Record<number, [without: Kind, withRows: Kind]> = {
	101: ['stop', 'stop'],
	102: ['stop', 'stop'],
	103: ['stop', 'stop'],
	104: ['retry', 'retry'],
	105: ['stop', 'stop'],
	107: ['stop', 'stop'],
	108: ['retry', 'retry'],
	109: ['throttled', 'throttled'],
	110: ['locked', 'locked'],
	111: ['stop', 'stop'],
	112: ['stop', 'stop'],
	116: ['stop', 'stop'],
	120: ['throttled', 'throttled'],
	121: ['stop', 'stop'],
	122: ['throttled', 'throttled'],
	199: ['retry', 'retry'],
	200: ['retry', 'rows'],
	201: ['badRow', 'rows'],
	202: ['badRow', 'rows'],
	203: ['retry', 'retry'],
	204: ['badRow', 'rows'],
	205: ['retry', 'retry'],
	206: ['badRow', 'rows'],
	207: ['badRow', 'rows'],
	208: ['badRow', 'rows'],
	213: ['badRow', 'rows'],
	214: ['stop', 'stop'],
	215: ['badRow', 'rows'],
	299: ['badRow', 'rows'],
	500: ['badRow', 'rows'],
	999: ['retry', 'retry'],
};

const MORE: Partial<Record<Kind, object>> = {
	stop: { rows: null },
	locked: { rows: null },
	retry: { rows: null, sent: true, retryAfter: null },
	throttled: { rows: null, retryAfter: null },
};

test('the table below has every code of the document and of newer ones', () => {
	const listed = Object.keys(VERDICTS).filter((code) => code !== '200' && code !== '999');
	expect(Object.keys(CODES)).toEqual(listed);
});

describe.each(Object.entries(VERDICTS))('code %s', (code, [without, withRows]) => {
	const status = Number(code);
	const msg = status === 200 ? null : '状态描述';

	test(`without rows: ${without}`, () => {
		expect(gist(answer(status, null))).toEqual({ kind: without, ...MORE[without], status, msg });
	});
	test(`with rows: ${withRows}`, () => {
		expect(gist(answer(status, [ROW]))).toEqual({
			kind: withRows,
			...MORE[withRows],
			rows: [ROW],
			...(withRows === 'rows' ? {} : { status, msg }),
		});
	});
});

test.each([101, 109, 104, 110, 999])(
	'under code %d count the rows that say something of their own name, and no other',
	(code) => {
		const said = (status: number | null, msg: string | null): AnswerRow => ({
			echo: '甲公司',
			status,
			msg,
			keyNo: null,
		});
		const own = [
			said(200, '保存成功'),
			said(200, null),
			said(500, '关键字不存在'),
			said(500, '登录名不存在'),
			said(500, '该公司已监控'),
			said(500, '未监控该公司'),
		];
		const refusal = [
			said(500, null),
			said(500, '状态描述'),
			said(code, '关键字有多个'),
			said(500, '当前账户购买额度已用完'),
			said(null, '保存成功'),
		];
		expect(classify(answer(code, [...own, ...refusal]))).toMatchObject({
			rows: [...own, ...refusal.map((row) => ({ ...row, status: null }))],
		});
	},
);

test.each([109, 104, 999])('code %d waits as long as Retry-After says', (code) => {
	expect(classify({ ...(answer(code, null) as object), retryAfter: 7_000 } as Reply)).toMatchObject(
		{
			retryAfter: 7_000,
		},
	);
});

const page = (status: number, html = true, retryAfter: number | null = null): Reply => ({
	kind: 'http',
	status,
	html,
	retryAfter,
});

test.each<[string, Reply, object]>([
	['HTTP 429', page(429), { kind: 'throttled', rows: null, retryAfter: null, status: 429 }],
	[
		'HTTP 429, 2 s',
		page(429, true, 2000),
		{ kind: 'throttled', rows: null, retryAfter: 2000, status: 429 },
	],
	...[413, 414, 431].flatMap((status): [string, Reply, object][] => [
		[`HTTP ${status}, a page`, page(status), { kind: 'tooLong', status }],
		[`HTTP ${status}, no page`, page(status, false), { kind: 'tooLong', status }],
	]),
	...[400, 404].flatMap((status): [string, Reply, object][] => [
		[`HTTP ${status}, a page`, page(status), { kind: 'tooLong', status }],
		[
			`HTTP ${status}, no page`,
			page(status, false),
			{ kind: 'stop', page: true, rows: null, status },
		],
	]),
	...[300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 405, 410, 422].map(
		(status): [string, Reply, object] => [
			`HTTP ${status}`,
			page(status),
			{ kind: 'stop', page: true, rows: null, status },
		],
	),
	...[408, 500, 501, 502, 503, 504, 520].map((status): [string, Reply, object] => [
		`HTTP ${status}`,
		page(status),
		{ kind: 'retry', rows: null, sent: true, retryAfter: null, status },
	]),
	[
		'HTTP 503, 2 s',
		page(503, true, 2000),
		{ kind: 'retry', rows: null, sent: true, retryAfter: 2000, status: 503 },
	],
	[
		'a cut answer',
		{ kind: 'malformed' },
		{ kind: 'retry', rows: null, sent: true, retryAfter: null, status: null },
	],
	[
		'no connection',
		{ kind: 'unreachable', code: 'ECONNREFUSED' },
		{ kind: 'retry', rows: null, sent: false, retryAfter: null, status: null },
	],
	[
		'no trust',
		{ kind: 'untrusted', code: 'CERT_HAS_EXPIRED' },
		{ kind: 'stop', rows: null, status: null },
	],
	[
		'a lost connection',
		{ kind: 'broken', code: 'ECONNRESET' },
		{ kind: 'retry', rows: null, sent: true, retryAfter: null, status: null },
	],
	[
		'no answer in time',
		{ kind: 'timeout' },
		{ kind: 'retry', rows: null, sent: true, retryAfter: null, status: null },
	],
	['a cancelled execution', { kind: 'cancelled' }, { kind: 'cancelled', status: null }],
])('%s', (_, reply, expected) => {
	expect(gist(reply)).toEqual({ msg: null, ...expected });
});

function reasonOf(reply: Reply): object {
	const verdict = classify(reply);
	if (verdict.kind === 'rows') throw new Error('Rows carry no reason');
	return verdict.reason;
}

const ADDRESS = 'Check the Base URL of the credential, and any proxy between this server and QCC.';
const NOT_FOLLOWED = 'Redirects are not followed: signatures stay with QCC.';
const AGAIN = 'Run the workflow again: sending a row twice is safe.';

test.each<[Reply, object]>([
	[
		answer(112, null),
		{
			status: 112,
			msg: '状态描述',
			what: 'QCC answered with code 112: the account’s quota is used up',
			advice: 'Buy quota in QCC Pro, then run again: only what is missing needs to be sent.',
		},
	],
	[
		answer(200, null),
		{
			status: 200,
			msg: null,
			what: 'QCC answered without a single row',
			advice: 'Run the workflow again: sending a row twice is safe.',
		},
	],
	[
		answer(999, null),
		{
			status: 999,
			msg: '状态描述',
			what: 'QCC answered with code 999, which its document does not list',
			advice: 'Ask QCC support (400-928-2212, kf@qichacha.com) what it means.',
		},
	],
	[
		page(302),
		{
			status: 302,
			msg: null,
			what: 'the server answered with HTTP 302, a redirect',
			advice:
				'Check the Base URL of the credential, and any proxy between this server and QCC. Redirects are not followed: signatures stay with QCC.',
		},
	],
	[
		{ kind: 'unreachable', code: 'ENOTFOUND' },
		{
			status: null,
			msg: null,
			what: 'QCC could not be reached: its host name was not found (ENOTFOUND)',
			advice: 'Check the Base URL of the credential for a slip, and this server’s DNS.',
		},
	],
	...(
		[
			[300, false, ', a redirect', `${ADDRESS} ${NOT_FOLLOWED}`],
			[399, false, ', a redirect', `${ADDRESS} ${NOT_FOLLOWED}`],
			[204, false, '', ADDRESS],
			[400, false, '', ADDRESS],
			[401, false, '', CODES[107]?.advice],
			[403, true, '', CODES[107]?.advice],
			[404, false, '', ADDRESS],
			[414, true, ': the URL is too long', 'Set “Max URL Length”.'],
			[429, true, ': too many requests', CODES[109]?.advice],
			[503, true, '', AGAIN],
		] as const
	).map(([status, html, what, advice]): [Reply, object] => [
		page(status, html),
		{ status, msg: null, what: `the server answered with HTTP ${status}${what}`, advice },
	]),
	...(
		[
			[{ kind: 'malformed' }, 'the answer was cut short or is not QCC’s', ADDRESS],
			[{ kind: 'timeout' }, 'no complete answer came within “Timeout”', AGAIN],
			[{ kind: 'cancelled' }, 'the execution was cancelled', AGAIN],
		] as const
	).map(([reply, what, advice]): [Reply, object] => [
		reply,
		{ status: null, msg: null, what, advice },
	]),
])('what is told of %p', (reply, reason) => {
	expect(reasonOf(reply)).toEqual(reason);
});

test('clocks apart are told of with a refused signature alone', () => {
	expect(reasonOf(answer(101, null, 600_000))).toEqual(reasonOf(answer(101, null)));
});

const THREE_THINGS = CODES[107]?.advice ?? '';
test.each([
	[null, ''],
	[0, ' This server’s clock agrees with QCC’s.'],
	[2400, ' This server’s clock agrees with QCC’s.'],
	[-2400, ' This server’s clock agrees with QCC’s.'],
	[2600, ' This server’s clock is 3 s ahead of QCC’s.'],
	[-600_400, ' This server’s clock is 600 s behind QCC’s.'],
])('a refused signature with clocks %p ms apart', (skew, note) => {
	expect(reasonOf(answer(107, null, skew))).toEqual({
		status: 107,
		msg: '状态描述',
		what: 'QCC answered with code 107: the IP address is not allowed, or the signature is wrong',
		advice: `${THREE_THINGS}${note}`,
	});
	expect(THREE_THINGS).toMatch(/whitelist.*SecretKey.*clock/);
});
