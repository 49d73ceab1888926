import fc from 'fast-check';

import { SAFE_URL_BYTES } from '../../../nodes/QccRadar/qcc/endpoints';
import { UrlLimit } from '../../../nodes/QccRadar/account/urlLimit';

/** "within this factor": the learned length against the real one. */
const FACTOR = 1.1;
/** Bytes of a row: a call that may have so many more ends up to this much below. */
const ROW = 100;

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
				const { limit, failures } = learn(real, natural, parallel, 40);
				if (natural <= real) {
					expect({ known: limit.known(), failures }).toEqual({ known: Infinity, failures: 0 });
					return;
				}
				expect(limit.known()).toBeLessThanOrEqual(real);
				expect(limit.known()).toBeGreaterThanOrEqual(real / FACTOR - ROW);
				const halvings = Math.ceil(Math.log2(natural / real));
				expect(failures).toBeLessThanOrEqual(halvings * parallel + 4);
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

	test('a server that takes less now is halved again', () => {
		limit.fail(8_000, 8_000);
		expect([limit.next(), limit.known()]).toEqual([4_000, 2_000]);
	});
});

test('a short call that passed keeps no other call short', () => {
	const limit = new UrlLimit();
	limit.pass(limit.next(), 300);
	limit.fail(limit.next(), 18_000);
	expect([limit.next(), limit.next(), limit.known()]).toEqual([10_000, 2_000, 2_000]);
});
