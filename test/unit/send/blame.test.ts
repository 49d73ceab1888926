import {
	code,
	count,
	Executions,
	lastOf,
	ROUND,
	tally,
	words,
	type Execution,
	type Pairs,
} from '../../harness/executions';
import type { SendResult } from '../../../nodes/QccRadar/send/outcome';

let dispatcher: Executions['dispatcher'];
let time: Executions['time'];
let qcc: Executions['qcc'];
let execute: Executions['execute'];
let alone: Executions['alone'];
let together: Executions['together'];
beforeEach(() => {
	({ dispatcher, time, qcc, execute, alone, together } = new Executions());
});

const adviceOf = ({ outcomes }: SendResult) => [
	...new Set(outcomes.flatMap(({ reason }) => reason?.advice ?? [])),
];

describe('a refusal that is not the rows’', () => {
	test('2,000 rows, all refused with 500: about a hundred calls, and nothing is said of a row', async () => {
		qcc.fault = () => ({ reply: code(500) });
		const done = await alone({
			pairs: count(2_000, (i) => [`13${i % 10}`, `公司${i}`] as const),
			grouping: 'user',
		});
		expect(qcc.calls.length).toBeLessThanOrEqual(120);
		expect(tally([done])).toEqual({ ok: 0, rejected: 0, unknown: 0, notSent: 2_000 });
		expect(adviceOf(done)).toEqual([
			'QCC refused row after row with this code and accepted none, so the rows are not the cause. Ask QCC support (400-928-2212, kf@qichacha.com).',
		]);
		expect(done.failure).toMatchObject({ stopped: true, reason: { status: 500 } });
	});

	test('refused as if for their centres: all of it is notSent, what was said to be bad as well', async () => {
		const answer = { code: 500, msg: '登录名不存在', rows: null };
		qcc.fault = () => ({ reply: { kind: 'answer', answer, skew: null, retryAfter: null } });
		const done = await alone({
			pairs: count(450, (i) => [`138${i % 150}`, `公司${i}`] as const),
			grouping: 'user',
		});
		expect(tally([done])).toEqual({ ok: 0, rejected: 0, unknown: 0, notSent: 450 });
		expect(qcc.calls.length).toBeLessThanOrEqual(120);
	});

	test('300 executions of one row, all refused with 500: given up by the same sign', async () => {
		qcc.fault = () => ({ reply: code(500) });
		const results = await together(
			...count(300, (i): Execution => ({ pairs: [['138', `公司${i}`]], grouping: 'user' })),
		);
		expect(qcc.calls.length).toBeLessThanOrEqual(200);
		const { ok, rejected, unknown, notSent } = tally(results);
		expect({ ok, unknown, all: (rejected ?? 0) + (notSent ?? 0) }).toEqual({
			ok: 0,
			unknown: 0,
			all: 300,
		});
		expect(notSent).toBeGreaterThan(150);
	});

	test('others’ bad rows do not stop an execution that has good ones', async () => {
		qcc.fault = ({ names }) =>
			names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
		const bad = (i: number): Execution => ({ pairs: [[`137${i}`, `坏${i}`]], grouping: 'user' });
		const mixed: Pairs = [
			['138', '坏公司'],
			['138', '好公司'],
			['139', '好公司'],
		];
		const results = await together(
			...count(104, bad),
			{ pairs: mixed, grouping: 'user' },
			...count(40, (i) => bad(200 + i)),
		);
		expect(results[104] && words(results[104])).toEqual(['rejected', 'ok', 'ok']);
	});

	test.each(count(6, (i) => i))(
		'row %i fails while others are refused: it is sent four times at most',
		async (odd) => {
			qcc.fault = ({ names }) =>
				names.length === 1 && names[0] === `坏${odd}`
					? { reply: { kind: 'broken', code: 'ECONNRESET' } }
					: { reply: code(215) };
			await alone({ pairs: count(60, (i) => ['138', `坏${i}`] as const), grouping: 'user' });
			const single = qcc.calls.filter(({ names }) => names.join() === `坏${odd}`);
			expect(single.length).toBeLessThanOrEqual(4);
		},
	);

	test('a few rows alone, all bad: each is rejected', async () => {
		qcc.fault = () => ({ reply: code(215) });
		const done = await alone({
			pairs: count(25, (i) => ['138', `公司${i}`] as const),
			grouping: 'user',
		});
		expect(tally([done])).toEqual({ ok: 0, rejected: 25, unknown: 0, notSent: 0 });
	});

	test('a bad centre beside good ones: about twenty of its rows alone, none said to be bad', async () => {
		qcc.fault = ({ centre }) => (centre === '坏公司' ? { reply: code(500) } : undefined);
		const good = count(40, (i) => count(20, (j) => [`13${i}${j}`, `好公司${i}`] as const)).flat();
		const bad = count(500, (i) => [`1${i}`, '坏公司'] as const);
		const done = await alone({ pairs: [...bad, ...good], grouping: 'company' });
		expect(tally([done])).toEqual({ ok: 800, rejected: 0, unknown: 0, notSent: 500 });
		expect(adviceOf(done)).toEqual([
			'QCC refused user after user for one company with this code and accepted none, though it answered other rows: the company is the likelier cause. Check its name in QCC, or ask QCC support (400-928-2212, kf@qichacha.com).',
		]);
		const single = qcc.calls.filter(
			({ centre, names }) => centre === '坏公司' && names.length === 1,
		);
		expect(single.length).toBeLessThanOrEqual(25);
		expect(qcc.calls.length).toBeLessThanOrEqual(40 + 90);
	});

	test('a few poisoned rows among good ones are isolated one by one', async () => {
		const poisoned = new Set(['公司7', '公司8', '公司150']);
		qcc.fault = ({ names }) =>
			names.some((name) => poisoned.has(name)) ? { reply: code(215) } : undefined;
		const done = await alone({
			pairs: count(200, (i) => ['138', `公司${i}`] as const),
			grouping: 'user',
		});
		expect(tally([done])).toEqual({ ok: 197, rejected: 3, unknown: 0, notSent: 0 });
	});

	test('thirty poisoned rows in a row, and good ones behind them: each by itself', async () => {
		qcc.fault = ({ names }) =>
			names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
		const pairs = count(200, (i) => ['138', i < 30 ? `坏${i}` : `好${i}`] as const);
		const done = await alone({ pairs, grouping: 'user' });
		expect(tally([done])).toEqual({ ok: 170, rejected: 30, unknown: 0, notSent: 0 });
	});
});

test('bad rows beside good ones of their own run say nothing of another run’s', async () => {
	qcc.fault = ({ names }) =>
		names.some((n) => n.startsWith('坏')) ? { reply: code(215) } : undefined;
	const bad = count(1_100, (i) => ['138', i < 1_000 ? `好${i}` : `坏${i}`] as const);
	const good = [...count(49, (i) => ['139', `好乙${i}`] as const), ['139', '坏乙'] as const];
	const late = async () => {
		await time.sleep(9_000);
		return await execute({ pairs: good });
	};
	const [first, second] = await time.run(Promise.all([execute({ pairs: bad }), late()]));
	expect(tally([first])).toEqual({ ok: 1_000, rejected: 100, unknown: 0, notSent: 0 });
	expect(tally([second])).toEqual({ ok: 49, rejected: 1, unknown: 0, notSent: 0 });
	expect(second.failure).toBeNull();
});

test('a bad centre of 300 executions beside good ones: about twenty of its rows alone', async () => {
	qcc.fault = ({ centre }) => (centre === '138' ? { reply: code(500) } : undefined);
	const results = await together(
		...count(300, (i): Execution => {
			const good = [`139${i % 40}`, `好${i}`] as const;
			return { pairs: [['138', `公司${i}`], good], grouping: 'user' };
		}),
	);
	const { ok, rejected, unknown, notSent } = tally(results);
	expect({ ok, unknown, all: (rejected ?? 0) + (notSent ?? 0) }).toEqual({
		ok: 300,
		unknown: 0,
		all: 300,
	});
	const single = qcc.calls.filter(({ centre, names }) => centre === '138' && names.length === 1);
	expect(single.length).toBeLessThanOrEqual(25);
	expect(notSent).toBeGreaterThan(270);
});

test('refused calls that wait for another run’s rows go on when that run is cancelled', async () => {
	qcc.fault = ({ centre }) => (centre === '坏' ? { reply: code(500) } : undefined);
	qcc.latencyOf = ({ centre }) => (centre === '慢' ? 100_000 : ROUND);
	const cancel = new AbortController();
	void time.sleep(30_000).then(() => {
		cancel.abort();
	});
	const [, waiting] = await together(
		{
			pairs: [['慢', '甲公司'], ...count(5, (i) => ['坏', `乙${i}`] as const)],
			grouping: 'user',
			settings: { maxConcurrency: 1, cancel: cancel.signal },
		},
		{ pairs: count(60, (i) => ['坏', `公司${i}`] as const), grouping: 'user' },
	);
	expect(waiting && words(waiting)).toEqual(count(60, () => 'notSent'));
	expect(dispatcher.isIdle).toBe(true);
});

describe('refusals one after the other', () => {
	const bad = (i: number): Execution => ({ pairs: [[`137${i}`, `坏${i}`]], grouping: 'user' });
	const good = (i: number): Execution => ({ pairs: [[`139${i}`, `好${i}`]], grouping: 'user' });
	const oneAfterTheOther = (executions: readonly Execution[]) =>
		time.run(
			(async () => {
				const results: SendResult[] = [];
				for (const execution of executions) results.push(await execute(execution));
				return results;
			})(),
		);

	test('of a hundred executions the hundredth is told that it is not the rows, and not before', async () => {
		qcc.fault = () => ({ reply: code(215) });
		const keep = execute({ pairs: [['138', '久公司']], settings: { timeout: 3_600_000 } });
		qcc.latencyOf = ({ n }) => (n === 1 ? 3_000_000 : ROUND);
		const results = await oneAfterTheOther(count(101, bad));
		await time.run(keep);
		expect(results.flatMap(words)).toEqual([...count(99, () => 'rejected'), 'notSent', 'notSent']);
	});

	test('are counted anew once something goes through, or for another code', async () => {
		qcc.fault = ({ names }) =>
			names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
		const keep = execute({ pairs: [['138', '久公司']], settings: { timeout: 3_600_000 } });
		qcc.latencyOf = ({ n }) => (n === 1 ? 3_000_000 : ROUND);
		const through = await oneAfterTheOther([...count(60, bad), good(0), ...count(60, bad)]);
		qcc.fault = ({ n }) => ({ reply: code(n % 2 ? 215 : 213) });
		const others = await oneAfterTheOther(count(120, bad));
		await time.run(keep);
		expect(tally([...through, ...others])).toEqual({
			ok: 1,
			rejected: 240,
			unknown: 0,
			notSent: 0,
		});
	});
});

test('a bad user beside good ones: its rows say so', async () => {
	qcc.fault = ({ centre }) => (centre === '138' ? { reply: code(500) } : undefined);
	const bad = count(100, (i) => ['138', `公司${i}`] as const);
	const done = await alone({ pairs: [...bad, ['139', '好公司']], grouping: 'user' });
	expect(tally([done])).toEqual({ ok: 1, rejected: 0, unknown: 0, notSent: 100 });
	expect(adviceOf(done)).toEqual([
		'QCC refused company after company for one login name with this code and accepted none, though it answered other rows: the login name is the likelier cause. Check it in QCC, or ask QCC support (400-928-2212, kf@qichacha.com).',
	]);
});

test('whether a centre is the cause is not said before the run’s other rows are answered', async () => {
	// The other user's calls are refused at first, and go through at last.
	qcc.fault = ({ centre, n }) => (centre === '138' || n < 60 ? { reply: code(500) } : undefined);
	const bad = count(100, (i) => ['138', `公司${i}`] as const);
	const slow = count(100, (i) => ['139', `好${i}`] as const);
	const done = await alone({
		pairs: [...bad, ...slow],
		grouping: 'user',
		settings: { maxConcurrency: 1 },
	});
	expect(words(done).slice(0, 100)).toEqual(count(100, () => 'notSent'));
	expect(words(done).slice(150)).toEqual(count(50, () => 'ok'));
});

test.each([
	[2, '登录名不存在'],
	[1, '登录名不存在'],
	[2, null],
	[6, null],
])(
	'300 executions of %d rows, all refused (%s): given up after a bounded number of calls',
	async (rows, msg) => {
		qcc.fault = () => ({ reply: code(500, msg) });
		const results = await together(
			...count(300, (i): Execution => ({
				pairs: count(rows, (j) => [`138${i}`, `公司${j}`] as const),
				grouping: 'user',
			})),
		);
		expect(tally(results)).toMatchObject({ ok: 0, unknown: 0 });
		expect(tally(results).notSent).toBeGreaterThanOrEqual(100 * rows);
		expect(qcc.calls.length).toBeLessThanOrEqual(550);
	},
);

test('rows that many ask for are counted once: others’ good ones around the user are sent', async () => {
	qcc.fault = ({ names }) =>
		names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
	const bad = count(3, (i) => ['138', `坏${i}`] as const);
	const results = await together(
		...count(25, (): Execution => ({ pairs: bad, grouping: 'user' })),
		{
			pairs: [
				['138', '好公司'],
				['137', '好公司'],
			],
			grouping: 'user',
		},
	);
	expect(words(lastOf(results))).toEqual(['ok', 'ok']);
});
