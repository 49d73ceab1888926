import { setImmediate as turn } from 'node:timers/promises';

import { joinWindow, leaveWindow, urlLimitOf } from '../../../nodes/QccRadar/account/shared';
import { AccountWindow, type Ending, type Slot } from '../../../nodes/QccRadar/account/window';
import { MAX_CONCURRENCY } from '../../../nodes/QccRadar/qcc/endpoints';
import { VirtualTime } from '../../harness/virtualTime';

const ANSWERED: Ending = { kind: 'answered' };
const LOST: Ending = { kind: 'lost' };
const REFUSED: Ending = { kind: 'throttled', retryAfter: null };

/** Takes so many places, which must be free. */
async function take(window: AccountWindow, count: number): Promise<Slot[]> {
	const slots = await Promise.all(Array.from({ length: count }, () => window.acquire()));
	return slots.filter((slot) => slot !== null);
}

/** How many places are free, without taking any. */
async function room(window: AccountWindow): Promise<number> {
	const end = new AbortController();
	const slots: Slot[] = [];
	for (let i = 0; i < MAX_CONCURRENCY + 1; i++) {
		void window.acquire(end.signal).then((slot) => slot && slots.push(slot));
	}
	await turn();
	end.abort();
	for (const slot of slots) slot.release(LOST);
	return slots.length;
}

/** Waits at the window under a name; who gets a place is written down and keeps it. */
function queue(window: AccountWindow, served: string[], ...names: string[]): void {
	for (const name of names) void window.acquire().then(() => served.push(name));
}

describe('places', () => {
	let window: AccountWindow;
	beforeEach(() => {
		window = new AccountWindow(new VirtualTime());
	});

	test('there are five, and the next is had when one is given back, whatever became of it', async () => {
		const slots = await take(window, 5);
		expect(await room(window)).toBe(0);
		slots.shift()?.release(ANSWERED);
		expect(await room(window)).toBe(1);
		slots.shift()?.release(LOST);
		expect(await room(window)).toBe(2);
	});

	test('who came first is served first', async () => {
		const slots = await take(window, 5);
		const served: string[] = [];
		queue(window, served, 'a', 'b', 'c', 'd');
		await turn();
		expect(served).toEqual([]);
		for (const slot of slots.slice(0, 3)) slot.release(ANSWERED);
		await turn();
		expect(served).toEqual(['a', 'b', 'c']);
	});

	test('who gives up is out of the queue, and nobody else', async () => {
		const slots = await take(window, 5);
		const served: string[] = [];
		const end = new AbortController();
		queue(window, served, 'a');
		const given = window.acquire(end.signal);
		queue(window, served, 'b');
		end.abort();
		expect(await given).toBeNull();
		expect(await window.acquire(end.signal)).toBeNull();
		for (const slot of slots) slot.release(ANSWERED);
		expect(await room(window)).toBe(3);
		expect(served).toEqual(['a', 'b']);
	});

	test('a place once had is not lost by giving up, nor is anybody’s turn', async () => {
		const end = new AbortController();
		const slots = [await window.acquire(end.signal), ...(await take(window, 4))];
		const served: string[] = [];
		queue(window, served, 'a', 'b');
		end.abort();
		expect(await room(window)).toBe(0);
		for (const slot of slots) slot?.release(ANSWERED);
		expect(await room(window)).toBe(3);
		expect(served).toEqual(['a', 'b']);
	});
});

describe('refusals', () => {
	let time: VirtualTime;
	let window: AccountWindow;
	beforeEach(() => {
		time = new VirtualTime();
		const { now, sleep } = time;
		window = new AccountWindow({ now, sleep, random: () => 0.5 });
	});
	const pass = (ms: number) => time.run(time.sleep(ms));
	/** Milliseconds until a place is free. */
	const waited = async () => {
		const since = time.now();
		const [slot] = await time.run(take(window, 1));
		slot?.release(LOST);
		return time.now() - since;
	};

	test('take three tenths of the window, once for all calls of one round trip', async () => {
		const slots = await take(window, 5);
		await pass(5);
		slots.shift()?.release(REFUSED);
		expect(await room(window)).toBe(0);
		slots.shift()?.release(REFUSED);
		// 5 × 0.7 is 3.5; twice would be 2.45.
		for (const slot of slots) slot.release(LOST);
		expect(await room(window)).toBe(3);
	});

	test('take three tenths again from calls of the next round trip', async () => {
		const [first, ...slots] = await take(window, 5);
		await pass(5);
		first?.release(REFUSED);
		for (const slot of slots) slot.release(LOST);
		const later = await take(window, 3);
		await pass(5);
		later.shift()?.release(REFUSED);
		for (const slot of later) slot.release(LOST);
		expect(await room(window)).toBe(2);
	});

	test('leave as many places as QCC did accept', async () => {
		const slots = await take(window, 5);
		await pass(5);
		for (const slot of slots.splice(0, 4)) slot.release(REFUSED);
		for (const slot of slots) slot.release(ANSWERED);
		expect(await room(window)).toBe(1);
	});

	test('are forgotten slowly: a window’s worth of answers adds a tenth of a place', async () => {
		const slots = await take(window, 5);
		for (const slot of slots) slot.release(REFUSED);
		await time.run(take(window, 1)).then(([slot]) => slot?.release(ANSWERED));
		const answersUntil = async (places: number) => {
			let answers = 0;
			while ((await room(window)) < places) {
				answers += 1;
				for (const slot of await take(window, 1)) slot.release(ANSWERED);
				// Gaps come and go meanwhile.
				await pass(1_000);
			}
			return answers;
		};
		const answers: number[] = [];
		for (const places of [2, 3, 4, 5]) answers.push(await answersUntil(places));
		// Ten answers a place; floating point gives or takes one.
		expect(answers.map((count) => Math.round(count / 10))).toEqual([1, 2, 3, 4]);
	});

	test('shut the window when nothing is in flight, twice as long each time, sixteen-fold at most', async () => {
		const slots = await take(window, 5);
		for (const slot of slots) slot.release(REFUSED);
		const waits: number[] = [];
		for (let i = 0; i < 7; i++) {
			waits.push(await waited());
			for (const slot of await take(window, 1)) slot.release(REFUSED);
		}
		expect(waits).toEqual([300, 600, 1200, 2400, 4800, 4800, 4800]);
		await waited();
		const [answered] = await take(window, 1);
		await pass(300);
		answered?.release(ANSWERED);
		for (const slot of await take(window, 1)) slot.release(REFUSED);
		expect(await waited()).toBe(300);
	});

	test('shut the window for as long as Retry-After says, though calls are in flight', async () => {
		const slots = await take(window, 5);
		slots.shift()?.release({ kind: 'throttled', retryAfter: 7_000 });
		slots.shift()?.release({ kind: 'throttled', retryAfter: 2_000 });
		slots.shift()?.release(LOST);
		slots.shift()?.release(LOST);
		expect(await room(window)).toBe(0);
		expect(await waited()).toBe(7_000);
	});

	test('shut it for five minutes at most, however long Retry-After says', async () => {
		const [slot] = await take(window, 1);
		slot?.release({ kind: 'throttled', retryAfter: 1e12 });
		expect(await waited()).toBe(300_000);
	});
});

test('after a hundred answers without a refusal one place stays empty for two round trips', async () => {
	const time = new VirtualTime();
	const window = new AccountWindow(time);
	const pass = (ms: number) => time.run(time.sleep(ms));
	const answer = async (times: number) => {
		for (let i = 0; i < times; i++) {
			const slots = await take(window, 1);
			await pass(300);
			for (const slot of slots) slot.release(ANSWERED);
		}
	};
	await answer(99);
	expect(await room(window)).toBe(5);
	await answer(1);
	expect(await room(window)).toBe(4);
	await pass(599);
	expect(await room(window)).toBe(4);
	await pass(1);
	expect(await room(window)).toBe(5);
});

describe('accounts', () => {
	const join = (account: string) => joinWindow(account, new VirtualTime());
	const shrink = async (window: AccountWindow) => {
		const [first, ...others] = await take(window, 5);
		first?.release(REFUSED);
		for (const slot of others) slot.release(LOST);
	};

	test('share one window among executions, each account its own', async () => {
		const [window, same, other] = [join('a'), join('a'), join('b')];
		await shrink(window);
		expect([await room(window), await room(same), await room(other)]).toEqual([3, 3, 5]);
		await take(same, 2);
		expect([await room(window), await room(other)]).toEqual([1, 5]);
		for (const one of [window, same, other]) leaveWindow(one);
	});

	test('lose their window with the last execution', async () => {
		const [window, same] = [join('a'), join('a')];
		await shrink(window);
		leaveWindow(window);
		const later = join('a');
		expect(await room(later)).toBe(3);
		leaveWindow(same);
		leaveWindow(later);
		expect(await room(join('a'))).toBe(5);
	});

	test('keep what was learned of their URL length, the hundred last used', () => {
		const first = urlLimitOf('first');
		first.fail(first.next(), 8_000);
		for (let i = 0; i < 99; i++) urlLimitOf(`other ${i}`);
		expect(urlLimitOf('first')).toBe(first);
		for (let i = 0; i < 100; i++) urlLimitOf(`another ${i}`);
		expect(urlLimitOf('first').known()).toBe(Infinity);
	});
});

describe('processes that share a server’s limit of five', () => {
	const CALLS = 50;
	const LATENCY = 300;

	interface Measured {
		answered: number;
		refusedPerCall: number;
		/** Time taken, against all five places of the server filled all the time. */
		wall: number;
		mostInFlight: number;
		/** Milliseconds from a process's coming to its first answer, the slowest's. */
		longestToFirst: number;
	}

	/** Each process comes `late` ms after the one before, and has so many calls. */
	async function simulate(
		processes: number,
		seed: number,
		calls = CALLS,
		late = 0,
	): Promise<Measured> {
		const time = new VirtualTime(seed);
		const between = (least: number, most: number) => least + (most - least) * time.random();
		let working = 0;
		let refused = 0;
		let answered = 0;
		let mostInFlight = 0;

		async function call(): Promise<Ending> {
			if (working >= MAX_CONCURRENCY) {
				refused += 1;
				await time.sleep(between(3, 8));
				return REFUSED;
			}
			working += 1;
			await time.sleep(between(250, 350));
			working -= 1;
			answered += 1;
			return ANSWERED;
		}

		let longestToFirst = 0;
		async function process(_: unknown, place: number): Promise<void> {
			await time.sleep(place * late);
			const since = time.now();
			let first: number | undefined;
			const window = new AccountWindow(time);
			let left = calls;
			let inFlight = 0;
			const worker = async () => {
				while (left > 0) {
					const slot = await window.acquire();
					if (left > 0) {
						left -= 1;
						inFlight += 1;
						mostInFlight = Math.max(mostInFlight, inFlight);
						const ending = await call();
						inFlight -= 1;
						if (ending !== ANSWERED) left += 1;
						else first ??= time.now() - since;
						slot?.release(ending);
					} else slot?.release(LOST);
				}
			};
			await Promise.all(Array.from({ length: MAX_CONCURRENCY }, worker));
			longestToFirst = Math.max(longestToFirst, first ?? Infinity);
		}

		await time.run(Promise.all(Array.from({ length: processes }, process)));
		const all = processes * calls;
		return {
			answered,
			refusedPerCall: refused / all,
			wall: time.now() / ((all * LATENCY) / MAX_CONCURRENCY),
			mostInFlight,
			longestToFirst,
		};
	}

	const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
	test.each([
		{ processes: 1, mostRefused: 0, longest: 1.1 },
		{ processes: 2, mostRefused: 0.25, longest: 2.5 },
		{ processes: 3, mostRefused: 0.25, longest: 2.5 },
		{ processes: 5, mostRefused: 0.25, longest: 1.5 },
		{ processes: 10, mostRefused: 0.25, longest: 1.5 },
	])(
		'$processes: at most $mostRefused refusals a call, $longest times the ideal time',
		async ({ processes, mostRefused, longest }) => {
			for (const seed of SEEDS) {
				const { answered, refusedPerCall, wall, mostInFlight } = await simulate(processes, seed);
				expect(answered).toBe(processes * CALLS);
				expect(mostInFlight).toBeLessThanOrEqual(MAX_CONCURRENCY);
				expect(refusedPerCall).toBeLessThanOrEqual(mostRefused);
				expect(wall).toBeLessThanOrEqual(longest);
			}
		},
	);

	test.each([
		{ processes: 2, calls: 1_000 },
		{ processes: 3, calls: 1_000 },
		{ processes: 5, calls: 400 },
	])(
		'$processes that come one after the other while the first is busy: none is kept out',
		async ({ processes, calls }) => {
			for (const seed of SEEDS) {
				const { answered, refusedPerCall, longestToFirst } = await simulate(
					processes,
					seed,
					calls,
					5_000,
				);
				expect(answered).toBe(processes * calls);
				expect(refusedPerCall).toBeLessThanOrEqual(0.25);
				// Half of the 300 s after which a call that is refused again and again is given up.
				expect(longestToFirst).toBeLessThanOrEqual(150_000);
			}
		},
	);
});
