import { sleep } from 'n8n-workflow';

/** Time and chance, passed in so that policies can be tested without waiting. */
export interface Timing {
	/** Milliseconds since some moment, by a clock that is never set: for durations alone. */
	readonly now: () => number;
	/** A number in [0, 1). */
	readonly random: () => number;
	/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
	readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const realTiming: Timing = {
	now: () => performance.now(),
	random: () => Math.random(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			const wake = () => {
				signal?.removeEventListener('abort', wake);
				resolve();
			};
			signal?.addEventListener('abort', wake, { once: true });
			// n8n 1.x knows no signal here: its timer runs on, and is not waited for.
			sleep(ms, signal).then(wake, wake);
			if (signal?.aborted) wake();
		}),
};

/** Milliseconds of work after which other executions get their turn. */
const TURN = 20;

/**
 * Does work that yields now and then, letting the event loop turn in between: a queue-mode worker
 * that blocks it for a minute loses its job.
 * @returns what the work returns, or null when it was cancelled first
 */
export async function paced<T>(work: Generator<undefined, T>, timing: Timing): Promise<T>;
export async function paced<T>(
	work: Generator<undefined, T>,
	timing: Timing,
	cancel: AbortSignal | undefined,
): Promise<T | null>;
export async function paced<T>(
	work: Generator<undefined, T>,
	timing: Timing,
	cancel?: AbortSignal,
): Promise<T | null> {
	let since = timing.now();
	for (;;) {
		const step = work.next();
		if (step.done) return step.value;
		if (timing.now() - since < TURN) continue;
		await timing.sleep(0);
		if (cancel?.aborted) return null;
		since = timing.now();
	}
}

/** Elements of a list between two yields: about a millisecond of work. */
export const BREATH = 1_000;

/** `list.forEach(visit)`, as work to be paced. */
export function* forEachPaced<T>(
	list: readonly T[],
	visit: (element: T, index: number) => void,
): Generator<undefined, void> {
	for (let from = 0; from < list.length; from += BREATH) {
		list.slice(from, from + BREATH).forEach((element, i) => {
			visit(element, from + i);
		});
		yield;
	}
}

/** `list.map(convert)`, as work to be paced. */
export function* mapPaced<T, U>(
	list: readonly T[],
	convert: (element: T, index: number) => U,
): Generator<undefined, U[]> {
	const converted: U[] = [];
	yield* forEachPaced(list, (element, index) => {
		converted.push(convert(element, index));
	});
	return converted;
}
