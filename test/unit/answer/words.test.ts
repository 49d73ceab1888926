import { unfitRow, type AnsweredRow } from '../../../nodes/QccRadar/answer/rows';
import {
	msgOf,
	progress,
	summaryOf,
	totals,
	warning,
	whatHappened,
	type Effort,
} from '../../../nodes/QccRadar/answer/words';
import type { Reason } from '../../../nodes/QccRadar/qcc/verdict';
import { finish } from '../../harness/finish';

const DONE: AnsweredRow = {
	item: 0,
	input: 0,
	problem: null,
	loginName: '13800138000',
	keyWord: '甲公司',
	action: 'assign',
	outcome: 'ok',
	status: 200,
	msg: '保存成功',
	keyNo: null,
	reason: null,
};
const QUOTA: Reason = {
	status: 112,
	msg: '当前账户购买额度已用完',
	what: 'QCC answered with code 112: the account’s quota is used up',
	advice: 'Buy quota in QCC Pro.',
};
const LOST: Reason = {
	status: null,
	msg: null,
	what: 'the connection broke (ECONNRESET)',
	advice: 'Run the workflow again.',
};
const UNKNOWN_USER: Reason = {
	status: 500,
	msg: '登录名不存在',
	what: 'QCC answered with code 500: the interface met a logic error',
	advice: 'Check the row.',
};
const REJECTED = { ...DONE, outcome: 'rejected', status: 500, msg: '登录名不存在' } as const;

const EMPTY = 'is empty: the item has “phone”';
const unfit = (item: number, what: string): AnsweredRow =>
	unfitRow(item, { parameter: 'Company', what, loginName: '138', company: null });

const rows = (count: number, fields: Partial<AnsweredRow> = {}): AnsweredRow[] =>
	Array.from({ length: count }, () => ({ ...DONE, ...fields }));
const summary = (...all: AnsweredRow[][]) => finish(summaryOf(all.flat(), []));
const RUN: Effort = { calls: 11, ms: 1_949, dryRun: false, removalsAtMost: false };

describe('totals', () => {
	test('name what was done, and what was not, in thousands', () => {
		const all = summary(
			rows(296),
			rows(4, { action: 'unassign' }),
			rows(9_700, { action: 'none', outcome: 'unchanged' }),
			rows(1, REJECTED),
			rows(2, { outcome: 'unknown', reason: LOST, msg: null }),
			rows(3, { outcome: 'notSent', reason: QUOTA, msg: null }),
		);
		expect(totals(all, RUN)).toBe(
			'Assigned 296, removed 4, unchanged 9,700, rejected 1, unknown 2, not sent 3, in 11 calls, 1.9 s',
		);
		expect(progress(all)).toBe(
			'Rows done: 300, rejected: 1, unknown: 2, not sent: 3, unchanged: 9700.',
		);
	});

	test('of a dry run say what would be done, and where it is a bound', () => {
		const all = summary(
			rows(2, { outcome: 'planned' }),
			rows(5, { outcome: 'planned', action: 'unassign' }),
		);
		const dry = { ...RUN, calls: 1, dryRun: true };
		expect(totals(all, dry)).toBe('Would assign 2, would remove 5, in 1 call');
		expect(totals(all, { ...dry, removalsAtMost: true })).toBe(
			'Would assign 2, would remove at most 5, in 1 call',
		);
	});

	test('of nothing', () => {
		expect(totals(summary(), { ...RUN, calls: 0, ms: 4 })).toBe('Nothing to do, in 0 calls, 0.0 s');
	});
});

describe('the warning', () => {
	test('counts unfit input by what is wrong, whichever items have it, and says once what helps', () => {
		const all = summary(
			[3, 5, 8].map((item) => unfit(item, EMPTY)),
			[7, 9].map((item) => unfit(item, 'is shorter than 2 characters')),
			[unfit(4, 'has an expression that failed: no node: “Nowhere”')],
		);
		expect(warning(all)).toBe(
			'Not done: 6 of 6 rows. “Company” is empty (3); “Company” is shorter than 2 characters (2); “Company” has an expression that failed (1). The item has “phone”. No node: “Nowhere”.',
		);
	});

	test('is none where all was done', () => {
		expect(warning(summary(rows(2), rows(1, { outcome: 'unchanged' })))).toBeNull();
	});

	test('counts a cause once, whether it came for a row or for a call of rows', () => {
		const all = summary(
			rows(2, REJECTED),
			rows(3, { ...REJECTED, msg: null, reason: UNKNOWN_USER }),
		);
		expect(warning(all)).toBe('Not done: 5 of 5 rows. 登录名不存在 (5)');
	});

	test('tells QCC’s code, and what to do once', () => {
		const all = summary(
			rows(1_000, { outcome: 'notSent', reason: QUOTA, msg: null, status: 112 }),
			rows(7, { outcome: 'unknown', reason: LOST, msg: null }),
		);
		expect(warning(all)).toBe(
			'Not done: 1,007 of 1,007 rows. QCC answered with code 112: the account’s quota is used up (当前账户购买额度已用完) (1,000); The connection broke (ECONNRESET) (7). Buy quota in QCC Pro. Run the workflow again.',
		);
	});

	test('names three causes, and counts the others', () => {
		const all = summary(
			...['甲', '乙', '丙', '丁', '戊'].map((msg, i) => rows(5 - i, { ...REJECTED, msg })),
		);
		expect(warning(all)).toBe('Not done: 15 of 15 rows. 甲 (5); 乙 (4); 丙 (3); 2 other causes');
	});
});

test('a row’s msg is short: QCC’s words, or a clause with the code, and never advice', () => {
	expect(msgOf(DONE, [])).toBe('保存成功');
	expect(msgOf({ ...DONE, msg: null, reason: QUOTA }, [])).toBe('当前账户购买额度已用完');
	expect(msgOf({ ...DONE, msg: null, reason: LOST }, [])).toBe('The connection broke (ECONNRESET)');
	expect(msgOf({ ...DONE, msg: null }, [])).toBeNull();
	expect(msgOf(unfit(3, EMPTY), [])).toBe('“Company” is empty');
	expect(msgOf({ ...unfit(3, EMPTY), input: 1 }, ['Desired', 'Current'])).toBe(
		'“Company” of Current is empty',
	);
});

test('what happened is told with QCC’s own words', () => {
	expect(whatHappened(QUOTA)).toBe(
		'QCC answered with code 112: the account’s quota is used up (当前账户购买额度已用完)',
	);
	expect(whatHappened(LOST)).toBe('The connection broke (ECONNRESET)');
});
