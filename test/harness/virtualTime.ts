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
	/** In the order of their waking; those of one moment in the order of their coming. */
	private readonly sleepers: Sleeper[] = [];
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
				const place = this.sleepers.indexOf(sleeper);
				if (place >= 0) this.sleepers.splice(place, 1);
				resolve();
			};
			const sleeper = { until: this.time + Math.max(0, ms), wake };
			this.sleepers.splice(this.placeFor(sleeper.until), 0, sleeper);
			signal?.addEventListener('abort', wake, { once: true });
		});

	/** Behind all that wake no later. */
	private placeFor(until: number): number {
		let [low, high] = [0, this.sleepers.length];
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.sleepers[middle]?.until ?? Infinity) <= until) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** Nobody sleeps. */
	get isIdle(): boolean {
		return this.sleepers.length === 0;
	}

	/** Wakes sleepers in the order of their time until the work is done. */
	async run<T>(work: Promise<T>): Promise<T> {
		const state = { isDone: false };
		const end = () => {
			state.isDone = true;
		};
		work.then(end, end);
		for (;;) {
			await turn();
			if (state.isDone) return await work;
			const [next] = this.sleepers;
			if (!next) throw new Error('Everybody waits, and nobody sleeps: a deadlock');
			this.time = next.until;
			next.wake();
		}
	}
}
