import fc from 'fast-check';
import { redactorOf } from '../../../nodes/QccRadar/qcc/redact';
import { signature } from '../../../nodes/QccRadar/qcc/signature';

const NOW = 1_700_000_000_000;
const account = (appKey: string, secretKey = 'Geheimnis-1234') => ({
	appKey,
	secretKey,
	baseUrl: 'https://pro.qcc.com',
});
const redact = (words: string, appKey = 'App/Key+1 ü', from = NOW, to = NOW) =>
	redactorOf(account(appKey))(from, to)(words);

test.each([
	['App/Key+1 ü', '***'],
	['key=App/Key+1 ü&x=1', 'key=***&x=1'],
	[`key=${encodeURIComponent('App/Key+1 ü')}`, 'key=***'],
	['key=App%2fKey%2b1%20%c3%bc', 'key=***'],
	['key=App%2FKey%2B1+%C3%BC', 'key=***'],
	[encodeURI('App/Key+1 ü'), '***'],
	['%41pp%2FKey%2B1%20%C3%BC', '***'],
	['App%252FKey%252B1%2520%25C3%25BC', '***'],
	['app/key+1 Ü', '***'],
	['Geheimnis-1234', '***'],
	['签名（geheimnis%2D1234）错误', '签名（***）错误'],
	['xGeheimnis-1234x', 'x***x'],
	['App/Key+1 üGeheimnis-1234', '******'],
	['App/Key', 'App/Key'],
	['关键字不存在', '关键字不存在'],
])('the keys in other clothes: %s', (words, told) => {
	expect(redact(words)).toBe(told);
});

test('of two keys one inside the other, the longer goes first', () => {
	const both = redactorOf(account('secret', 'secretsecret2'))(NOW, NOW);
	expect(both('secretsecret2 secret')).toBe('*** ***');
});

describe('the Token of an attempt', () => {
	const tokenAt = (now: number) => signature(account('App/Key+1 ü'), now).Token;
	const token = tokenAt(NOW);
	const KEY_NO = '9cce0780ab7644008b73bc2120479d31';

	test.each([
		[token, '***'],
		[token.toLowerCase(), '***'],
		[`Token_${token}`, 'Token_***'],
		[`Token${token}x`, 'Token***x'],
		[`00${token}${token.toLowerCase()}ff`, '00******ff'],
		[`key%3D${token}`, 'key%3D***'],
		[KEY_NO, KEY_NO],
		[`公司 ${KEY_NO} 不存在 ${token}`, `公司 ${KEY_NO} 不存在 ***`],
		[token.slice(1), token.slice(1)],
	])('%s', (words, told) => {
		expect(redact(words)).toBe(told);
	});

	test.each<[string, number, number]>([
		['signed in the second before', NOW + 1_000, NOW + 1_000],
		['signed while it was under way', NOW - 30_000, NOW + 30_000],
		['signed at its end, the clock running on meanwhile', NOW - 60_000, NOW - 500],
		['signed for an attempt before, that a cache answers with', NOW + 200_000, NOW + 200_000],
		['signed at the beginning, with a clock set a year forward since', NOW, NOW + 3e10],
		['signed at the end, with a clock set a year forward since', NOW - 3e10, NOW],
		['signed at the beginning, with a clock set a year back since', NOW, NOW - 3e10],
	])('is known when it was %s', (_, from, to) => {
		expect(redact(token, 'App/Key+1 ü', from, to)).toBe('***');
	});

	test('is told from those of other attempts with the same redactor, however many they were', () => {
		const redactor = redactorOf(account('App/Key+1 ü'));
		const early = redactor(NOW, NOW);
		expect(early(token)).toBe('***');
		for (let hour = 1; hour <= 24; hour++) {
			const at = NOW + hour * 3_600_000;
			expect(redactor(at, at)(`${token} ${tokenAt(at)}`)).toBe(`${token} ***`);
		}
		expect([early, redactor(NOW, NOW)].map((redacted) => redacted(token))).toEqual(['***', '***']);
	});

	test('is another’s when it was not', () => {
		expect(redact(token, 'App/Key+1 ü', NOW + 1e6, NOW + 1e6)).toBe(token);
		expect(redact(token, 'another key')).toBe(token);
	});
});

test.each([
	['abc', 'abc is no abcd, nor xabc: key abc', '*** is no abcd, nor xabc: key ***'],
	['abc', '密钥abc错误，key=ABC', '密钥***错误，key=***'],
	['密钥丙', '密钥丙 的密钥丙丁 key=密钥丙', '*** 的密钥丙丁 key=***'],
	['a', 'a company has a name, key=a and key=ab', 'a company has a name, key=*** and key=ab'],
	['1', '第 1 行 key: 1', '第 1 行 key: ***'],
	['司', '该公司不存在 {"appKey":"司"}', '该公司不存在 {"appKey":"***"}'],
	['.', '失败. 请重试', '失败. 请重试'],
	['$&', 'key=$& $&', 'key=*** $&'],
	['a.c-', 'abc- a.c-', 'abc- ***'],
])('a short key does not chew up the words: %s', (appKey, words, told) => {
	expect(redactorOf(account(appKey))(NOW, NOW)(words)).toBe(told);
});

test('no key of six letters or more comes through, however it is encoded', () => {
	const clothes = fc.constantFrom<((text: string) => string)[]>(
		(text) => text,
		encodeURIComponent,
		(text) => encodeURIComponent(text).toLowerCase(),
		(text) => encodeURIComponent(encodeURIComponent(text)),
		(text) => new URLSearchParams({ text }).toString().slice('text='.length),
	);
	const key = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 40 });
	fc.assert(
		fc.property(key, key, clothes, clothes, (appKey, secretKey, one, other) => {
			const words = `前${one(appKey)}中${other(secretKey)}后`;
			const told = redactorOf(account(appKey, secretKey))(NOW, NOW)(words);
			expect(told.replaceAll('***', '')).toBe('前中后');
		}),
	);
});
