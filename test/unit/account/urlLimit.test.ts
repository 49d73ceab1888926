import fc from 'fast-check';

import { SAFE_URL_BYTES } from '../../../nodes/QccRadar/qcc/endpoints';
import { UrlLimit } from '../../../nodes/QccRadar/account/urlLimit';
import { seededRandom } from '../../harness/seededRandom';

/** "within this factor": the learned length against the real one. */
const FACTOR = 1.1;
/** Bytes of a row: a call that may have so many more ends up to this much below. */
const ROW = 100;
const ROUNDS = 40;

interface Learning {
	limit: UrlLimit;
	failures: number;
}

/**
 * Sends calls in rounds of `parallel`, each filled to what it is told, against a server that takes
 * URLs of `real` bytes.
 * @param natural bytes of a call that no URL limit keeps small
 */
function learn(real: number, natural: number, parallel: number, rounds: number): Learning {
	const limit = new UrlLimit();
	let failures = 0;
	for (let round = 0; round < rounds; round++) {
		const targets = Array.from({ length: parallel }, () => limit.next());
		for (const target of targets) {
			const bytes = target < natural ? target - (round % ROW) : natural;
			if (bytes <= real) limit.pass(target, bytes);
			else {
				limit.fail(target, bytes);
				failures += 1;
			}
		}
	}
	return { limit, failures };
}

test.each([1, 5])('any limit is learned in few failures, %d calls at a time', (parallel) => {
	fc.assert(
		fc.property(
			fc.integer({ min: SAFE_URL_BYTES, max: 40_000 }),
			fc.integer({ min: SAFE_URL_BYTES, max: 60_000 }),
			(real, natural) => {
				const { limit, failures } = learn(real, natural, parallel, ROUNDS);
				if (natural <= real) {
					expect({ known: limit.known(), failures }).toEqual({ known: Infinity, failures: 0 });
					return;
				}
				expect(limit.known()).toBeLessThanOrEqual(real);
				expect(limit.known()).toBeGreaterThanOrEqual(real / FACTOR - ROW);
				const halvings = Math.ceil(Math.log2(natural / real));
				const doubts = (parallel * ROUNDS) / 50;
				expect(failures).toBeLessThanOrEqual(halvings * parallel + 4 + doubts);
			},
		),
	);
});

test('nothing is limited before anything failed', () => {
	const limit = new UrlLimit();
	limit.pass(limit.next(), 30_000);
	limit.lost(limit.next());
	expect([limit.next(), limit.known()]).toEqual([Infinity, Infinity]);
});

test('what failed is halved, down to what every server takes', () => {
	const limit = new UrlLimit();
	const targets = [18_000, 9_000, 4_500, 2_250].map((bytes) => {
		limit.fail(limit.next(), bytes);
		return limit.next();
	});
	expect(targets).toEqual([9_000, 4_500, 2_250, 2_000]);
	expect(limit.known()).toBe(2_000);
});

describe('with 8,000 bytes passed and 12,000 refused', () => {
	let limit: UrlLimit;
	beforeEach(() => {
		limit = new UrlLimit();
		limit.fail(limit.next(), 16_000);
		limit.pass(limit.next(), 8_000);
		limit.fail(limit.next(), 12_000);
	});

	test('one call at a time tries the middle, whatever becomes of it', () => {
		expect([limit.next(), limit.next(), limit.known()]).toEqual([10_000, 8_000, 8_000]);
		limit.lost(10_000);
		expect([limit.next(), limit.next()]).toEqual([10_000, 8_000]);
		limit.fail(10_000, 9_990);
		expect([limit.next(), limit.next()]).toEqual([8_995, 8_000]);
		limit.pass(8_995, 8_950);
		expect([limit.next(), limit.next()]).toEqual([9_470, 8_950]);
		limit.pass(9_470, 9_400);
		expect([limit.next(), limit.next(), limit.known()]).toEqual([9_400, 9_400, 9_400]);
	});

	test('a server that takes more now is tried without a limit', () => {
		limit.pass(8_000, 12_000);
		expect([limit.next(), limit.known()]).toEqual([Infinity, Infinity]);
	});

	test('a server that takes less now is halved again, once two calls say so', () => {
		limit.fail(8_000, 8_000);
		expect(limit.known()).toBe(8_000);
		limit.pass(8_000, 7_000);
		limit.fail(8_000, 8_000);
		expect([limit.next(), limit.known()]).toEqual([4_000, 2_000]);
	});

	test('a page that passes by teaches nothing, each time that as long a URL passes after it', () => {
		for (let i = 0; i < 3; i++) {
			limit.fail(8_000, 7_500);
			limit.pass(8_000, 7_500);
		}
		expect([limit.next(), limit.next(), limit.known()]).toEqual([10_000, 8_000, 8_000]);
	});
});

describe('with 2,000 bytes passed and 2,100 refused', () => {
	let limit: UrlLimit;
	beforeEach(() => {
		limit = new UrlLimit();
		limit.fail(limit.next(), 2_100);
		limit.pass(limit.next(), 2_000);
	});
	const passes = (count: number) => {
		for (let i = 0; i < count; i++) limit.pass(limit.next(), 300);
	};

	test('after fifty calls without a refusal one call at a time goes without a limit', () => {
		passes(48);
		expect(limit.next()).toBe(2_000);
		passes(1);
		expect([limit.next(), limit.next(), limit.known()]).toEqual([Infinity, 2_000, 2_000]);
		// It was too short to tell.
		limit.pass(Infinity, 1_000);
		expect(limit.next()).toBe(Infinity);
		limit.lost(Infinity);
		expect(limit.next()).toBe(Infinity);
		limit.pass(Infinity, 9_000);
		expect([limit.next(), limit.next(), limit.known()]).toEqual([Infinity, Infinity, Infinity]);
	});

	test('a refusal puts off the next doubt, which asks for less, in turn', () => {
		passes(49);
		const doubts = Array.from({ length: 4 }, () => {
			const target = limit.next();
			limit.fail(target, Math.min(target, 36_000));
			passes(49);
			expect(limit.next()).toBe(2_000);
			passes(1);
			return target;
		});
		expect(doubts).toEqual([Infinity, 4_200, 2_625, Infinity]);
		expect(limit.known()).toBe(2_000);
	});

	test('a refusal of another call does not count as that of the doubt', () => {
		limit.fail(2_000, 2_200);
		passes(50);
		expect(limit.next()).toBe(Infinity);
	});
});

test('a doubt whose call was no longer than what failed has told nothing: the next one asks for as much', () => {
	const limit = new UrlLimit();
	limit.fail(limit.next(), 2_100);
	limit.pass(limit.next(), 2_000);
	const passes = () => {
		for (let i = 0; i < 50; i++) limit.pass(2_000, 2_000);
	};
	passes();
	expect(limit.next()).toBe(Infinity);
	limit.fail(Infinity, 2_100);
	passes();
	expect(limit.next()).toBe(Infinity);
});

test('a short call that passed keeps no other call short', () => {
	const limit = new UrlLimit();
	limit.pass(limit.next(), 300);
	limit.fail(limit.next(), 18_000);
	expect([limit.next(), limit.next(), limit.known()]).toEqual([10_000, 2_000, 2_000]);
});

describe('runs of 2,000 rows', () => {
	const ROWS_PER_CALL = 200;
	const BASE = 150;

	/**
	 * One run, five calls in flight, each filled to what it is told.
	 * @param takes whether the server takes a URL of so many bytes
	 */
	function run(limit: UrlLimit, row: number, takes: (bytes: number) => boolean) {
		const inFlight: { target: number; rows: number }[] = [];
		let [left, calls, refused] = [2_000, 0, 0];
		for (;;) {
			while (inFlight.length < 5 && left > 0) {
				const target = limit.next();
				if (Math.min(target, limit.known()) < SAFE_URL_BYTES) throw new RangeError('too short');
				const rows = Math.min(left, ROWS_PER_CALL, Math.floor((target - BASE) / row));
				left -= rows;
				inFlight.push({ target, rows });
			}
			const call = inFlight.shift();
			if (!call) return { calls, refused };
			const bytes = BASE + call.rows * row;
			calls += 1;
			if (takes(bytes)) limit.pass(call.target, bytes);
			else {
				refused += 1;
				left += call.rows;
				limit.fail(call.target, bytes);
			}
		}
	}

	const rowBytes = fc.integer({ min: 20, max: 200 });

	test('after one page that passed by, the third takes at most 14 calls', () => {
		fc.assert(
			fc.property(rowBytes, fc.integer({ min: 1, max: 20 }), (row, page) => {
				const limit = new UrlLimit();
				let call = 0;
				const calls = [1, 2, 3].map(() => run(limit, row, () => ++call !== page).calls);
				expect(calls[2]).toBeLessThanOrEqual(14);
			}),
		);
	});

	test.each([2_000, 2_100, 2_500, 5_000])(
		'after a page instead of a call of %d bytes, the third takes at most 14 calls',
		(bytes) => {
			for (const row of [30, 90, 180]) {
				const limit = new UrlLimit();
				limit.fail(limit.next(), bytes);
				const calls = [1, 2, 3].map(() => run(limit, row, () => true).calls);
				expect(calls[2]).toBeLessThanOrEqual(14);
			}
		},
	);

	test('under a limit, one call in fifty is refused at most once it is learned', () => {
		fc.assert(
			fc.property(rowBytes, fc.integer({ min: SAFE_URL_BYTES, max: 40_000 }), (row, real) => {
				const limit = new UrlLimit();
				const takes = (bytes: number) => bytes <= real;
				for (let i = 0; i < 3; i++) run(limit, row, takes);
				let [calls, refused] = [0, 0];
				for (let i = 0; i < 10; i++) {
					const ran = run(limit, row, takes);
					calls += ran.calls;
					refused += ran.refused;
				}
				expect(refused).toBeLessThanOrEqual(Math.ceil(calls / 50));
			}),
		);
	});

	test('a limit that changes is learned again, whatever pages pass by meanwhile', () => {
		const limits = fc.integer({ min: SAFE_URL_BYTES, max: 50_000 });
		fc.assert(
			fc.property(rowBytes, limits, limits, fc.integer({ min: 1 }), (row, before, after, seed) => {
				const limit = new UrlLimit();
				const random = seededRandom(seed);
				const phase = (real: number, runs: number, pages: number) => {
					let [calls, refused] = [0, 0];
					for (let i = 0; i < runs; i++) {
						const ran = run(limit, row, (bytes) => bytes <= real && random() >= pages);
						calls += ran.calls;
						refused += ran.refused;
					}
					return { calls, refused };
				};
				const noisy = [phase(before, 6, 0.01), phase(after, 6, 0.01)];
				for (const { calls, refused } of noisy) {
					expect(refused).toBeLessThanOrEqual(40 + calls / 8);
				}
				phase(after, 20, 0);
				const rows = Math.min(ROWS_PER_CALL, Math.floor((after / 1.4 - BASE) / row) - 1);
				const settled = run(limit, row, (bytes) => bytes <= after);
				const best = Math.ceil(2_000 / Math.max(1, rows));
				expect(settled.calls - settled.refused).toBeLessThanOrEqual(best + 1);
			}),
			{ numRuns: 50 },
		);
	});
});

describe('a short URL that is refused as well', () => {
	const refuse = (limit: UrlLimit, ...lengths: number[]) => {
		for (const bytes of lengths) limit.fail(limit.next(), bytes);
		limit.wrongAddress(limit.next());
	};

	test('takes back what was refused before it', () => {
		const limit = new UrlLimit();
		refuse(limit, 30_000, 15_000, 7_500);
		expect([limit.next(), limit.known()]).toEqual([Infinity, Infinity]);
	});

	test('and leaves what was learnt before the last that passed', () => {
		const limit = new UrlLimit();
		limit.fail(limit.next(), 16_000);
		limit.pass(limit.next(), 8_000);
		const known = limit.known();
		refuse(limit, 8_000, 8_000, 4_000);
		expect([known, limit.known()]).toEqual([8_000, 8_000]);
	});
});
