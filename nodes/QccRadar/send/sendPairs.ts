import { joinWindow, leaveWindow, urlLimitOf } from '../account/shared';
import type { Star } from '../plan/planCalls';
import type { Grouping } from '../read/request';
import type { Action } from '../qcc/endpoints';
import type { PairTable } from '../read/pairs';
import type { Timing } from '../timing';
import { Dispatcher } from './dispatcher';
import type { SendResult } from './outcome';
import { Run, type RunSettings } from './run';

/** The account that pairs are sent for. */
export interface SendingAccount {
	readonly baseUrl: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	/** Tells accounts apart: QCC's limits hold for one. */
	readonly id: string;
	/** Tells credentials apart: only executions that sign alike share calls. */
	readonly signer: string;
}

/** Pairs, and the plan by which they are to travel. */
export interface Planned {
	readonly action: Action;
	readonly pairs: PairTable;
	readonly stars: readonly Star[];
	readonly grouping: Grouping;
}

const dispatchers = new Map<string, Dispatcher>();

/**
 * Sends pairs until each has an outcome, in calls that they share with what other executions of this
 * process send with the same credential. Nothing is thrown: what fails is an outcome and a failure.
 */
export async function sendPairs(
	{ action, pairs, stars, grouping }: Planned,
	account: SendingAccount,
	settings: RunSettings,
	timing: Timing,
): Promise<SendResult> {
	const run = new Run(action, pairs, settings);
	const window = joinWindow(account.id, timing);
	const { baseUrl, keyBytes, signer } = account;
	const dispatcher =
		dispatchers.get(signer) ??
		new Dispatcher({ baseUrl, keyBytes, window, urlLimit: urlLimitOf(account.id), timing });
	dispatchers.set(signer, dispatcher);
	try {
		await dispatcher.send(run, stars, grouping);
	} finally {
		if (dispatcher.isIdle) dispatchers.delete(signer);
		leaveWindow(window);
	}
	return await run.finished;
}
