import fc from 'fast-check';
import { sharedOutcome, type PairOutcome } from '../../../nodes/QccRadar/send/outcome';
import { toAssignAgain } from '../../../nodes/QccRadar/sync/again';
import type { Books, Standing } from '../../../nodes/QccRadar/sync/books';
import { holdRemovals } from '../../../nodes/QccRadar/sync/removals';
import { booksOf } from '../../harness/books';
import { finish } from '../../harness/finish';

const ok = (msg: string | null): PairOutcome => {
	return { outcome: 'ok', status: 200, msg, keyNo: null, reason: null };
};
const LOST = { status: null, msg: null, what: 'the connection broke', advice: 'Run again.' };
const unknown = sharedOutcome('unknown', LOST);
const notSent = sharedOutcome('notSent', LOST);
const rejected: PairOutcome = { ...ok('监控数量已达上限'), outcome: 'rejected', status: 500 };

/** Outcomes by `user word`. */
type Outcomes = Readonly<Record<string, PairOutcome>>;

/** What is assigned again, as `user word`, after these removals and assignments. */
function again(books: Books, removed: Outcomes, assigned: Outcomes = {}): string[] {
	const { pairs } = books;
	const nameOf = (pair: number) => `${pairs.loginName(pair)} ${pairs.company(pair)}`;
	for (let pair = 0; pair < pairs.size; pair++) {
		const [gone, come] = [removed[nameOf(pair)], assigned[nameOf(pair)]];
		if (gone) books.removed.set(pair, gone);
		if (come) books.assigned.set(pair, come);
	}
	return finish(toAssignAgain(books, finish(holdRemovals(books)))).map(nameOf);
}

/** User 1 loses company A, which users 2 and 3 keep by other words; B is kept. */
const moved = () =>
	booksOf(
		['1 乙', '2 甲码', '3 甲名', '3 乙'],
		['1 甲 A', '1 乙 B', '2 甲码 A', '3 甲名 A', '3 乙 B'],
	);

test.each([
	'删除成功',
	'删除成功。',
	'成功删除',
	'已删除',
	'关联数据删除成功',
	'删除员工关联关系成功',
])('%s ends an employee’s link: others keep the company', (msg) => {
	expect(again(moved(), { '1 甲': ok(msg) })).toEqual([]);
});

test.each<[string, PairOutcome]>([
	['取消关注', ok('取消关注成功')],
	['an answer without words', ok(null)],
	['a state that was so already', ok('未监控该公司')],
	['that, in a refusal', { ...ok('未监控该公司'), status: 500 }],
	['words that say both', ok('删除成功，取消关注成功')],
	['words that only hold 删除', ok('未监控该公司，无法删除')],
	['silence', unknown],
	['words that contradict their status', { ...unknown, status: 500, msg: '删除成功' }],
])('%s may end the company for everybody who keeps it', (_, removal) => {
	expect(again(moved(), { '1 甲': removal })).toEqual(['2 甲码', '3 甲名']);
});

test.each([
	['refused', rejected],
	['not sent', notSent],
])('a removal that was %s hits nothing', (_, removal) => {
	expect(again(moved(), { '1 甲': removal })).toEqual([]);
});

test('of the user who lost it, the company’s other word is assigned again, whatever the removal said', () => {
	const kept = ['1 甲码', '1 乙', '2 甲码'];
	const books = () => booksOf(kept, ['1 甲 A', '1 甲码 A', '1 乙 B', '2 甲码 A']);
	expect(again(books(), { '1 甲': ok('删除成功') })).toEqual(['1 甲码']);
	expect(again(books(), { '1 甲': unknown })).toEqual(['1 甲码', '2 甲码']);
});

test('a word without keyNo may have been hit, and a removal without one may have hit any', () => {
	const kept = ['1 丙', '2 丁', '2 乙'];
	const books = (removed: string) => booksOf(kept, [removed, '1 丙 C', '2 丁', '2 乙 B']);
	expect(again(books('1 甲 A'), { '1 甲': ok('取消关注成功') })).toEqual(['2 丁']);
	expect(again(books('1 甲'), { '1 甲': ok('取消关注成功') })).toEqual(kept);
	expect(again(books('1 甲'), { '1 甲': ok('删除成功') })).toEqual(['1 丙']);
});

test.each<[string, Standing, PairOutcome | undefined, string[]]>([
	['stood', true, undefined, ['2 甲码']],
	['was new and assigned', false, ok('保存成功'), ['2 甲码']],
	['was new and not answered', false, unknown, ['2 甲码']],
	['was new and refused', false, rejected, []],
	['was new and not sent', false, notSent, []],
	['was not known and assigned', null, ok('保存成功'), ['2 甲码']],
])('a desired row is assigned again where it may stand: it %s', (_, stands, answer, sent) => {
	const books = booksOf(['2 甲码'], ['1 甲 A', `2 甲码 A ${String(stands)}`]);
	const assigned: Outcomes = answer ? { '2 甲码': answer } : {};
	expect(again(books, { '1 甲': ok('取消关注成功') }, assigned)).toEqual(sent);
});

test('the ledger’s word is, where the desired one of its company was refused', () => {
	const books = () => booksOf(['2 甲码'], ['1 甲 A', '2 甲 A', '3 甲码 A']);
	const removed = { '1 甲': ok('取消关注成功'), '3 甲码': ok('删除成功') };
	expect(again(books(), removed, { '2 甲码': rejected })).toEqual(['2 甲']);
	expect(again(books(), removed, { '2 甲码': ok('保存成功') })).toEqual(['2 甲码']);
});

test('with keyNos known it is exactly what the rule says', () => {
	const all = ['1', '2', '3'].flatMap((user) =>
		['A', 'B'].flatMap((keyNo) => ['名', '码'].map((form) => ({ user, keyNo, form }))),
	);
	const fate = fc.constantFrom('absent', 'kept', '删除成功', '取消关注成功');
	fc.assert(
		fc.property(fc.tuple(...all.map(() => fate)), (fates) => {
			const rows = all.map(({ user, keyNo, form }, i) => {
				return { user, keyNo, name: `${user} ${keyNo}${form}`, fate: fates[i] ?? 'absent' };
			});
			const kept = rows.filter((one) => one.fate === 'kept');
			const gone = rows.filter((one) => one.fate.endsWith('成功'));
			const books = booksOf(
				kept.map(({ name }) => name),
				[...kept, ...gone].map(({ name, keyNo }) => `${name} ${keyNo}`),
			);
			const hit = kept.filter(({ user, keyNo }) =>
				gone
					.filter((one) => one.keyNo === keyNo)
					.some((one) => one.user === user || one.fate === '取消关注成功'),
			);
			const removed = Object.fromEntries(gone.map((one) => [one.name, ok(one.fate)]));
			expect(again(books, removed)).toEqual(hit.map(({ name }) => name));
		}),
	);
});
