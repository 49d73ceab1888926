import { urlBase, type Account } from '../account/account';
import { urlLimitOf } from '../account/shared';
import type { CallLimits } from '../plan/fill';
import {
	numberCalls,
	planCalls,
	rowsPerCall,
	type Batch,
	type Numbered,
	type Planned,
} from '../plan/planCalls';
import type { Action } from '../qcc/endpoints';
import { exchange } from '../qcc/exchange';
import type { Reason } from '../qcc/verdict';
import type { Options } from '../read/options';
import { paced, type Timing } from '../timing';
import { noneSent, type SendResult } from './outcome';
import { sendPairs } from './sendPairs';

/** How an execution sends what it was asked for. */
export interface Sender {
	plan(batch: Batch): Promise<Planned>;
	/** Sends pairs, and says what became of each by its number. Throws nothing. */
	send(planned: Planned): Promise<SendResult>;
	/** Numbers the calls of batches, through all of them. */
	number(batches: readonly Planned[]): Promise<readonly Numbered[]>;
}

interface Means {
	readonly options: Options;
	readonly cancel: AbortSignal | undefined;
	readonly timing: Timing;
	/** Told now and then how far a long run has come. */
	readonly log: (line: string) => void;
}

export function senderFor(account: Account, { options, cancel, timing, log }: Means): Sender {
	const limitsOf = (action: Action): CallLimits => ({
		rowsPerCall: rowsPerCall(options.batchSize),
		urlBytes: Math.min(options.maxUrlLength || Infinity, urlLimitOf(account.id).known()),
		urlBase: (shape, centre) => urlBase(account, action, shape, centre),
	});
	return {
		plan: async (batch) => {
			const { action, pairs, grouping } = batch;
			const planning = planCalls(pairs, grouping, limitsOf(action));
			return { ...batch, stars: (await paced(planning, timing, cancel)) ?? [] };
		},
		send: async (planned) =>
			await sendPairs(
				planned,
				account,
				{
					rowsPerCall: rowsPerCall(options.batchSize),
					maxUrlBytes: options.maxUrlLength || Infinity,
					maxConcurrency: options.maxConcurrency,
					timeout: options.timeout,
					retryFor: options.retryFor * 1000,
					cancel,
					afresh: planned.afresh ?? false,
					exchange: (url, shape, timeout, signal) =>
						exchange(account, { url, shape, timeout, cancel: signal }, Date.now),
					log,
				},
				timing,
			),
		number: async (batches) => {
			const numbered: Numbered[] = [];
			for (const { action, pairs, stars } of batches) {
				const before = numbered.at(-1)?.calls ?? 0;
				const numbering = numberCalls(pairs, stars, limitsOf(action), before);
				numbered.push(await paced(numbering, timing));
			}
			return numbered;
		},
	};
}

/** Sends nothing, where nothing can be sent, nor planned. */
export function noneSender(reason: Reason): Sender {
	return {
		plan: async (batch) => await Promise.resolve({ ...batch, stars: [] }),
		send: async ({ pairs: { size } }) =>
			await Promise.resolve({
				outcomes: noneSent(size, reason),
				failure: { reason, stopped: true },
				calls: 0,
			}),
		number: async (batches) =>
			await Promise.resolve(
				batches.map(({ pairs: { size } }) => ({ callOf: new Int32Array(size), calls: 0 })),
			),
	};
}
