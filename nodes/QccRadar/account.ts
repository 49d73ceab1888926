import { createHash } from 'node:crypto';
import {
	NodeOperationError,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type IN8nHttpFullResponse,
} from 'n8n-workflow';
import { readAccount } from '../../credentials/QccRadarApi.credentials';
import type { Send } from './exchange';

export const CREDENTIAL = 'qccRadarApi';

/** The account that a run works with, in n8n's hands. */
export interface Account {
	readonly baseUrl: string;
	/** Keeps accounts apart in this process's memory without holding their keys there. */
	readonly digest: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	readonly send: Send;
	/** Takes this account's keys, and any signature, out of QCC's words. */
	readonly redact: (words: string) => string;
}

const TOKEN = /\b[0-9A-Fa-f]{32}\b/g;

/** @throws NodeOperationError when a field of the credential is unfit; nothing was sent */
export async function openAccount(context: IExecuteFunctions): Promise<Account> {
	const credential = await context.getCredentials(CREDENTIAL);
	try {
		const { appKey, secretKey, baseUrl } = readAccount(credential);
		return {
			baseUrl,
			digest: createHash('sha256').update(`${baseUrl}\n${appKey}`).digest('hex'),
			keyBytes: `&key=${encodeURIComponent(appKey)}`.length,
			send: sender(context, { appKey, secretKey, baseUrl }),
			redact: (words) =>
				words.replaceAll(secretKey, '***').replaceAll(appKey, '***').replace(TOKEN, '***'),
		};
	} catch (error) {
		throw new NodeOperationError(context.getNode(), error as Error, {
			description: 'Nothing was sent. Open the credential of this node and correct the field.',
		});
	}
}

/**
 * Sends through n8n's helper, which has the credential sign each attempt. The helper takes the signal
 * that ends a request from its context alone, so each request has a context of its own.
 */
function sender(
	context: IExecuteFunctions,
	data: { appKey: string; secretKey: string; baseUrl: string },
): Send {
	const credentialsDecrypted = { id: '', name: CREDENTIAL, type: CREDENTIAL, data };
	return async (options: IHttpRequestOptions, signal: AbortSignal) => {
		const own = Object.create(context, {
			getExecutionCancelSignal: { value: () => signal },
		}) as IExecuteFunctions;
		const response: unknown = await context.helpers.httpRequestWithAuthentication.call(
			own,
			CREDENTIAL,
			options,
			{ credentialsDecrypted },
		);
		return response as IN8nHttpFullResponse;
	};
}
