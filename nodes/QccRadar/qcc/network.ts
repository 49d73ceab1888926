/** How a connection failed, by what is known of the call it was to carry. */
export interface ConnectionFault {
	/**
	 * - `unreachable`: no connection was made, so nothing was sent
	 * - `untrusted`: the server's certificate was refused, so nothing was sent
	 * - `broken`: the call may have been carried out
	 */
	readonly kind: 'unreachable' | 'untrusted' | 'broken';
	/** As Node names it: ECONNREFUSED, CERT_HAS_EXPIRED … */
	readonly code: string;
}

/** Node's names that only making a connection can have, whatever else the error lacks. */
const NEVER_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+)$/;
const CONNECTING: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

/**
 * The names that Node gives to a certificate that it refuses (OpenSSL's X509_V_ERR_…, and its own):
 * they come before the request is written. Any other fault of TLS may come after.
 */
const REFUSED_CERTIFICATES = new Set([
	'CERT_CHAIN_TOO_LONG',
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REJECTED',
	'CERT_REVOKED',
	'CERT_SIGNATURE_FAILURE',
	'CERT_UNTRUSTED',
	'CRL_HAS_EXPIRED',
	'CRL_NOT_YET_VALID',
	'CRL_SIGNATURE_FAILURE',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERROR_IN_CERT_NOT_AFTER_FIELD',
	'ERROR_IN_CERT_NOT_BEFORE_FIELD',
	'ERROR_IN_CRL_LAST_UPDATE_FIELD',
	'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
	'ERR_TLS_CERT_ALTNAME_FORMAT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'HOSTNAME_MISMATCH',
	'INVALID_CA',
	'INVALID_PURPOSE',
	'PATH_LENGTH_EXCEEDED',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
	'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
	'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
	'UNABLE_TO_GET_CRL',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

interface NodeError {
	readonly code?: unknown;
	readonly syscall?: unknown;
	readonly cause?: unknown;
	/** Of an AggregateError: one for each address that was tried. */
	readonly errors?: unknown;
}

function isConnecting({ syscall, errors }: NodeError): boolean {
	if (!Array.isArray(errors) || errors.length === 0) return CONNECTING.has(syscall);
	return errors.every((tried) => CONNECTING.has((tried as NodeError | null)?.syscall));
}

/** @param error of a request without a response: n8n and axios wrap Node's own as its `cause` */
export function connectionFault(error: unknown): ConnectionFault {
	let code = 'no error code';
	let connecting = false;
	const seen = new Set<unknown>();
	for (let at = error; typeof at === 'object' && at !== null && !seen.has(at);) {
		seen.add(at);
		const inner = at as NodeError;
		if (typeof inner.code === 'string' && /^[A-Z][A-Z0-9_/]+$/.test(inner.code)) {
			code = inner.code;
			connecting = isConnecting(inner);
		}
		at = inner.cause;
	}
	if (connecting || NEVER_CONNECTED.test(code)) return { kind: 'unreachable', code };
	return { kind: REFUSED_CERTIFICATES.has(code) ? 'untrusted' : 'broken', code };
}

interface Words {
	readonly what: string;
	readonly advice: string;
}

export const RUN_AGAIN = 'Run the workflow again: sending a row twice is safe.';
const FIREWALL =
	'Check that a firewall lets this server out to the Base URL of the credential, and n8n’s proxy settings.';
const ROOT_CERTIFICATE =
	'If a proxy of your own reads TLS, give n8n its root certificate (NODE_EXTRA_CA_CERTS). If not, check the Base URL of the credential.';
export const CHECK_ADDRESS =
	'Check the Base URL of the credential, and any proxy between this server and QCC.';
const CLOCK_OR_PROXY =
	'Check this server’s clock, and any proxy between this server and QCC; then run the workflow again.';

const WORDS: readonly (readonly [codes: RegExp, what: string, advice: string])[] = [
	[
		/^(ENOTFOUND|EAI_NODATA|EAI_NONAME)$/,
		'its host name was not found',
		'Check the Base URL of the credential for a slip, and this server’s DNS.',
	],
	[
		/^EAI_/,
		'the name server does not answer',
		'Check this server’s network and DNS (in Docker, the container’s); then run the workflow again.',
	],
	[
		/^ECONNREFUSED$/,
		'the connection was refused',
		'Check host and port in the Base URL of the credential, and any firewall or proxy between this server and QCC.',
	],
	[/^ETIMEDOUT$/, 'nobody answers at its address', FIREWALL],
	[/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/, 'the network has no way to it', FIREWALL],
	[/^(EACCES|EPERM)$/, 'this server does not let the connection out', FIREWALL],
	[/EXPIRED$|NOT_AFTER/, 'it has expired', CLOCK_OR_PROXY],
	[/NOT_YET_VALID$|NOT_BEFORE/, 'it is not valid yet', CLOCK_OR_PROXY],
	[/SELF_SIGNED/, 'it is signed by no known authority', ROOT_CERTIFICATE],
	[/^UNABLE_TO_/, 'its authority is not known here', ROOT_CERTIFICATE],
	[/ALTNAME|HOSTNAME/, 'it belongs to another host', CHECK_ADDRESS],
	[/REVOKED/, 'it has been revoked', CHECK_ADDRESS],
	[/^(ECONNRESET|EPIPE|ECONNABORTED)$/, 'the other side ended it', RUN_AGAIN],
	[
		/^(EPROTO|ERR_SSL_|ERR_TLS_)/,
		'its encryption failed',
		'Run the workflow again. If it happens each time, check the Base URL of the credential, its port too, and any proxy between this server and QCC.',
	],
];

const HEADS: Readonly<Record<ConnectionFault['kind'], Words>> = {
	unreachable: {
		what: 'QCC could not be reached',
		advice:
			'Check this server’s network and DNS, and the Base URL of the credential; then run the workflow again.',
	},
	untrusted: { what: 'the server’s certificate is not trusted', advice: CHECK_ADDRESS },
	broken: { what: 'the connection broke', advice: RUN_AGAIN },
};

/** What happened, a clause with Node's code, and what to do about it. */
export function faultInWords({ kind, code }: ConnectionFault): Words {
	const head = HEADS[kind];
	const [, cause, advice] = WORDS.find(([codes]) => codes.test(code)) ?? [];
	return {
		what: `${head.what}${cause ? `: ${cause}` : ''} (${code})`,
		advice: advice ?? head.advice,
	};
}
