import { setImmediate as turn } from 'node:timers/promises';
import type { Timing } from '../../nodes/QccRadar/timing';

/** A small seeded generator (mulberry32), so that a failing run can be run again. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

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
			const sleeper = { until: this.time + ms, wake: resolve };
			this.sleepers.push(sleeper);
			signal?.addEventListener('abort', () => {
				this.sleepers = this.sleepers.filter((other) => other !== sleeper);
				resolve();
			});
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
			this.sleepers = this.sleepers.filter((other) => other !== next);
			this.time = next.until;
			next.wake();
		}
		return await work;
	}
}
