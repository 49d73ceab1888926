import type { IHttpRequestOptions } from 'n8n-workflow';

import { QccRadarApi } from '../../../credentials/QccRadarApi.credentials';
import { readAccount, signature } from '../../../nodes/QccRadar/qcc/signature';

const CREDENTIAL = {
	appKey: 'appkey',
	secretKey: 'secret',
	baseUrl: 'https://pro.qcc.com',
};
const ACCOUNT = { ...CREDENTIAL };

describe('signature', () => {
	// printf '%s' "$APPKEY$TIMESPAN$SECRETKEY" | md5sum | tr a-f A-F
	test.each([
		['testkey', 'testsecret', 1_700_000_000_000, '1700000000', '8A045CE2F9955FD58EF99F15CDD6F84D'],
		['testkey', 'testsecret', 1_700_000_000_999, '1700000000', '8A045CE2F9955FD58EF99F15CDD6F84D'],
		['appkey', '秘密', 1_000, '1', '123044DCDC6D7875A362F3AB6C794369'],
	])('%s + %s at %d ms', (appKey, secretKey, now, Timespan, Token) => {
		expect(signature({ ...ACCOUNT, appKey, secretKey }, now)).toEqual({ Timespan, Token });
	});
});

describe('readAccount', () => {
	test('takes white space off every field, and slashes off the end of the base URL', () => {
		expect(
			readAccount({
				appKey: '\tappkey\r\n',
				secretKey: '\u3000secret\u00a0\ufeff',
				baseUrl: ' https://pro.qcc.com// ',
			}),
		).toEqual(ACCOUNT);
	});

	test.each([
		['https://pro.qcc.com', 'https://pro.qcc.com'],
		['HTTPS://PRO.QCC.COM/', 'https://pro.qcc.com'],
		['https://proxy.example:8443/qcc/#top', 'https://proxy.example:8443/qcc'],
		['http://localhost:8080', 'http://localhost:8080'],
		['http://qcc.localhost', 'http://qcc.localhost'],
		['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
		['http://127.1', 'http://127.0.0.1'],
		['http://[::1]:3000', 'http://[::1]:3000'],
	])('takes %s', (given, baseUrl) => {
		expect(readAccount({ ...CREDENTIAL, baseUrl })).toEqual({ ...ACCOUNT, baseUrl });
		expect(readAccount({ ...CREDENTIAL, baseUrl: given }).baseUrl).toBe(baseUrl);
	});

	test.each([
		'',
		'pro.qcc.com',
		'http://pro.qcc.com',
		'http://localhost.example.com',
		'http://127.0.0.1.example.com',
		'http://128.0.0.1',
		'ftp://127.0.0.1',
		'file:///etc/passwd',
		'https://user@pro.qcc.com',
		'https://:password@pro.qcc.com',
		'https://pro.qcc.com/?key=1',
	])('refuses %p as a base URL', (baseUrl) => {
		expect(() => readAccount({ ...CREDENTIAL, baseUrl })).toThrow(
			'The Base URL of the QCC Radar credential must be an https address such as https://pro.qcc.com',
		);
	});

	test.each([
		['appKey', '', 'The AppKey of the QCC Radar credential is empty'],
		['appKey', ' \n', 'The AppKey of the QCC Radar credential is empty'],
		['appKey', undefined, 'The AppKey of the QCC Radar credential is empty'],
		['secretKey', '\t', 'The SecretKey of the QCC Radar credential is empty'],
	])('refuses %s %p', (field, value, message) => {
		expect(() => readAccount({ ...CREDENTIAL, [field]: value })).toThrow(message);
	});
});

describe('authenticate', () => {
	type Request = IHttpRequestOptions & { uri?: string };
	const sign = (request: Request, credential = CREDENTIAL) =>
		new QccRadarApi().authenticate(credential, request);

	beforeEach(() => {
		jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_500);
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});

	test('adds key, Token and Timespan to what the request has, and lets no redirect take them away', async () => {
		const request = {
			url: 'https://pro.qcc.com/api/x?loginName=1',
			qs: { page: 2 },
			headers: { Accept: 'application/json' },
		};
		const before = structuredClone(request);
		const credential = { ...CREDENTIAL, appKey: ' testkey', secretKey: 'testsecret ' };
		expect(await sign(request, credential)).toEqual({
			...before,
			qs: { page: 2, key: 'testkey' },
			headers: {
				Accept: 'application/json',
				Timespan: '1700000000',
				Token: '8A045CE2F9955FD58EF99F15CDD6F84D',
			},
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			maxRedirects: 0,
		});
		expect(request).toEqual(before);
	});

	test.each<[string, Request]>([
		['url', { url: 'https://pro.qcc.com/api/x' }],
		['url, the default port named', { url: 'https://pro.qcc.com:443/api/x' }],
		['uri', { url: '', uri: 'https://pro.qcc.com/api/x' }],
		['baseURL and url', { baseURL: 'https://pro.qcc.com', url: '/api/x' }],
	])('signs its own origin, given by %s', async (_, request) => {
		expect((await sign(request)).qs).toEqual({ key: 'appkey' });
	});

	test.each<[string, Request]>([
		['https://evil.example', { url: 'https://evil.example/api/x' }],
		['https://pro.qcc.com.evil.example', { url: 'https://pro.qcc.com.evil.example' }],
		['http://pro.qcc.com', { url: 'http://pro.qcc.com/api/x' }],
		['https://pro.qcc.com:8443', { url: 'https://pro.qcc.com:8443/api/x' }],
		['https://evil.example', { url: '', uri: 'https://pro.qcc.com@evil.example' }],
		['https://evil.example', { baseURL: 'https://pro.qcc.com', url: '//evil.example/x' }],
		['https://evil.example', { baseURL: 'https://evil.example', url: '/api/x' }],
		['an address without a host', { url: '/api/x' }],
	])('signs nothing for %s', async (origin, request) => {
		await expect(sign(request)).rejects.toThrow(
			`The QCC Radar credential signs requests to https://pro.qcc.com alone, not to ${origin}`,
		);
	});
});

describe('credential test', () => {
	const { request, rules = [] } = new QccRadarApi().test;

	test('removes nothing: no such user, and a company that differs each time', () => {
		expect(request).toEqual({
			baseURL: '={{ $credentials.baseUrl.trim() }}',
			url: '/api/radar_ext/batchCancelRadarCompanyListFromExistedUser',
			qs: {
				loginName: '10000000000',
				keyWordList: '=n8n-connection-test-{{ Date.now() }}',
			},
		});
	});

	test('knows each code of a dead account as text and as a number, and says it in words', () => {
		const refused = rules.slice(0, -1).map(({ type, properties }) => {
			if (type !== 'responseSuccessBody') throw new Error(`A rule of type ${type}`);
			expect(properties.key).toBe('status');
			expect(properties.message).toMatch(
				new RegExp(String.raw`^QCC code ${properties.value as string}: .{10,}\. .{10,}\.$`),
			);
			return properties.value as unknown;
		});
		const codes = [101, 102, 103, 105, 107, 111, 112, 116, 121, 214];
		expect(refused).toEqual(codes.flatMap((code) => [code.toString(), code]));
	});

	test('is not content with an answer that has no status', () => {
		expect(rules.at(-1)).toEqual({
			type: 'responseSuccessBody',
			properties: {
				key: 'status',
				value: undefined,
				message:
					'The server answered, but not as QCC does. Check the Base URL, and any proxy between this server and QCC.',
			},
		});
	});
});
