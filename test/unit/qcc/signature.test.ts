import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
	readAccount,
	signature,
	urlOf,
	type QccAccount,
} from '../../../nodes/QccRadar/qcc/signature';

const KEYS = { appKey: 'appkey', secretKey: 'secret' };
const ACCOUNT: QccAccount = { ...KEYS, baseUrl: 'https://pro.qcc.com' };

function baseUrlOf(baseUrl: string): string | null {
	try {
		return readAccount({ ...KEYS, baseUrl }).baseUrl;
	} catch {
		return null;
	}
}

test('one clock reading gives both headers: whole seconds, and the MD5 over them in capitals', () => {
	const key = fc.string({ unit: 'binary', minLength: 1 });
	fc.assert(
		fc.property(key, key, fc.nat({ max: 4_102_444_800_999 }), (appKey, secretKey, now) => {
			const signed = signature({ ...ACCOUNT, appKey, secretKey }, now);
			const seconds = (now - (now % 1000)) / 1000;
			const text = Buffer.from(`${appKey}${seconds}${secretKey}`, 'utf8');
			const digest = createHash('md5').update(text).digest('hex');
			expect(signed).toEqual({ Token: digest.toUpperCase(), Timespan: seconds.toString() });
			expect(signed.Token).toMatch(/^[0-9A-F]{32}$/);
		}),
	);
});

test('every attempt is signed anew: the next second has another token', () => {
	const tokens = [0, 999, 1000, 2000].map((now) => signature(ACCOUNT, 1_700_000_000_000 + now));
	expect(new Set(tokens.map(({ Token }) => Token)).size).toBe(3);
	expect(tokens[0]).toEqual(tokens[1]);
});

test('white space around a key is taken off, within it is kept, and nothing else is changed', () => {
	const key = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((text) => `k${text}y`);
	const space = fc.string({ unit: fc.constantFrom(...Array.from(' \t\r\n\u00a0\u3000\ufeff')) });
	fc.assert(
		fc.property(key, key, space, space, (appKey, secretKey, before, after) => {
			const pasted = {
				appKey: before + appKey + after,
				secretKey: after + secretKey + before,
				baseUrl: `${before}https://pro.qcc.com${after}`,
			};
			expect(readAccount({ ...pasted, other: 'x' })).toEqual({ ...ACCOUNT, appKey, secretKey });
		}),
	);
});

test('a key that is no text is none', () => {
	for (const value of [undefined, 5, true, {}]) {
		for (const field of ['appKey', 'secretKey']) {
			expect(() => readAccount({ ...ACCOUNT, [field]: value as string })).toThrow(/ is empty$/);
		}
	}
	expect(baseUrlOf(undefined as unknown as string)).toBeNull();
});

describe('anything but https is refused, loopback hosts aside', () => {
	const host = fc.oneof(
		fc.domain(),
		fc.ipV4(),
		fc.ipV6().map((ip) => `[${ip}]`),
	);
	const port = fc.integer({ min: 1024, max: 65_535 });

	test('https, to any host and port', () => {
		fc.assert(
			fc.property(host, port, (name, number) => {
				const { origin } = new URL(`https://${name}:${number}`);
				expect(baseUrlOf(`https://${name}:${number}/`)).toBe(origin);
			}),
		);
	});

	test('http, to no other machine', () => {
		const lookalike = fc.constantFrom('localhost.example.com', 'notlocalhost', '10.127.0.1');
		fc.assert(
			fc.property(fc.oneof(host, lookalike), port, (name, number) => {
				const { hostname } = new URL(`http://${name}`);
				fc.pre(!/^127(?:\.\d+){3}$|^\[::1\]$/.test(hostname));
				expect(baseUrlOf(`http://${name}:${number}`)).toBeNull();
			}),
		);
	});

	test('http, to this machine, however it is named', () => {
		const loopback = fc.oneof(
			fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((rest) => `127.${rest.join('.')}`),
			fc.constantFrom('localhost', 'LOCALHOST', 'qcc.localhost', '[::1]', '[0:0:0:0:0:0:0:1]'),
		);
		fc.assert(
			fc.property(loopback, port, (name, number) => {
				const { origin } = new URL(`http://${name}:${number}`);
				expect(baseUrlOf(`http://${name}:${number}`)).toBe(origin);
			}),
		);
	});

	test.each(['ftp', 'ws', 'wss', 'file', 'httpsx', 'data', 'javascript'])('%s, never', (scheme) => {
		const hosts = ['pro.qcc.com', 'localhost', '127.0.0.1'];
		expect(hosts.map((name) => baseUrlOf(`${scheme}://${name}`))).toEqual([null, null, null]);
	});
});

test('a text that is no address is none, by itself and under a base', () => {
	expect(urlOf('/api')).toBeNull();
	expect(urlOf('https://')).toBeNull();
	expect(urlOf('/api', 'https://pro.qcc.com')?.href).toBe('https://pro.qcc.com/api');
	expect(urlOf('https://a.example/x', 'https://pro.qcc.com')?.href).toBe('https://a.example/x');
});
