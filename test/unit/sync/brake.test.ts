import fc from 'fast-check';
import type { Books } from '../../../nodes/QccRadar/sync/books';
import {
	allRemovals,
	brake,
	sureRemovals,
	type Removals,
} from '../../../nodes/QccRadar/sync/brake';
import { holdRemovals } from '../../../nodes/QccRadar/sync/removals';
import { booksOf } from '../../harness/books';
import { finish } from '../../harness/finish';

/** What either look sees by what is known so far. */
function looks(books: Books): { first: Removals; second: Removals } {
	const holds = finish(holdRemovals(books));
	return { first: sureRemovals(books, holds), second: allRemovals(books, holds) };
}

const stops = (count: number, current: number, most: number) =>
	brake({ count, current }, most, 'Nothing was sent.') !== null;

describe('more than the percentage stops, as much as the percentage does not', () => {
	test.each([
		[0, 0, 30, false],
		[0, 10, 0, false],
		[1, 1000, 0, true],
		[3, 10, 30, false],
		[4, 10, 30, true],
		[3000, 10_000, 30, false],
		[3001, 10_000, 30, true],
		[1, 3, 33, true],
		[1, 3, 34, false],
		[5, 1000, 0.5, false],
		[6, 1000, 0.5, true],
		[99, 100, 99, false],
		[100, 100, 99, true],
		[100, 100, 99.9, true],
		[100, 100, 100, false],
		[57, 10_000, 0.57, false],
		[58, 10_000, 0.57, true],
		[201, 10_000, 2.01, false],
		[1, 0, 100, false],
	])('%i of %i at %d %%: %p', (count, current, most, stopped) => {
		expect(stops(count, current, most)).toBe(stopped);
	});
});

test('it says how far the run came, both counts, and how to allow it', () => {
	expect(brake({ count: 4, current: 10 }, 30, 'Nothing was sent.')).toEqual({
		status: null,
		msg: null,
		what: 'the sync would remove 4 of the 10 current assignments, more than the 30 % that “Max Removals” allows',
		advice:
			'Nothing was sent. See whether the Desired input is complete. If these removals are meant, raise “Max Removals”; 100 allows any number.',
	});
});

test('Current is its distinct pairs that stand or are not known', () => {
	const ledger = ['1 甲', '1 甲', '1 乙', '1 丙 - null', '1 丁 - false', '2 甲'];
	// Rows that disagree know nothing.
	const disagreeing = ['2 乙', '2 乙 - false'];
	const books = booksOf(['1 甲', '1 新'], [...ledger, ...disagreeing]);
	expect(looks(books).second).toEqual({ count: 4, current: 5 });
});

test('the first look passes over users who gain a word, and over nobody else', () => {
	const ledger = ['1 甲名', '1 乙名', '2 丙', '2 丁', '3 甲名', '3 戊 - null'];
	expect(looks(booksOf(['1 甲码', '2 丙'], ledger))).toEqual({
		first: { count: 3, current: 6 },
		second: { count: 5, current: 6 },
	});
});

test('names that turn into codes are no removals once their keyNos are told; an empty Desired is all', () => {
	const ids = Array.from({ length: 10 }, (_, i) => i);
	const ledger = ids.map((i) => `1 公司${i}`);
	const none = { count: 0, current: 10 };
	const all = { count: 10, current: 10 };
	const books = booksOf(
		ids.map((i) => `1 91${i}`),
		ledger,
	);
	expect(looks(books)).toEqual({ first: none, second: all });
	books.pairs.companies.forEach((word, i) => {
		books.words.tell(i, `K${word.slice(-1)}`);
	});
	expect(looks(books)).toEqual({ first: none, second: none });
	expect(looks(booksOf([], ledger))).toEqual({ first: all, second: all });
});

test('it never lets more removals through than its percentage, whatever the inputs', () => {
	const name = fc
		.tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom('甲', '乙', '丙', '丁'))
		.map((names) => names.join(' '));
	const entry = fc.tuple(name, fc.constantFrom('true', 'false', 'null'));
	const most = fc.integer({ min: 0, max: 99 });
	fc.assert(
		fc.property(fc.array(name), fc.array(entry), most, (desired, entries, percent) => {
			const said = entries.filter(([, stands]) => stands !== 'false').map(([one]) => one);
			const lost = new Set(said.filter((one) => !desired.includes(one)));
			const ledger = entries.map(([one, stands]) => `${one} - ${stands}`);
			const { count, current } = looks(booksOf(desired, ledger)).second;
			expect({ count, current }).toEqual({ count: lost.size, current: new Set(said).size });
			const allowed = Math.floor((current * percent) / 100);
			expect(stops(count, current, percent)).toBe(lost.size > allowed);
		}),
	);
});
