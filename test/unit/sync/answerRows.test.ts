import type { LedgerRow } from '../../../nodes/QccRadar/read/ledger';
import type { InputProblem } from '../../../nodes/QccRadar/read/rows';
import { sharedOutcome, type PairOutcome } from '../../../nodes/QccRadar/send/outcome';
import { rowsOf, type SyncedRow } from '../../../nodes/QccRadar/sync/answerRows';
import type { Books, Standing } from '../../../nodes/QccRadar/sync/books';
import { holdRemovals } from '../../../nodes/QccRadar/sync/removals';
import { booksOf } from '../../harness/books';
import { finish } from '../../harness/finish';

const EMPTY: InputProblem = {
	parameter: 'Company',
	what: 'is empty',
	loginName: '1',
	company: null,
};

const rows = (books: Books, assigned: readonly Standing[] = books.stood) =>
	finish(rowsOf(books, finish(holdRemovals(books)), assigned));

/** A row of Desired that stands as it stood, where no field says otherwise. */
function row(loginName: string | null, keyWord: string | null, fields: Partial<SyncedRow> = {}) {
	return {
		item: 0,
		input: 0,
		problem: null,
		loginName,
		keyWord,
		action: 'none',
		outcome: 'unchanged',
		status: null,
		msg: 'Already as desired',
		keyNo: null,
		reason: null,
		assigned: true,
		asBefore: true,
		...fields,
	};
}

const DEAD = { status: 112, msg: '余额不足', what: 'the quota is used up', advice: 'Buy quota.' };
const saved: PairOutcome = {
	outcome: 'ok',
	status: 200,
	msg: '保存成功',
	keyNo: 'A',
	reason: null,
};

test('each row of Desired is answered, then each of Current that is not desired, in input order', () => {
	const books = booksOf(
		['1 甲', EMPTY, '2 乙', '1 甲'],
		[
			['3 丁', { keyNo: 'D' }],
			['1 甲'],
			[EMPTY, { stands: null, keyNo: 'E' }],
			['3 丙', { stands: false }],
			['3 丁', { keyNo: 'D' }],
		],
	);
	books.assigned.set(1, { ...saved, keyNo: null });
	const waits = {
		action: 'unassign',
		outcome: 'notSent',
		msg: null,
		keyNo: 'D',
		reason: {
			status: null,
			msg: null,
			what: 'nothing is removed while rows of the Desired input cannot be read',
			advice: 'Correct these rows, and run the workflow again.',
		},
		asBefore: false,
	} as const;
	const unread = { problem: EMPTY, outcome: 'notSent', msg: null, asBefore: false } as const;
	const assign = { action: 'assign', outcome: 'ok', status: 200, msg: '保存成功' } as const;
	expect(rows(books, [true, true, true])).toEqual([
		row('1', '甲'),
		row('1', null, { item: 1, ...unread, assigned: false }),
		row('2', '乙', { item: 2, ...assign, asBefore: false }),
		row('1', '甲', { item: 3 }),
		row('3', '丁', { input: 1, ...waits }),
		row('1', null, { item: 2, input: 1, ...unread, keyNo: 'E', assigned: null }),
		row('3', '丁', { item: 4, input: 1, ...waits }),
	]);
});

test('a row that answers Current repeats its own spelling, one that cannot be read too', () => {
	const spelling = { loginName: '+86 138', keyWord: ' 甲' };
	const books = booksOf(
		[],
		[['138 甲', { spelling }], [EMPTY, { spelling: { loginName: ' 1', keyWord: '' } }], ['138 甲']],
	);
	const names = rows(books).map(({ loginName, keyWord }) => [loginName, keyWord]);
	expect(names).toEqual([
		['+86 138', ' 甲'],
		[' 1', ''],
		['138', '甲'],
	]);
});

const removed: PairOutcome = { ...saved, msg: '删除成功' };
const refused: PairOutcome = { ...saved, outcome: 'rejected', status: 500, msg: '已达上限' };
const unknown = sharedOutcome('unknown', DEAD);
const notSent = sharedOutcome('notSent', DEAD);

/** Outcomes of the first pair, which is desired, and of the second, which is not. */
type Steps = Partial<Record<'assigned' | 'again' | 'removed', PairOutcome>>;

test.each<[string, Steps, string]>([
	['assigned', { assigned: saved }, 'assign ok 200 保存成功'],
	['assigned without an answer', { assigned: unknown }, 'assign unknown 112 null, quota'],
	['not sent', { assigned: notSent }, 'assign notSent 112 null, quota'],
	['assigned again', { assigned: saved, again: refused }, 'assign rejected 500 已达上限'],
	[
		'hit by a removal, and not sent again: it may stand or not',
		{ assigned: saved, again: notSent },
		'assign unknown 112 null, quota',
	],
	['removed', { removed }, 'unassign ok 200 删除成功'],
	['not removed', { removed: notSent }, 'unassign notSent 112 null, quota'],
])('a row tells what was last sent of it: %s', (_, steps, expected) => {
	const books = booksOf(['1 甲'], [['1 甲', { stands: null }], ['2 乙']]);
	if (steps.assigned) books.assigned.set(0, steps.assigned);
	if (steps.again) books.again.set(0, steps.again);
	if (steps.removed) books.removed.set(1, steps.removed);
	const told = rows(books).map(({ action, outcome, status, msg, reason }) => {
		const why = reason === DEAD ? ', quota' : '';
		return `${action} ${outcome} ${String(status)} ${String(msg)}${why}`;
	});
	expect(told[steps.removed ? 1 : 0]).toBe(expected);
});

test('another word of a company that stays is not removed, and names a word that stays', () => {
	const books = booksOf(['1 甲码', '1 原甲'], [['1 甲名', { keyNo: 'A' }]]);
	books.assigned.set(0, refused);
	books.assigned.set(1, saved);
	for (const word of [0, 1]) books.words.tell(word, 'A');
	expect(rows(books, [false, true, false])[2]).toEqual(
		row('1', '甲名', {
			input: 1,
			msg: 'Same company as “原甲”, which stays',
			keyNo: 'A',
			assigned: false,
			asBefore: false,
		}),
	);
});

test('a keyNo that any call of the run told is told, before the ledger’s, to every row of the word', () => {
	const books = booksOf(
		['1 甲', '1 乙', '1 丙'],
		[['2 甲'], ['1 乙', { keyNo: 'B' }], ['1 丙', { keyNo: 'C' }]],
	);
	books.words.tell(0, 'A');
	books.words.tell(1, 'B2');
	expect(rows(books).map(({ keyNo }) => keyNo)).toEqual(['A', 'B2', 'C', 'A']);
});

test.each<[string, Partial<LedgerRow>, string | null, Standing, boolean]>([
	['stands as it stood', { keyNo: 'A' }, null, true, true],
	['has a keyNo that is told again', { keyNo: 'A' }, 'A', true, true],
	['has a keyNo that is newly told', {}, 'A', true, false],
	['has another keyNo', { keyNo: 'A' }, 'B', true, false],
	['was not known', { keyNo: 'A', stands: null }, null, true, false],
	['is not known any more', { keyNo: 'A' }, null, null, false],
	['is to leave the ledger', { keyNo: 'A' }, null, false, false],
])('what the ledger has to learn of a row that %s', (_, fields, told, assigned, asBefore) => {
	const books = booksOf(['1 甲'], [['1 甲', fields]]);
	if (told !== null) books.words.tell(0, told);
	expect(rows(books, [assigned]).map((one) => one.asBefore)).toEqual([asBefore]);
});
