import {
	UserError,
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type ICredentialType,
	type IHttpRequestOptions,
	type INodeProperties,
} from 'n8n-workflow';
import { CODES } from '../nodes/QccRadar/qcc/codes';
import { ENDPOINTS } from '../nodes/QccRadar/qcc/endpoints';
import { readAccount, signature, urlOf } from '../nodes/QccRadar/qcc/signature';

/** n8n's HTTP Request node still passes the request library's options, with the address in `uri`. */
type SignableRequest = IHttpRequestOptions & { uri?: string };

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

	displayName = 'QCC Radar (企查查) API';

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
			description:
				'Shown beside the AppKey. It signs each call and is never sent itself. Saving tests both keys with QCC.',
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

	/**
	 * n8n runs it when the credential is saved. It removes a company that cannot exist from a user that
	 * cannot exist: nothing can match.
	 */
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
