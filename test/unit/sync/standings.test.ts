import fc from 'fast-check';
import {
	sharedOutcome,
	type OutcomeWord,
	type PairOutcome,
} from '../../../nodes/QccRadar/send/outcome';
import type { Standing } from '../../../nodes/QccRadar/sync/books';
import { holdRemovals } from '../../../nodes/QccRadar/sync/removals';
import { standings } from '../../../nodes/QccRadar/sync/standings';
import { booksOf } from '../../harness/books';
import { finish } from '../../harness/finish';

const LOST = { status: null, msg: null, what: 'the connection broke', advice: 'Run again.' };
const said = (msg: string, status = 200): PairOutcome => {
	const outcome = status === 200 ? 'ok' : 'rejected';
	return { outcome, status, msg, keyNo: null, reason: null };
};
const OUTCOMES: Readonly<Record<OutcomeWord, PairOutcome>> = {
	ok: said('删除成功'),
	rejected: said('监控数量已达上限', 500),
	unknown: sharedOutcome('unknown', LOST),
	notSent: sharedOutcome('notSent', LOST),
};
const { ok, rejected, unknown, notSent } = OUTCOMES;
/** A removal that may have ended the company for everybody. */
const unfollowed = said('取消关注成功');

/** Outcomes of a step by `user word`. */
type Step = Readonly<Record<string, PairOutcome>>;
type Steps = Partial<Record<'assigned' | 'removed' | 'again', Step>>;

/** What the ledger should hold, by `user word`. */
function standingsOf(
	desired: readonly string[],
	ledger: readonly string[],
	steps: Steps = {},
): Record<string, Standing> {
	const books = booksOf(desired, ledger);
	for (const step of ['assigned', 'removed', 'again'] as const) {
		for (const [name, outcome] of Object.entries(steps[step] ?? {})) {
			const [user = '', word = ''] = name.split(' ');
			books[step].set(books.pairs.find(user, word) ?? -1, outcome);
		}
	}
	const result = finish(standings(books, finish(holdRemovals(books))));
	const { pairs } = books;
	return Object.fromEntries(
		result.map((standing, pair) => [`${pairs.loginName(pair)} ${pairs.company(pair)}`, standing]),
	);
}

/** What becomes of a row, by the outcome of what was last sent of it. */
const byOutcome = (standingAfter: (outcome: PairOutcome) => Standing | undefined) =>
	Object.fromEntries(
		Object.entries(OUTCOMES).map(([word, outcome]) => [word, standingAfter(outcome)]),
	);

describe('a desired row', () => {
	test.each<[Standing, Record<OutcomeWord, Standing>]>([
		[false, { ok: true, rejected: false, unknown: null, notSent: false }],
		[null, { ok: true, rejected: null, unknown: null, notSent: null }],
	])('that was %p in the ledger, once it is assigned: %j', (stands, expected) => {
		const ledger = [`1 甲 A ${String(stands)}`];
		const after = (outcome: PairOutcome) =>
			standingsOf(['1 甲'], ledger, { assigned: { '1 甲': outcome } })['1 甲'];
		expect(byOutcome(after)).toEqual(expected);
	});

	test('that a removal may have ended is as it was answered when it was assigned again', () => {
		const after = (outcome: PairOutcome) => {
			const steps = { removed: { '1 甲': unfollowed }, again: { '2 甲': outcome } };
			const result = standingsOf(['2 甲', '2 乙'], ['1 甲 A', '2 甲 A', '2 乙 B'], steps);
			expect(result).toEqual({ '2 甲': result['2 甲'], '2 乙': true, '1 甲': false });
			return result['2 甲'];
		};
		expect(byOutcome(after)).toEqual({ ok: true, rejected: null, unknown: null, notSent: null });
	});
});

describe('a row that is only in Current', () => {
	test.each<[Standing, Record<OutcomeWord, Standing>]>([
		[true, { ok: false, rejected: null, unknown: null, notSent: true }],
		[null, { ok: false, rejected: null, unknown: null, notSent: null }],
	])('that was %p in the ledger, once it is removed: %j', (stands, expected) => {
		const ledger = [`1 甲 A ${String(stands)}`];
		const after = (outcome: PairOutcome) =>
			standingsOf([], ledger, { removed: { '1 甲': outcome } })['1 甲'];
		expect(byOutcome(after)).toEqual(expected);
	});

	test.each<[Standing, Record<OutcomeWord, Standing>]>([
		[true, { ok: false, rejected: true, unknown: true, notSent: true }],
		[null, { ok: false, rejected: null, unknown: null, notSent: null }],
	])('that was %p and names the company of a row that is assigned: %j', (stands, expected) => {
		// The ledger knows the new word by another user.
		const ledger = [`1 甲 A ${String(stands)}`, '2 甲码 A'];
		const after = (outcome: PairOutcome) =>
			standingsOf(['1 甲码', '2 甲码'], ledger, { assigned: { '1 甲码': outcome } })['1 甲'];
		expect(byOutcome(after)).toEqual(expected);
	});

	test('that names the company of two desired rows is another word of the one that is true', () => {
		const ledger = ['1 甲 A', '2 甲码 A', '2 原甲 A'];
		const assigned = { '1 甲码': rejected, '1 原甲': ok };
		const desired = ['1 甲码', '1 原甲', '2 甲码', '2 原甲'];
		expect(standingsOf(desired, ledger, { assigned })['1 甲']).toBe(false);
	});

	test('that waits, and that another’s removal may have ended, is not known', () => {
		const after = (removal: PairOutcome) =>
			standingsOf(['2 新'], ['1 甲 A', '2 甲 A', '2 乙 B'], {
				assigned: { '2 新': unknown },
				removed: { '1 甲': removal },
			});
		const rest = { '2 新': null, '1 甲': false, '2 乙': true };
		expect(after(unfollowed)).toEqual({ ...rest, '2 甲': null });
		expect(after(ok)).toEqual({ ...rest, '2 甲': true });
	});

	test('that was removed is not known while another word of its company, assigned again, is not', () => {
		const ledger = ['1 甲 A', '1 甲码 A', '1 乙 B'];
		const removed = { '1 甲': ok, '1 乙': ok };
		const after = (outcome: PairOutcome) =>
			standingsOf(['1 甲码'], ledger, { removed, again: { '1 甲码': outcome } });
		expect(after(unknown)).toEqual({ '1 甲码': null, '1 甲': null, '1 乙': false });
		expect(after(ok)).toEqual({ '1 甲码': true, '1 甲': false, '1 乙': false });
	});

	test('that was assigned again, for its desired word was refused, is as that was answered', () => {
		const steps = { assigned: { '2 甲码': rejected }, removed: { '1 甲': unfollowed } };
		const after = (outcome: PairOutcome) =>
			standingsOf(['2 甲码'], ['1 甲 A', '2 甲 A', '3 甲码 A false'], {
				...steps,
				again: { '2 甲': outcome },
			})['2 甲'];
		expect(byOutcome(after)).toEqual({ ok: true, rejected: null, unknown: null, notSent: null });
	});
});

test('a run that sends nothing keeps Current’s value of every row', () => {
	const name = fc
		.tuple(fc.constantFrom('1', '2'), fc.constantFrom('甲', '乙', '丙'))
		.map((names) => names.join(' '));
	const standing = fc.constantFrom(true, false, null);
	fc.assert(
		fc.property(fc.array(name), fc.dictionary(name, standing), (desired, before) => {
			const known = Object.entries(before).map(([one, stands]) => `${one} - ${String(stands)}`);
			const unsent = (names: string[]) =>
				Object.fromEntries(names.map((one) => [one, notSent] as const));
			const steps = {
				assigned: unsent(desired.filter((one) => before[one] !== true)),
				removed: unsent(
					Object.keys(before).filter((one) => before[one] !== false && !desired.includes(one)),
				),
			};
			const wished = Object.fromEntries(desired.map((one) => [one, false]));
			expect(standingsOf(desired, known, steps)).toEqual({ ...wished, ...before });
		}),
	);
});
