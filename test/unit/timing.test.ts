import { UrlLimit } from '../../nodes/QccRadar/account/urlLimit';
import { AccountWindow } from '../../nodes/QccRadar/account/window';
import { planCalls } from '../../nodes/QccRadar/plan/planCalls';
import { PairTable } from '../../nodes/QccRadar/read/pairs';
import { Dispatcher } from '../../nodes/QccRadar/send/dispatcher';
import { Run } from '../../nodes/QccRadar/send/run';
import { paced, realTiming } from '../../nodes/QccRadar/timing';
import { finish } from '../harness/finish';
import { settingsOf } from '../harness/settings';
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

describe.each([
	['back an hour', -3_600_000],
	['forward a day', 86_400_000],
])('a wall clock that jumps %s', (_, jump) => {
	beforeEach(() => {
		jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
	});
	afterEach(() => {
		jest.useRealTimers();
	});
	const jumps = () => {
		jest.setSystemTime(Date.now() + jump);
	};

	test('changes no duration', async () => {
		const since = realTiming.now();
		const slept = realTiming.sleep(1_000);
		await jest.advanceTimersByTimeAsync(400);
		jumps();
		await jest.advanceTimersByTimeAsync(600);
		await slept;
		expect(realTiming.now() - since).toBe(1_000);
	});

	test('changes no wait for a window that is shut', async () => {
		const window = new AccountWindow(realTiming);
		const slot = await window.acquire();
		slot?.release({ kind: 'throttled', retryAfter: 7_000 });
		let isOpen = false;
		void window.acquire().then(() => {
			isOpen = true;
		});
		await jest.advanceTimersByTimeAsync(3_000);
		jumps();
		// Someone else comes meanwhile.
		void window.acquire();
		await jest.advanceTimersByTimeAsync(3_999);
		expect(isOpen).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		expect(isOpen).toBe(true);
	});

	test('changes no budget: a call is given up after “Retry For”', async () => {
		const table = new PairTable();
		table.add('138', '甲公司');
		const settings = settingsOf({
			retryFor: 60_000,
			exchange: () =>
				Promise.resolve({ kind: 'http', status: 429, html: false, retryAfter: 7_000 }),
		});
		const run = new Run('assign', table, settings);
		const dispatcher = new Dispatcher({
			baseUrl: 'https://pro.qcc.com',
			keyBytes: 20,
			window: new AccountWindow(realTiming),
			urlLimit: new UrlLimit(),
			timing: realTiming,
		});
		const since = performance.now();
		let took: number | null = null;
		const stars = finish(
			planCalls(table, 'fewest', {
				rowsPerCall: settings.rowsPerCall,
				urlBytes: Infinity,
				urlBase: () => 100,
			}),
		);
		void dispatcher.send(run, stars, 'fewest').then(() => {
			took = performance.now() - since;
		});
		await jest.advanceTimersByTimeAsync(10_000);
		jumps();
		await jest.advanceTimersByTimeAsync(200_000);
		expect(took).toBe(56_000);
	});

	test('changes no pacing', async () => {
		let sleeps = 0;
		const timing = {
			...realTiming,
			sleep: () => {
				sleeps += 1;
				return Promise.resolve();
			},
		};
		function* steady(): Generator<undefined, void> {
			for (let step = 0; step < 10; step++) {
				jest.advanceTimersByTime(15);
				if (step === 4) jumps();
				yield;
			}
		}
		await paced(steady(), timing);
		expect(sleeps).toBe(5);
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
