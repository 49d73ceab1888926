import { createHash } from 'node:crypto';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { readAccount } from '../qcc/signature';
import type { Channel, Send } from '../qcc/exchange';
import { redactorOf } from '../qcc/redact';
import type { Reason } from '../qcc/verdict';

export const CREDENTIAL = 'qccRadarApi';

/** The account that a run works with, in n8n's hands. */
export interface Account extends Channel {
	readonly baseUrl: string;
	/** Keeps accounts apart in this process's memory without holding their keys there. */
	readonly digest: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
}

/**
 * @throws Error when there is no credential; UserError when a field of it is unfit. Neither message
 * holds a key.
 */
export async function openAccount(context: IExecuteFunctions): Promise<Account> {
	const account = readAccount(await context.getCredentials(CREDENTIAL));
	const { appKey, baseUrl } = account;
	return {
		baseUrl,
		digest: createHash('sha256').update(`${baseUrl}\n${appKey}`).digest('hex'),
		keyBytes: `&key=${encodeURIComponent(appKey)}`.length,
		send: sender(context, { ...account }),
		redactor: redactorOf(account),
	};
}

/** Why nothing can be sent with this credential. */
export function unusable(error: unknown): Reason {
	return {
		status: null,
		msg: null,
		what: error instanceof Error ? error.message : 'the credential could not be read',
		advice: 'Nothing was sent. Open the credential of this node and correct the field.',
	};
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
