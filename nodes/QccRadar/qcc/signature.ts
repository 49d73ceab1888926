import { createHash } from 'node:crypto';
import { UserError, type ICredentialDataDecryptedObject } from 'n8n-workflow';

/** The credential's fields, trimmed: white space around a pasted key is the commonest mistake. */
export interface QccAccount {
	readonly appKey: string;
	readonly secretKey: string;
	/** Origin and path prefix, without a slash at its end. */
	readonly baseUrl: string;
}

const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function urlOf(text: string, base?: string): URL | null {
	return URL.canParse(text, base) ? new URL(text, base) : null;
}

/**
 * @throws UserError when a key is empty, or when the base URL is not an https address
 * (http is taken for loopback hosts alone: a signature must not travel in the clear).
 */
export function readAccount(credential: ICredentialDataDecryptedObject): QccAccount {
	const field = (name: string) => {
		const value = credential[name];
		return typeof value === 'string' ? value.trim() : '';
	};
	const appKey = field('appKey');
	const secretKey = field('secretKey');
	if (appKey === '') throw new UserError('The AppKey of the QCC Radar credential is empty');
	if (secretKey === '') throw new UserError('The SecretKey of the QCC Radar credential is empty');

	const address = urlOf(field('baseUrl'));
	const secure =
		address?.protocol === 'https:' ||
		(address?.protocol === 'http:' && LOOPBACK.test(address.hostname));
	if (!address || !secure || address.username || address.password || address.search) {
		throw new UserError(
			'The Base URL of the QCC Radar credential must be an https address such as https://pro.qcc.com',
		);
	}
	return { appKey, secretKey, baseUrl: (address.origin + address.pathname).replace(/\/+$/, '') };
}

/**
 * The headers of section 5: `Timespan` is the Unix time in seconds, `Token` the MD5 of
 * AppKey + Timespan + SecretKey (UTF-8) as 32 hexadecimal digits in capitals.
 * @param now milliseconds since 1970
 */
export function signature(account: QccAccount, now: number): { Token: string; Timespan: string } {
	const Timespan = Math.floor(now / 1000).toString();
	const Token = createHash('md5')
		.update(account.appKey + Timespan + account.secretKey, 'utf8')
		.digest('hex')
		.toUpperCase();
	return { Token, Timespan };
}
