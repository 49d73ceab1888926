import { once } from 'node:events';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { connectionFault, faultInWords } from '../../../nodes/QccRadar/qcc/network';

const bare = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
/** As n8n and axios hand Node's errors on. */
const wrapped = (cause: unknown) =>
	Object.assign(new Error('n8n', { cause: Object.assign(new Error('axios', { cause })) }), {
		code: 'X',
	});

const CERTIFICATES = [
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REJECTED',
	'CERT_REVOKED',
	'CERT_UNTRUSTED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'HOSTNAME_MISMATCH',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];
const NEVER_MADE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'];
/** Each may come after the call was carried out. */
const DOUBTFUL = [
	'ECONNABORTED',
	'ECONNRESET',
	'EHOSTDOWN',
	'EHOSTUNREACH',
	'ENETDOWN',
	'ENETRESET',
	'ENETUNREACH',
	'EPIPE',
	'EPROTO',
	'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
	'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN',
	'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
	'ERR_SSL_WRONG_VERSION_NUMBER',
	'ERR_TLS_HANDSHAKE_TIMEOUT',
	'ETIMEDOUT',
	'HPE_INVALID_CONSTANT',
];

test.each([
	...CERTIFICATES.map((code) => [code, 'untrusted', {}] as const),
	...NEVER_MADE.map((code) => [code, 'unreachable', {}] as const),
	...DOUBTFUL.map((code) => [code, 'broken', {}] as const),
	...DOUBTFUL.map((code) => [code, 'broken', { syscall: 'read' }] as const),
	...['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EACCES'].map(
		(code) => [code, 'unreachable', { syscall: 'connect' }] as const,
	),
	...['ETIMEDOUT', 'EHOSTUNREACH'].flatMap((code) => [
		[code, 'unreachable', { errors: [bare(code, { syscall: 'connect' })] }] as const,
		[
			code,
			'broken',
			{ errors: [bare(code, { syscall: 'connect' }), bare(code, { syscall: 'read' })] },
		] as const,
		[code, 'broken', { errors: [] }] as const,
	]),
])('%s: %s, with %j', (code, kind, more) => {
	expect(connectionFault(bare(code, more))).toEqual({ kind, code });
	expect(connectionFault(wrapped(bare(code, more)))).toEqual({ kind, code });
});

test.each([undefined, null, 'ECONNREFUSED', new Error('x'), bare('lower case'), { code: 7 }])(
	'%p: no more is known',
	(error) => {
		expect(connectionFault(error)).toEqual({ kind: 'broken', code: 'no error code' });
	},
);

test('an error that is its own cause is read once', () => {
	const error: Error & { cause?: unknown } = bare('EPIPE');
	error.cause = error;
	expect(connectionFault(error)).toEqual({ kind: 'broken', code: 'EPIPE' });
});

test('a name with several addresses, none of which takes the connection', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	const request = get({
		port,
		host: 'several.example',
		lookup: (_host, _options, done) => {
			done(null, [
				{ address: '127.0.0.1', family: 4 },
				{ address: '127.0.0.2', family: 4 },
			]);
		},
	});
	const [error] = (await once(request, 'error')) as [Error & { code?: string }];
	expect(error).toMatchObject({ name: 'AggregateError', code: 'ECONNREFUSED' });
	expect(connectionFault(Object.assign(error, { code: 'ETIMEDOUT' }))).toEqual({
		kind: 'unreachable',
		code: 'ETIMEDOUT',
	});
});

test.each<[Parameters<typeof faultInWords>[0], string, RegExp]>([
	[
		{ kind: 'unreachable', code: 'ENOTFOUND' },
		'QCC could not be reached: its host name was not found (ENOTFOUND)',
		/Base URL.*DNS/,
	],
	[
		{ kind: 'unreachable', code: 'EAI_AGAIN' },
		'QCC could not be reached: the name server does not answer (EAI_AGAIN)',
		/DNS.*Docker/,
	],
	[
		{ kind: 'unreachable', code: 'ECONNREFUSED' },
		'QCC could not be reached: the connection was refused (ECONNREFUSED)',
		/port.*firewall/,
	],
	[
		{ kind: 'unreachable', code: 'ETIMEDOUT' },
		'QCC could not be reached: nobody answers at its address (ETIMEDOUT)',
		/firewall.*proxy/,
	],
	[
		{ kind: 'unreachable', code: 'EHOSTUNREACH' },
		'QCC could not be reached: the network has no way to it (EHOSTUNREACH)',
		/firewall/,
	],
	[{ kind: 'unreachable', code: 'ENEW' }, 'QCC could not be reached (ENEW)', /network and DNS/],
	[
		{ kind: 'untrusted', code: 'CERT_HAS_EXPIRED' },
		'the server’s certificate is not trusted: it has expired (CERT_HAS_EXPIRED)',
		/clock/,
	],
	[
		{ kind: 'untrusted', code: 'CERT_NOT_YET_VALID' },
		'the server’s certificate is not trusted: it is not valid yet (CERT_NOT_YET_VALID)',
		/clock/,
	],
	[
		{ kind: 'untrusted', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
		'the server’s certificate is not trusted: it is signed by no known authority (DEPTH_ZERO_SELF_SIGNED_CERT)',
		/NODE_EXTRA_CA_CERTS.*Base URL/,
	],
	[
		{ kind: 'untrusted', code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
		'the server’s certificate is not trusted: its authority is not known here (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
		/NODE_EXTRA_CA_CERTS/,
	],
	[
		{ kind: 'untrusted', code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
		'the server’s certificate is not trusted: it belongs to another host (ERR_TLS_CERT_ALTNAME_INVALID)',
		/Base URL/,
	],
	[
		{ kind: 'broken', code: 'ECONNRESET' },
		'the connection broke: the other side ended it (ECONNRESET)',
		/Run the workflow again/,
	],
	[
		{ kind: 'broken', code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
		'the connection broke: its encryption failed (ERR_SSL_WRONG_VERSION_NUMBER)',
		/Run the workflow again.*Base URL.*port/,
	],
	[{ kind: 'broken', code: 'no error code' }, 'the connection broke (no error code)', /again/],
])('%j in words', (fault, what, advice) => {
	const words = faultInWords(fault);
	expect(words.what).toBe(what);
	expect(words.advice).toMatch(advice);
	expect(words.advice).toMatch(/^[A-Z].*\.$/);
});
