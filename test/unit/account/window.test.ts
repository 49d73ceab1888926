import { setImmediate as turn } from 'node:timers/promises';

import {
	joinWindow,
	leaveWindow,
	sharedRedactor,
	urlLimitOf,
} from '../../../nodes/QccRadar/account/shared';
import { AccountWindow, type Ending, type Slot } from '../../../nodes/QccRadar/account/window';
import { MAX_CONCURRENCY } from '../../../nodes/QccRadar/qcc/endpoints';
import { share } from '../../harness/processes';
import { VirtualTime } from '../../harness/virtualTime';

const ANSWERED: Ending = { kind: 'answered' };
const LOST: Ending = { kind: 'lost', retryAfter: null };
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

	test('are forgotten slowly, and faster the longer nothing is refused', async () => {
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
		expect(answers).toEqual([14, 16, 15, 16]);
	});

	test('shut the window when nothing is in flight, after five times twice as long each time, eightfold at most', async () => {
		const slots = await take(window, 5);
		for (const slot of slots) slot.release(REFUSED);
		const waits: number[] = [];
		for (let i = 0; i < 10; i++) {
			waits.push(await waited());
			for (const slot of await take(window, 1)) slot.release(REFUSED);
		}
		expect(waits).toEqual([570, 570, 570, 570, 570, 1140, 2280, 4560, 4560, 4560]);
		await waited();
		const [answered] = await take(window, 1);
		await pass(300);
		answered?.release(ANSWERED);
		for (const slot of await take(window, 1)) slot.release(REFUSED);
		expect(await waited()).toBe(570);
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

	test('keep everybody out too when they are none: HTTP 503 may ask to wait, and shrinks nothing', async () => {
		const [slot] = await take(window, 1);
		slot?.release({ kind: 'lost', retryAfter: 5_000 });
		expect(await room(window)).toBe(0);
		expect(await waited()).toBe(5_000);
		expect(await room(window)).toBe(5);
	});

	test('shut it for five minutes at most, however long Retry-After says', async () => {
		const [slot] = await take(window, 1);
		slot?.release({ kind: 'throttled', retryAfter: 1e12 });
		expect(await waited()).toBe(300_000);
	});
});

describe('a gap for other processes', () => {
	let time: VirtualTime;
	let window: AccountWindow;
	beforeEach(() => {
		time = new VirtualTime();
		window = new AccountWindow(time);
	});
	const pass = (ms: number) => time.run(time.sleep(ms));
	const answer = async (times: number) => {
		for (let i = 0; i < times; i++) {
			const slots = await take(window, 1);
			await pass(300);
			for (const slot of slots) slot.release(ANSWERED);
		}
	};
	const gapOf600 = async (places: number) => {
		expect(await room(window)).toBe(places - 1);
		await pass(599);
		expect(await room(window)).toBe(places - 1);
		await pass(1);
		expect(await room(window)).toBe(places);
	};

	test('is one place left empty for two round trips after ten rounds of answers', async () => {
		for (let i = 0; i < 2; i++) {
			await answer(49);
			expect(await room(window)).toBe(5);
			await answer(1);
			await gapOf600(5);
		}
	});

	test('comes after three rounds once others are there, counted from the last refusal', async () => {
		await answer(7);
		const [first, ...slots] = await take(window, 5);
		first?.release(REFUSED);
		for (const slot of slots) slot.release(LOST);
		await answer(8);
		expect(await room(window)).toBe(3);
		await answer(1);
		await gapOf600(3);
	});

	test('is kept when one execution leaves and others stay', async () => {
		window.join();
		window.join();
		await answer(50);
		window.leave();
		await turn();
		await gapOf600(5);
	});

	test('is not kept beyond the last execution', async () => {
		window.join();
		await answer(50);
		window.leave();
		await turn();
		expect([await room(window), time.isIdle]).toEqual([5, true]);
	});

	test('leaves one place at least', async () => {
		const slots = await take(window, 5);
		for (const slot of slots) slot.release(REFUSED);
		await pass(1_000);
		await answer(3);
		expect(await room(window)).toBe(1);
	});
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
		const slots = await take(same, 2);
		expect([await room(window), await room(other)]).toEqual([1, 5]);
		for (const slot of slots) slot.release(LOST);
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

	test('keep it as long as a call is under way that nobody waits for any more', async () => {
		const window = join('under way');
		const slots = await take(window, 2);
		leaveWindow(window);
		const next = join('under way');
		expect(await room(next)).toBe(3);
		for (const slot of slots) slot.release(LOST);
		leaveWindow(next);
		const later = join('under way');
		expect(later).not.toBe(next);
		leaveWindow(later);
	});

	test('keep it shut for the next execution as long as Retry-After says, and no timer', async () => {
		const time = new VirtualTime();
		const first = joinWindow('shut', time);
		const [slot] = await take(first, 1);
		slot?.release({ kind: 'throttled', retryAfter: 400_000 });
		const end = new AbortController();
		const waiting = first.acquire(end.signal);
		end.abort();
		expect(await waiting).toBeNull();
		leaveWindow(first);
		await turn();
		expect(time.isIdle).toBe(true);

		await time.run(time.sleep(100_000));
		const second = joinWindow('shut', time);
		expect(second).toBe(first);
		const since = time.now();
		const later = await time.run(second.acquire());
		expect(time.now() - since).toBe(200_000);
		later?.release(LOST);
		leaveWindow(second);
		const third = joinWindow('shut', time);
		expect(third).not.toBe(second);
		leaveWindow(third);
	});

	test('share what takes secrets out, each credential its own', () => {
		const make = () => () => (words: string) => words;
		const [first, second] = [make(), make()];
		expect(sharedRedactor('one', () => first)).toBe(first);
		expect(sharedRedactor('one', () => second)).toBe(first);
		expect(sharedRedactor('other', () => second)).toBe(second);
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
	const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

	test.each([
		{ processes: 1, mostRefused: 0, longest: 1.1 },
		{ processes: 2, mostRefused: 0.25, longest: 2.5 },
		{ processes: 3, mostRefused: 0.25, longest: 2 },
		{ processes: 5, mostRefused: 0.25, longest: 1.5 },
		{ processes: 10, mostRefused: 0.25, longest: 1.5 },
	])(
		'$processes: at most $mostRefused refusals a call, $longest times the ideal time',
		async ({ processes, mostRefused, longest }) => {
			for (const seed of SEEDS) {
				const shared = await share({ processes, calls: 50, seed });
				expect(shared.answered).toBe(processes * 50);
				expect(shared.mostInFlight).toBeLessThanOrEqual(MAX_CONCURRENCY);
				expect(shared.refusedPerCall).toBeLessThanOrEqual(mostRefused);
				expect(shared.wall).toBeLessThanOrEqual(longest);
			}
		},
	);

	test.each([
		{ processes: 2, calls: 600 },
		{ processes: 3, calls: 600 },
		{ processes: 4, calls: 500 },
		{ processes: 5, calls: 400 },
	])(
		'$processes that come one after the other: the first answer within 3 s, and 6 s at worst',
		async ({ processes, calls }) => {
			const waits: number[] = [];
			for (const seed of SEEDS) {
				const shared = await share({ processes, calls, apart: 5_000, seed });
				expect(shared.answered).toBe(processes * calls);
				expect(shared.mostInFlight).toBeLessThanOrEqual(MAX_CONCURRENCY);
				expect(shared.refusedPerCall).toBeLessThanOrEqual(0.1);
				waits.push(...shared.untilFirst.slice(1));
			}
			waits.sort((a, b) => a - b);
			expect(waits[waits.length >> 1]).toBeLessThanOrEqual(3_000);
			expect(waits.at(-1)).toBeLessThanOrEqual(6_000);
		},
	);

	test('a busy process alone has 95 % of its five places', async () => {
		for (const seed of SEEDS.slice(0, 5)) {
			const { wall } = await share({ processes: 1, calls: 2_000, seed });
			expect(wall).toBeLessThanOrEqual(1 / 0.95);
		}
	});
});
