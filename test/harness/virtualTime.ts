import { setImmediate as turn } from 'node:timers/promises';
import type { Timing } from '../../nodes/QccRadar/timing';
import { seededRandom } from './seededRandom';

interface Sleeper {
	readonly until: number;
	readonly wake: () => void;
}

/** A clock that moves only when everybody sleeps: hours of waiting pass in milliseconds. */
export class VirtualTime implements Timing {
	private time = 0;
	private sleepers: Sleeper[] = [];
	readonly random: () => number;

	constructor(seed = 1) {
		this.random = seededRandom(seed);
	}

	readonly now = (): number => this.time;

	readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
		new Promise((resolve) => {
			if (signal?.aborted) {
				resolve();
				return;
			}
			const wake = () => {
				signal?.removeEventListener('abort', wake);
				this.sleepers = this.sleepers.filter((other) => other !== sleeper);
				resolve();
			};
			const sleeper = { until: this.time + ms, wake };
			this.sleepers.push(sleeper);
			signal?.addEventListener('abort', wake, { once: true });
		});

	/** Nobody sleeps. */
	get isIdle(): boolean {
		return this.sleepers.length === 0;
	}

	/** Wakes sleepers in the order of their time until the work is done. */
	async run<T>(work: Promise<T>): Promise<T> {
		const awake = () => turn('asleep' as const);
		const done = () => Promise.race([work.then(() => 'done' as const), awake()]);
		while ((await done()) === 'asleep') {
			const [next] = this.sleepers.sort((a, b) => a.until - b.until);
			if (!next) throw new Error('Everybody waits, and nobody sleeps: a deadlock');
			this.time = next.until;
			next.wake();
		}
		return await work;
	}
}
