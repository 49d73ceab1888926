import { createHash } from 'node:crypto';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { callUrl, type Action, type Shape } from '../qcc/endpoints';
import { readAccount } from '../qcc/signature';
import type { Channel, Send } from '../qcc/exchange';
import { redactorOf } from '../qcc/redact';
import type { Reason } from '../qcc/verdict';
import { sharedRedactor } from './shared';

export const CREDENTIAL = 'qccRadarApi';

/** The account that a run works with, in n8n's hands. */
export interface Account extends Channel {
	readonly baseUrl: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	/** Tells accounts apart in this process's memory, without their keys: QCC's limits hold for one. */
	readonly id: string;
	/** Tells credentials apart likewise: only executions that sign alike share calls. */
	readonly signer: string;
}

/** Bytes of a URL with an empty list around a centre, the credential's `key` parameter included. */
export function urlBase(
	{ baseUrl, keyBytes }: Pick<Account, 'baseUrl' | 'keyBytes'>,
	action: Action,
	shape: Shape,
	centre: string,
): number {
	return callUrl(baseUrl, action, shape, centre, []).length + keyBytes;
}

/** An account, or why nothing can be sent with this credential. Neither holds a key in words. */
export type Opened =
	| { readonly account: Account; readonly unusable: null }
	| { readonly account: null; readonly unusable: Reason };

export async function openAccount(context: IExecuteFunctions): Promise<Opened> {
	try {
		const account = readAccount(await context.getCredentials(CREDENTIAL));
		const { appKey, secretKey, baseUrl } = account;
		const signer = hashOf(baseUrl, appKey, secretKey);
		return {
			account: {
				baseUrl,
				keyBytes: `&key=${encodeURIComponent(appKey)}`.length,
				id: hashOf(baseUrl, appKey),
				signer,
				send: sender(context, { ...account }),
				redactor: sharedRedactor(signer, () => redactorOf(account)),
			},
			unusable: null,
		};
	} catch (error) {
		const what = error instanceof Error ? error.message : 'the credential could not be read';
		const advice = 'Nothing was sent. Open the credential of this node and correct the field.';
		return { account: null, unusable: { status: null, msg: null, what, advice } };
	}
}

function hashOf(...parts: readonly string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
