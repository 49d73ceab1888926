import { paced, realTiming } from '../../nodes/QccRadar/timing';
import { VirtualTime } from '../harness/virtualTime';

describe('paced work', () => {
	/** Each step takes 15 ms of a clock that only work moves. */
	function work(steps: number) {
		let now = 0;
		let sleeps = 0;
		const timing = {
			now: () => now,
			random: () => 0,
			sleep: () => {
				sleeps += 1;
				return Promise.resolve();
			},
		};
		function* steady(): Generator<undefined, string> {
			for (let step = 0; step < steps; step++) {
				now += 15;
				yield;
			}
			return 'done';
		}
		return { timing, steady: steady(), sleeps: () => sleeps, steps: () => now / 15 };
	}

	test('lets others have their turn every 20 ms or so', async () => {
		const { timing, steady, sleeps } = work(10);
		expect(await paced(steady, timing, undefined)).toBe('done');
		expect(sleeps()).toBe(5);
	});

	test('stops when it is cancelled', async () => {
		const { timing, steady, steps } = work(10);
		expect(await paced(steady, timing, AbortSignal.abort())).toBeNull();
		expect(steps()).toBe(2);
	});

	test('is done without a pause when it is short', async () => {
		const { timing, steady, sleeps } = work(1);
		expect(await paced(steady, timing, AbortSignal.abort())).toBe('done');
		expect(sleeps()).toBe(0);
	});
});

describe('the real clock', () => {
	test('sleeps as long as it is told', async () => {
		const since = realTiming.now();
		await realTiming.sleep(30);
		expect(realTiming.now() - since).toBeGreaterThanOrEqual(28);
	});

	test.each([
		[
			'before it began',
			(abort: () => void) => {
				abort();
			},
		],
		[
			'while it lasted',
			(abort: () => void) => {
				setImmediate(abort);
			},
		],
	])('wakes at once when it is cancelled %s', async (_, cancel) => {
		const controller = new AbortController();
		cancel(() => {
			controller.abort();
		});
		const since = realTiming.now();
		await realTiming.sleep(60_000, controller.signal);
		expect(realTiming.now() - since).toBeLessThan(5_000);
	});
});

test('the virtual clock wakes sleepers in the order of their time', async () => {
	const time = new VirtualTime();
	const woken: string[] = [];
	const sleeper = async (ms: number) => {
		await time.sleep(ms);
		woken.push(`${ms} at ${time.now()}`);
	};
	await time.run(Promise.all([3_600_000, 20, 500].map(sleeper)));
	expect(woken).toEqual(['20 at 20', '500 at 500', '3600000 at 3600000']);
});
