import type { Account } from '../account/account';
import { joinWindow, leaveWindow, urlLimitOf } from '../account/shared';
import type { Planned } from '../plan/planCalls';
import type { Timing } from '../timing';
import { Dispatcher } from './dispatcher';
import type { SendResult } from './outcome';
import { Run, type RunSettings } from './run';

const dispatchers = new Map<string, Dispatcher>();

/**
 * Sends pairs until each has an outcome, in calls that they share with what other executions of this
 * process send with the same credential. Nothing is thrown: what fails is an outcome and a failure.
 */
export async function sendPairs(
	{ action, pairs, stars, grouping }: Planned,
	account: Account,
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
	const over = new AbortController();
	void tellProgress(run, timing, over.signal);
	try {
		await dispatcher.send(run, stars, grouping);
	} finally {
		over.abort();
		if (dispatcher.isIdle && dispatchers.get(signer) === dispatcher) dispatchers.delete(signer);
		leaveWindow(window);
	}
	return await run.finished;
}

/** Milliseconds between two lines about a run that takes long. */
const PROGRESS_EVERY = 10_000;

async function tellProgress(run: Run, timing: Timing, over: AbortSignal): Promise<void> {
	for (;;) {
		await timing.sleep(PROGRESS_EVERY, over);
		if (over.aborted) return;
		run.settings.log(run.progress());
	}
}
