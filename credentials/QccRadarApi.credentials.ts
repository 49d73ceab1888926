import { createHash } from 'node:crypto';
import {
	UserError,
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type ICredentialType,
	type IHttpRequestOptions,
	type INodeProperties,
} from 'n8n-workflow';
import { CODES, ENDPOINTS } from '../nodes/QccRadar/api';

/** The credential's fields, trimmed: white space around a pasted key is the commonest mistake. */
export interface QccAccount {
	readonly appKey: string;
	readonly secretKey: string;
	/** Origin and path prefix, without a slash at its end. */
	readonly baseUrl: string;
}

const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function urlOf(text: string, base?: string): URL | null {
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

/** n8n's HTTP Request node still passes the request library's options, with the address in `uri`. */
type SignableRequest = IHttpRequestOptions & { uri?: string };

/** The AppKey is masked too: whoever holds both keys signs in the company's name. */
const MASKED = { password: true };

const ACCOUNT_CODES = Object.entries(CODES).filter(([, { treatment }]) => treatment === 'account');

/** The rules of a credential test compare strictly, and QCC sends a status as text or as a number. */
const REFUSALS = ACCOUNT_CODES.flatMap(([code, { meaning, advice }]) =>
	[code, Number(code)].map((value) => ({
		type: 'responseSuccessBody' as const,
		properties: { key: 'status', value, message: `QCC code ${code}: ${meaning}. ${advice}` },
	})),
);

/** Every answer of QCC has a status. What has none is a portal, a proxy or another server. */
const NO_ANSWER = {
	type: 'responseSuccessBody' as const,
	properties: {
		key: 'status',
		value: undefined,
		message:
			'The server answered, but not as QCC does. Check the Base URL, and any proxy between this server and QCC.',
	},
};

export class QccRadarApi implements ICredentialType {
	name = 'qccRadarApi';

	displayName = 'QCC Radar API';

	icon = {
		light: 'file:../nodes/QccRadar/qccRadar.svg',
		dark: 'file:../nodes/QccRadar/qccRadar.dark.svg',
	} as const;

	documentationUrl = 'https://github.com/qcc-radar/n8n-nodes-qcc-radar#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'AppKey',
			name: 'appKey',
			type: 'string',
			typeOptions: MASKED,
			required: true,
			default: '',
			description:
				'The company’s key, shown in QCC Pro under Settings → My company (设置中心 → 我的公司)',
		},
		{
			displayName: 'SecretKey',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'Shown beside the AppKey. It signs each call and is never sent itself.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://pro.qcc.com',
			description:
				'Address of QCC Pro. Must be https. Requests to any other origin are not signed.',
		},
	];

	/** Signs one attempt. A signed request never leaves the base URL's origin, by redirect or otherwise. */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		request: SignableRequest,
	): Promise<IHttpRequestOptions> {
		const account = readAccount(credentials);
		const target = urlOf(request.uri ?? request.url, request.baseURL);
		if (target?.origin !== new URL(account.baseUrl).origin) {
			throw new UserError(
				`The QCC Radar credential signs requests to ${account.baseUrl} alone, not to ${target?.origin ?? 'an address without a host'}`,
			);
		}
		return await Promise.resolve({
			...request,
			qs: { ...request.qs, key: account.appKey },
			headers: { ...request.headers, ...signature(account, Date.now()) },
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			maxRedirects: 0,
		});
	}

	/** Removes a company that cannot exist from a user that cannot exist: nothing can match. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.trim() }}',
			url: ENDPOINTS.user.path.unassign,
			qs: {
				[ENDPOINTS.user.centre]: '10000000000',
				// A value of its own each time: QCC locks a query that fails repeatedly (code 110).
				[ENDPOINTS.user.list]: '=n8n-connection-test-{{ Date.now() }}',
			},
		},
		rules: [...REFUSALS, NO_ANSWER],
	};
}
