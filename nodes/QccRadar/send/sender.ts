import type { Account } from '../account/account';
import { urlLimitOf } from '../account/shared';
import type { CallLimits } from '../plan/fill';
import { numberCalls, planCalls, rowsPerCall } from '../plan/planCalls';
import { callUrl, type Action } from '../qcc/endpoints';
import { exchange } from '../qcc/exchange';
import type { Reason } from '../qcc/verdict';
import type { Options } from '../read/options';
import type { PairTable } from '../read/pairs';
import type { Grouping } from '../read/request';
import { paced, type Timing } from '../timing';
import { noneSent, type SendResult } from './outcome';
import { sendPairs } from './sendPairs';

/** Pairs that are sent together. */
export interface Batch {
	readonly action: Action;
	readonly pairs: PairTable;
	readonly grouping: Grouping;
}

/** Plans pairs and sends them, and says what became of each by its number. Throws nothing. */
export type SendPairs = (
	action: Action,
	pairs: PairTable,
	grouping: Grouping,
) => Promise<SendResult>;

/** How an execution sends what it was asked for. */
export interface Sender {
	readonly send: SendPairs;
	/** Numbers the calls that batches would travel in, through all of them, from 1. */
	number(batches: readonly Batch[]): Promise<{ callOf: Int32Array; calls: number }[]>;
}

interface Means {
	readonly options: Options;
	readonly cancel: AbortSignal | undefined;
	readonly timing: Timing;
	/** Told now and then how far a long run has come. */
	readonly log: (line: string) => void;
}

export function senderFor(account: Account, { options, cancel, timing, log }: Means): Sender {
	const { baseUrl, keyBytes, id } = account;
	const limitsOf = (action: Action): CallLimits => ({
		rowsPerCall: rowsPerCall(options.batchSize),
		urlBytes: Math.min(options.maxUrlLength || Infinity, urlLimitOf(id).known()),
		urlBase: (shape, centre) => callUrl(baseUrl, action, shape, centre, []).length + keyBytes,
	});
	const plan = async ({ action, pairs, grouping }: Batch) =>
		await paced(planCalls(pairs, grouping, limitsOf(action)), timing, cancel);

	return {
		send: async (action, pairs, grouping) => {
			const stars = await plan({ action, pairs, grouping });
			return await sendPairs(
				{ action, pairs, stars: stars ?? [], grouping },
				account,
				{
					rowsPerCall: rowsPerCall(options.batchSize),
					maxUrlBytes: options.maxUrlLength || Infinity,
					maxConcurrency: options.maxConcurrency,
					timeout: options.timeout,
					retryFor: options.retryFor * 1000,
					cancel,
					exchange: (url, shape, timeout, signal) =>
						exchange(account, { url, shape, timeout, cancel: signal }, Date.now),
					log,
				},
				timing,
			);
		},
		number: async (batches) => {
			const numbered: { callOf: Int32Array; calls: number }[] = [];
			for (const batch of batches) {
				const stars = (await plan(batch)) ?? [];
				const before = numbered.at(-1)?.calls ?? 0;
				const numbering = numberCalls(batch.pairs, stars, limitsOf(batch.action), before);
				numbered.push(await paced(numbering, timing));
			}
			return numbered;
		},
	};
}

/** What sends where nothing can be sent. */
export function noneSender(reason: Reason): SendPairs {
	return (_, { size }) =>
		Promise.resolve({
			outcomes: noneSent(size, reason),
			failure: { reason, stopped: true },
			calls: 0,
		});
}
