import {
	backoff,
	nextStep,
	type Attempted,
	type Step,
} from '../../../nodes/QccRadar/send/nextStep';
import type { Reason, Verdict } from '../../../nodes/QccRadar/qcc/verdict';

const REASON: Reason = { status: 202, msg: null, what: 'it failed', advice: 'Do something.' };
const CALL: Attempted = {
	action: 'assign',
	shape: 'user',
	rows: 200,
	bytes: 5_000,
	sends: 0,
	failures: 0,
	enoughAlone: false,
};

const step = (verdict: Verdict, call: Partial<Attempted> = {}, random = 0.5): Step =>
	nextStep({ ...CALL, ...call }, verdict, random);
const about = (msg: string): Reason => ({ ...REASON, msg });

test('rows are answered one by one, whatever the call has been through', () => {
	const rows = [{ echo: '甲公司', status: 200, msg: null, keyNo: null }];
	expect(step({ kind: 'rows', rows }, { sends: 3, failures: 9 })).toEqual({ kind: 'answer', rows });
});

test('what stops the account stops the runs', () => {
	expect(step({ kind: 'stop', page: true, reason: REASON, rows: null })).toEqual({
		kind: 'stop',
		page: true,
		reason: REASON,
	});
	expect(step({ kind: 'stop', reason: REASON, rows: null })).toEqual({
		kind: 'stop',
		reason: REASON,
	});
});

test('a throttled call is no failed one, and waits for Retry-After', () => {
	expect(
		step({ kind: 'throttled', reason: REASON, retryAfter: 2_000, rows: null }, { sends: 3 }),
	).toEqual({
		kind: 'yield',
		after: 2_000,
		reason: REASON,
	});
	expect(step({ kind: 'throttled', reason: REASON, retryAfter: null, rows: null })).toEqual({
		kind: 'yield',
		after: 0,
		reason: REASON,
	});
});

test('a call that may have been carried out is sent four times at most, one that cannot again and again', () => {
	const sent: Verdict = { kind: 'retry', reason: REASON, sent: true, retryAfter: null, rows: null };
	const again = { kind: 'again', sent: true, reason: REASON };
	expect(step(sent)).toEqual({ ...again, after: 250 });
	expect(step(sent, { sends: 1, failures: 1 })).toEqual({ ...again, after: 500 });
	expect(step(sent, { sends: 2, failures: 2 })).toEqual({ ...again, after: 1_000 });
	expect(step(sent, { sends: 3, failures: 3 })).toEqual({
		kind: 'giveUp',
		sent: true,
		reason: REASON,
	});
	const unsent: Verdict = {
		kind: 'retry',
		reason: REASON,
		sent: false,
		retryAfter: null,
		rows: null,
	};
	expect(step(unsent, { sends: 3, failures: 90 })).toEqual({
		kind: 'again',
		after: 15_000,
		sent: false,
		reason: REASON,
	});
	expect(step(unsent, { sends: 4 })).toEqual({ kind: 'giveUp', sent: false, reason: REASON });
});

test('a call is not sent again before Retry-After', () => {
	const verdict: Verdict = {
		kind: 'retry',
		reason: REASON,
		sent: true,
		retryAfter: 7_000,
		rows: null,
	};
	expect(step(verdict)).toMatchObject({ kind: 'again', after: 7_000 });
});

test('a locked query is refused for what is not its rows’ fault', () => {
	expect(step({ kind: 'locked', reason: REASON, rows: null }, { rows: 200 })).toEqual({
		kind: 'leave',
		reason: REASON,
	});
});

test('a URL that is too long is shortened, down to one row', () => {
	const verdict: Verdict = { kind: 'tooLong', reason: REASON };
	expect(step(verdict, { bytes: 2_000, rows: 2 })).toEqual({ kind: 'shorten', reason: REASON });
	expect(step(verdict, { bytes: 2_000, rows: 1 })).toEqual({ kind: 'leave', reason: REASON });
});

test('a short URL that is called too long is a wrong address', () => {
	const verdict: Verdict = { kind: 'tooLong', reason: REASON };
	const after = step(verdict, { bytes: 1_999, rows: 1 });
	expect(after).toEqual({
		kind: 'stop',
		page: true,
		reason: {
			...REASON,
			what: 'the server refused a short URL with HTTP 202',
			advice: expect.stringContaining('Base URL') as string,
		},
	});
});

describe('a refusal for the rows', () => {
	const refused: Verdict = { kind: 'badRow', reason: REASON };

	test('is halved until the row stands alone', () => {
		expect(step(refused, { rows: 2 })).toEqual({ kind: 'halve', reason: REASON });
		expect(step(refused, { rows: 1 })).toEqual({ kind: 'reject', reason: REASON });
	});

	test('of the centre is not halved: it is theirs all', () => {
		const reason = about('登录名不存在');
		expect(step({ kind: 'badRow', reason }, { rows: 200 })).toEqual({ kind: 'reject', reason });
		expect(step({ kind: 'badRow', reason }, { rows: 200, shape: 'company' })).toEqual({
			kind: 'halve',
			reason,
		});
	});

	test('waits for others once so many rows around its centre were refused alone', () => {
		expect(step(refused, { enoughAlone: true })).toEqual({ kind: 'park', reason: REASON });
		expect(step(refused, { enoughAlone: true, rows: 1 })).toEqual({
			kind: 'reject',
			reason: REASON,
		});
	});
});

test.each([
	[1, 500],
	[2, 1_000],
	[3, 2_000],
	[6, 16_000],
	[7, 30_000],
	[60, 30_000],
	[5_000, 30_000],
])('after %d failures the wait is anything up to %d ms', (failures, most) => {
	expect([0, 0.5, 1].map((random) => backoff(failures, random))).toEqual([0, most / 2, most]);
});

describe('a code for the whole call whose words say that it is so already', () => {
	const told = (action: 'assign' | 'unassign', msg: string, rows: number) =>
		step({ kind: 'badRow', reason: { ...about(msg), status: 500 } }, { action, rows });

	test.each([
		['assign', '该公司已监控'],
		['unassign', '未监控该公司'],
	] as const)('%s, %s: the row that it held alone is answered by it', (action, msg) => {
		const row = { echo: null, status: 500, msg, keyNo: null };
		expect(told(action, msg, 1)).toEqual({ kind: 'answer', rows: [row] });
	});

	test('of several rows nothing tells for which it holds', () => {
		expect(told('assign', '该公司已监控', 2).kind).toBe('halve');
	});

	test('of the other action it is a refusal', () => {
		expect(told('unassign', '该公司已监控', 1).kind).toBe('reject');
	});
});
