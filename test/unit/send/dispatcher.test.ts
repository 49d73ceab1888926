import type { Reply } from '../../../nodes/QccRadar/qcc/exchange';
import type { Grouping } from '../../../nodes/QccRadar/read/request';
import {
	BLOCK,
	code,
	count,
	Executions,
	lastOf,
	ROUND,
	rounds,
	tally,
	words,
	type Execution,
	type Pairs,
} from '../../harness/executions';

let time: Executions['time'];
let qcc: Executions['qcc'];
let dispatcher: Executions['dispatcher'];
let execute: Executions['execute'];
let later: Executions['later'];
let alone: Executions['alone'];
let together: Executions['together'];
let cancelled: Executions['cancelled'];
beforeEach(() => {
	({ time, qcc, dispatcher, execute, later, alone, together, cancelled } = new Executions());
});

describe('executions that meet share calls', () => {
	test('300 for one user at once: two calls', async () => {
		const results = await together(
			...count(300, (i) => ({ pairs: [['138', `公司${i}`]] as const })),
		);
		expect(qcc.calls.map(({ names }) => names.length)).toEqual([200, 100]);
		expect(rounds(results)).toBe(1);
		expect(tally(results)).toEqual({ ok: 300, rejected: 0, unknown: 0, notSent: 0 });
		expect(qcc.ledger.size).toBe(300);
	});

	test('300 users of one company: around the company', async () => {
		const results = await together(
			...count(300, (i) => ({ pairs: [[`138${i}`, '甲公司']] as const })),
		);
		expect(qcc.calls.map(({ shape, names }) => [shape, names.length])).toEqual([['company', 300]]);
		expect(rounds(results)).toBe(1);
	});

	test('one by one, a millisecond apart: the first five leave at once, the others together', async () => {
		const results = await time.run(
			Promise.all(
				count(300, async (i) => {
					await time.sleep(i);
					return await execute({ pairs: [['138', `公司${i}`]] });
				}),
			),
		);
		expect(qcc.calls.map(({ names }) => names.length)).toEqual([1, 1, 1, 1, 1, 200, 95]);
		expect(tally(results)).toEqual({ ok: 300, rejected: 0, unknown: 0, notSent: 0 });
		expect(qcc.mostInFlight).toBe(5);
	});

	test('300 for ten users: a call for each', async () => {
		const results = await together(
			...count(300, (i) => ({ pairs: [[`138${i % 10}`, `公司${i}`]] as const })),
		);
		expect(qcc.calls).toHaveLength(10);
		expect(rounds(results)).toBe(2);
	});

	test('300 strangers: five at a time', async () => {
		const results = await together(
			...count(300, (i) => ({ pairs: [[`138${i}`, `公司${i}`]] as const })),
		);
		expect(qcc.calls).toHaveLength(300);
		// A place is left empty now and then, for other processes.
		expect(rounds(results)).toBeLessThanOrEqual(60 * 1.08);
		expect(qcc.mostInFlight).toBe(5);
	});

	test('a grouping by user is never sent around a company', async () => {
		await together(
			...count(20, (i) => ({ pairs: [[`138${i}`, '甲公司']] as const, grouping: 'user' as const })),
		);
		expect(new Set(qcc.calls.map(({ shape }) => shape))).toEqual(new Set(['user']));
		expect(qcc.calls).toHaveLength(20);
	});

	test('small ones go before the rest of a big one, and fill its last call', async () => {
		const big: Execution = { pairs: count(8_000, (i) => ['138', `公司${i}`] as const) };
		const small = count(50, (i): Execution => ({ pairs: [['139', `小${i}`]] }));
		const [, ...others] = await together(big, ...small);
		expect(rounds(others)).toBeLessThanOrEqual(4);
		expect(qcc.calls).toHaveLength(41);
		const late = await together(
			{ pairs: count(250, (i) => ['138', `新${i}`] as const) },
			...small.map(({ pairs }, i): Execution => ({
				pairs: [['138', `${pairs[0]?.[1] ?? ''}${i}`]],
			})),
		);
		expect(late.every(({ outcomes }) => outcomes.every(({ outcome }) => outcome === 'ok'))).toBe(
			true,
		);
	});

	test('a large run keeps its plan, and its last call takes others along', async () => {
		const first: Execution = { pairs: count(1_150, (i) => ['138', `公司${i}`] as const) };
		const [big, other] = await together(first, {
			pairs: count(40, (i) => ['138', `他${i}`] as const),
		});
		// Six calls for the 1,150, and the 40 are led by their own turn: 160 rows of the others join them.
		expect(qcc.calls.map(({ names }) => names.length).sort((a, b) => b - a)).toEqual([
			200, 200, 200, 200, 200, 190,
		]);
		expect([big?.calls, other?.calls]).toEqual([6, 1]);
	});

	test('of those who share the tighter batch size and URL length hold', async () => {
		const block = count(5, (i): Execution => ({ pairs: [['137', `占${i}`]], grouping: 'user' }));
		const wide: Execution = { pairs: count(150, (i) => ['138', `宽${i}`] as const) };
		const narrow: Execution = {
			pairs: count(10, (i) => ['138', `窄${i}`] as const),
			settings: { rowsPerCall: { user: 4, company: 4 } },
		};
		const short: Execution = {
			pairs: count(10, (i) => ['138', `短${i}`] as const),
			settings: { maxUrlBytes: 250 },
		};
		await together(...block, narrow, wide, short);
		for (const { names, bytes } of qcc.calls) {
			if (names.some((name) => name.startsWith('窄'))) expect(names.length).toBeLessThanOrEqual(4);
			if (names.some((name) => name.startsWith('短'))) expect(bytes + 20).toBeLessThanOrEqual(250);
		}
		expect(qcc.ledger.size).toBe(175);
	});

	test('the same pair is sent once where they meet, and answered to both', async () => {
		const [one, two] = await together(
			{ pairs: [['138', '甲公司']] },
			{
				pairs: [
					['138', '甲公司'],
					['138', '乙公司'],
				],
			},
		);
		expect([one, two].map((done) => done && words(done))).toEqual([['ok'], ['ok', 'ok']]);
		expect(qcc.calls.flatMap(({ names }) => names).sort()).toEqual(['乙公司', '甲公司'].sort());
	});

	test('opposite actions on one pair are never in flight together: they go in the order of asking', async () => {
		const flying = new Map<string, string>();
		qcc.watch = ({ action, centre }, event) => {
			if (event === 'ends') flying.delete(centre);
			else {
				expect(flying.get(centre) ?? action).toBe(action);
				flying.set(centre, action);
			}
		};
		const pair: Pairs = [['138', '甲公司']];
		await together(
			{ pairs: pair, grouping: 'user' },
			{ pairs: pair, grouping: 'user', action: 'unassign' },
			{ pairs: pair, grouping: 'user' },
		);
		expect(qcc.calls.map(({ action }) => action)).toEqual(['assign', 'unassign', 'assign']);
		expect([...qcc.ledger]).toEqual(['138 甲公司']);
	});
});

describe('each execution answers for its own rows alone', () => {
	test('a bad row of one is isolated, and costs the others no wrong word', async () => {
		qcc.fault = ({ names }) => (names.includes('坏公司') ? { reply: code(215) } : undefined);
		const others = count(30, (i): Execution => ({ pairs: [['138', `好${i}`]] }));
		const results = await together(...BLOCK, ...others, { pairs: [['138', '坏公司']] });
		expect(words(lastOf(results))).toEqual(['rejected']);
		expect(tally(results)).toEqual({ ok: 35, rejected: 1, unknown: 0, notSent: 0 });
	});

	test('a cancelled one is told at once, and the shared call goes on for the others', async () => {
		const cancel = new AbortController();
		void time.sleep(ROUND * 1.5).then(() => {
			cancel.abort();
		});
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']] },
			{
				pairs: [
					['138', '乙公司'],
					['999', '丙公司'],
				],
				settings: { cancel: cancel.signal },
			},
		);
		expect(results.slice(-2).map(words)).toEqual([['ok'], ['unknown', 'unknown']]);
		expect(lastOf(results).at).toBe(ROUND * 1.5);
		expect(qcc.ledger.has('138 乙公司')).toBe(true);
		expect(qcc.ledger.has('999 丙公司')).toBe(false);
	});

	test('a call that nobody waits for is ended', async () => {
		const cancel = new AbortController();
		void time.sleep(ROUND / 2).then(() => {
			cancel.abort();
		});
		const done = await alone({
			pairs: [['138', '甲公司']],
			settings: { cancel: cancel.signal },
		});
		expect(done).toMatchObject({ at: ROUND / 2, failure: null });
		expect(words(done)).toEqual(['unknown']);
		expect(qcc.ledger.size).toBe(0);
	});

	test('a shorter time-out takes out one’s own rows alone', async () => {
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']] },
			{ pairs: [['138', '乙公司']], settings: { timeout: 100, retryFor: 1_000 } },
		);
		expect(words(lastOf(results, 2))).toEqual(['ok']);
		expect(words(lastOf(results))).toEqual(['unknown']);
		expect(qcc.mostInFlight).toBeLessThanOrEqual(5);
	});

	test('a retry budget ends one’s own rows alone', async () => {
		let lost = 0;
		qcc.fault = ({ centre }) =>
			centre === '138' && lost++ < 3
				? { reply: { kind: 'broken', code: 'ECONNRESET' } }
				: undefined;
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']] },
			{ pairs: [['138', '乙公司']], settings: { retryFor: 1 } },
		);
		expect(words(lastOf(results, 2))).toEqual(['ok']);
		expect(words(lastOf(results))).toEqual(['unknown']);
	});

	test('what stops the account stops those in the call; the first cause is told', async () => {
		qcc.fault = ({ n }) => (n > 5 ? { reply: code(112, '当前账户购买额度已用完') } : undefined);
		const results = await together(...BLOCK, {
			pairs: [
				['138', '甲公司'],
				['137', '乙公司'],
			],
		});
		expect(lastOf(results).failure).toMatchObject({ stopped: true, reason: { status: 112 } });
		expect(words(lastOf(results))).toEqual(['notSent', 'notSent']);
	});
});

test('a query that failed is not sent anew beyond four times for a passing page of a URL too long', async () => {
	const page: Reply = { kind: 'http', status: 431, html: true, retryAfter: null };
	qcc.fault = ({ n }) => (n <= 3 ? { reply: code(999) } : n === 4 ? { reply: page } : undefined);
	const done = await alone({
		pairs: count(100, (i) => ['138', `一家名字很长的公司${i}`] as const),
		grouping: 'user',
	});
	expect(tally([done])).toEqual({ ok: 100, rejected: 0, unknown: 0, notSent: 0 });
	expect(qcc.calls.map(({ names }) => names.length)).toEqual([100, 100, 100, 100, 50, 50]);
});

test('a shared call goes on in halves for who is left, when another is cancelled before it does', async () => {
	const page: Reply = { kind: 'http', status: 431, html: true, retryAfter: null };
	const names = count(100, (i) => `一家名字很长的公司${i}`);
	const cancel = new AbortController();
	qcc.fault = ({ centre, n }) => {
		if (centre !== '138' || n > 9) return undefined;
		if (n < 9) return { reply: code(999) };
		// While the page is under way, after three sends that may have taken effect.
		void time.sleep(ROUND / 2).then(() => {
			cancel.abort();
		});
		return { reply: page };
	};
	const results = await together(
		...count(5, (i): Execution => ({ pairs: [[`13${i}`, `占${i}`]], grouping: 'user' })),
		{ pairs: names.slice(0, 60).map((name) => ['138', name]), grouping: 'user' },
		{
			pairs: names.slice(60).map((name) => ['138', name]),
			grouping: 'user',
			settings: { cancel: cancel.signal },
		},
	);
	expect(qcc.calls.slice(5).map((call) => call.names.length)).toEqual([100, 100, 100, 100, 30, 30]);
	expect(tally(results.slice(5, 6))).toEqual({ ok: 60, rejected: 0, unknown: 0, notSent: 0 });
	expect(tally(results.slice(6))).toEqual({ ok: 0, rejected: 0, unknown: 40, notSent: 0 });
	expect([dispatcher.isIdle, time.isIdle]).toEqual([true, true]);
});

test('five are five after a cut to a URL limit', async () => {
	const done = await together({
		pairs: count(200, (i) => ['138', `一家名字很长的公司${i}`] as const),
		settings: { maxUrlBytes: 2_000 },
	});
	expect(qcc.mostInFlight).toBe(5);
	expect(rounds(done)).toBe(Math.ceil(qcc.calls.length / 5));
});

describe('a large run, of which others ask for the same', () => {
	const LARGE = count(3_000, (i) => [`138${i % 3}`, `公司${i}`] as const);
	const after = async (ms: number, execution: Execution) => {
		await time.sleep(ms);
		return await execute(execution);
	};

	test('it is sent once, and told to both', async () => {
		const [large, first, last] = await time.run(
			Promise.all([
				execute({ pairs: LARGE }),
				execute({ pairs: [['1380', '公司0']] }),
				execute({ pairs: [['1382', '公司2999']] }),
			]),
		);
		expect(tally([large])).toEqual({ ok: 3_000, rejected: 0, unknown: 0, notSent: 0 });
		expect([first, last].map(words)).toEqual([['ok'], ['ok']]);
		const names = qcc.calls.flatMap((call) => call.names);
		expect(names.length - new Set(names).size).toBeLessThanOrEqual(1);
	});

	test('it may be cancelled: who has joined its rows keeps them', async () => {
		const cancel = new AbortController();
		const large = execute({ pairs: LARGE, settings: { cancel: cancel.signal } });
		const small = execute({ pairs: [['1380', '公司0']] });
		cancel.abort();
		const [ended, kept] = await time.run(Promise.all([large, small]));
		expect(tally([ended])).toEqual({ ok: 0, rejected: 0, unknown: 0, notSent: 3_000 });
		expect(words(kept)).toEqual(['ok']);
		expect(qcc.calls.map((call) => call.names)).toEqual([['公司0']]);
	});

	test('a call that it joined counts as one of its own, and may stop it: nothing more of it is sent', async () => {
		qcc.fault = () => ({ reply: code(112) });
		const [stopped, ended] = await time.run(
			Promise.all([
				execute({ pairs: [['1382', '公司2']] }),
				after(1, { pairs: LARGE, settings: { maxConcurrency: 1 } }),
			]),
		);
		expect([stopped, ended].map((one) => one.failure?.stopped)).toEqual([true, true]);
		expect(tally([ended])).toEqual({ ok: 0, rejected: 0, unknown: 0, notSent: 3_000 });
		expect([qcc.calls.length, ended.calls]).toEqual([1, 1]);
	});

	test('what is asked for later goes later, however far the first run has come', async () => {
		const users = count(20, (i) => [`138${i}`, '甲公司'] as const);
		const [, last] = await time.run(
			Promise.all([
				execute({ pairs: users, grouping: 'user' }),
				after(ROUND - 1, { pairs: users, action: 'unassign', grouping: 'user' }),
			]),
		);
		expect(words(last)).toEqual(users.map(() => 'ok'));
		expect([...qcc.ledger]).toEqual([]);
		for (const [user] of users) {
			const actions = qcc.calls.filter(({ centre }) => centre === user).map(({ action }) => action);
			expect(actions).toEqual(['assign', 'unassign']);
		}
	});
});

describe('a call that hangs for others', () => {
	const BLOCK = count(5, (i): Execution => ({ pairs: [[`13${i}`, `占${i}`]] }));
	const PATIENT: Execution = { pairs: [['138', '甲']] };
	beforeEach(() => {
		qcc.latencyOf = ({ centre, at }) => (centre === '138' && at < 2_000 ? 60_000 : ROUND);
	});

	test('takes no place of who waits for it no longer', async () => {
		const settings = { timeout: 2_000, maxConcurrency: 1, retryFor: 10_000 };
		const hasty: Execution = {
			pairs: [
				['138', '乙'],
				['139', '丙'],
			],
			grouping: 'user',
			settings,
		};
		const results = await together(...BLOCK, PATIENT, hasty);
		const { outcomes, at } = lastOf(results);
		expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
		expect(at).toBeLessThan(4_000);
	});

	test('is left together by those who wait as long: they share the next as well', async () => {
		const hasty = count(100, (i): Execution => {
			return { pairs: [['138', `乙${i}`]], settings: { timeout: 10_000 } };
		});
		const results = await together(...BLOCK, PATIENT, ...hasty);
		expect(qcc.calls.slice(5).map(({ names }) => names.length)).toEqual([101, 100]);
		expect(tally(results.slice(6))).toEqual({ ok: 100, rejected: 0, unknown: 0, notSent: 0 });
		expect(results.slice(6).map(({ calls }) => calls)).toEqual(hasty.map(() => 2));
		expect(Math.max(...results.slice(6).map(({ at }) => at))).toBeLessThan(12_000);
	});

	test('a row that two of them wait for goes on once', async () => {
		const hasty: Execution = { pairs: [['138', '乙']], settings: { timeout: 10_000 } };
		const results = await together(...BLOCK, PATIENT, hasty, hasty);
		expect(qcc.calls.slice(5).map(({ names }) => names)).toEqual([['甲', '乙'], ['乙']]);
		expect(tally(results.slice(6))).toEqual({ ok: 2, rejected: 0, unknown: 0, notSent: 0 });
	});

	test('who joins it in flight waits as long as for a call of its own', async () => {
		const late = { ...PATIENT, settings: { timeout: 1_000, retryFor: 5_000 } };
		const [patient, hasty] = await time.run(Promise.all([execute(PATIENT), later(100, late)]));
		expect([words(patient), patient.at]).toEqual([['ok'], 60_000]);
		expect([words(hasty), hasty.calls]).toEqual([['ok'], qcc.calls.length]);
		expect(hasty.at).toBeLessThan(6_000);
	});

	test('and retries it for no longer than its own time', async () => {
		qcc.latencyOf = () => 60_000;
		const late = { ...PATIENT, settings: { timeout: 1_000, retryFor: 500 } };
		const [, hasty] = await time.run(Promise.all([execute(PATIENT), later(100, late)]));
		expect([words(hasty), hasty.at]).toEqual([['unknown'], 1_100]);
	});
});

test.each([
	['in flight', 100],
	['that waits', 0],
])('who asks around the user joins no row %s that goes around the company', async (_, ms) => {
	const late = (grouping: Grouping) => later(ms, { pairs: [['138', '甲公司']], grouping });
	const company: Execution = {
		pairs: [
			['138', '甲公司'],
			['139', '甲公司'],
		],
		grouping: 'company',
	};
	const block = count(ms > 0 ? 0 : 5, (i): Execution => ({ pairs: [[`13${i}`, `占${i}`]] }));
	const results = await time.run(
		Promise.all([...block.map(execute), execute(company), late('fewest'), late('user')]),
	);
	expect(qcc.calls.slice(block.length).map(({ shape, names }) => [shape, names])).toEqual([
		['company', ['138', '139']],
		['user', ['甲公司']],
	]);
	expect(words(lastOf(results))).toEqual(['ok']);
});

test('who asks around the user joins a row around the user in flight, whatever its plan', async () => {
	const asking = async () => {
		await time.sleep(100);
		return await execute({ pairs: [['138', '甲公司']], grouping: 'user' });
	};
	const [, second] = await time.run(
		Promise.all([execute({ pairs: [['138', '甲公司']] }), asking()]),
	);
	expect([qcc.calls.length, words(second), second.at]).toEqual([1, ['ok'], ROUND]);
});

test('a row that waits behind its opposite goes around the user, once somebody asks for it so', async () => {
	const at = async (ms: number, execution: Execution) => {
		await time.sleep(ms);
		return await execute(execution);
	};
	await time.run(
		Promise.all([
			execute({ pairs: [['138', '甲公司']], action: 'unassign' }),
			at(50, {
				pairs: [
					['138', '甲公司'],
					['139', '甲公司'],
				],
				grouping: 'company',
			}),
			at(100, { pairs: [['138', '甲公司']], grouping: 'user' }),
		]),
	);
	expect(qcc.calls.map(({ action, shape, centre }) => `${action} ${shape} ${centre}`)).toEqual([
		'unassign user 138',
		'assign company 甲公司',
		'assign user 138',
	]);
});

test('no timer is left when the last run is over', async () => {
	qcc.fault = ({ n }) => (n === 1 ? { reply: { kind: 'broken', code: 'ECONNRESET' } } : undefined);
	const cancel = new AbortController();
	void time.sleep(ROUND + 1).then(() => {
		cancel.abort();
	});
	const done = await alone({
		pairs: [['138', '甲公司']],
		settings: { cancel: cancel.signal },
	});
	expect(words(done)).toEqual(['unknown']);
	expect(dispatcher.isIdle).toBe(true);
	expect(time.isIdle).toBe(true);
});

describe('what is in flight binds, though nobody waits for it any more', () => {
	test('the opposite waits for a row that was cancelled in a call which goes on for others', async () => {
		await time.run(
			Promise.all([
				...BLOCK.map(execute),
				execute({ pairs: [['138', '甲公司']] }),
				execute({ pairs: [['138', '乙公司']], settings: { cancel: cancelled(ROUND * 1.2) } }),
				later(ROUND * 1.5, { pairs: [['138', '乙公司']], action: 'unassign' }),
			]),
		);
		expect(qcc.calls.slice(5).map(({ action, at }) => [action, at])).toEqual([
			['assign', ROUND],
			['unassign', ROUND * 2],
		]);
		expect(qcc.ledger.has('138 乙公司')).toBe(false);
	});

	test('it waits for a call whose only run was cancelled: QCC may carry it out yet', async () => {
		qcc.carriesOutWhatIsEnded = true;
		const pair: Pairs = [['138', '甲公司']];
		const results = await time.run(
			Promise.all([
				execute({ pairs: pair, settings: { cancel: cancelled(200) } }),
				later(100, { pairs: pair, action: 'unassign' }),
			]),
		);
		expect(results.map((done) => [words(done), done.at])).toEqual([
			[['unknown'], 200],
			[['ok'], ROUND * 2],
		]);
		expect([...qcc.ledger]).toEqual([]);
	});

	test('and no longer than somebody waits for it', async () => {
		qcc.latencyOf = () => 10_000;
		const pair: Pairs = [['138', '甲公司']];
		const results = await time.run(
			Promise.all([
				execute({ pairs: pair, settings: { cancel: cancelled(200) } }),
				later(100, { pairs: pair, action: 'unassign', settings: { cancel: cancelled(400) } }),
			]),
		);
		expect(results.map((done) => [words(done), done.at])).toEqual([
			[['unknown'], 200],
			[['notSent'], 400],
		]);
		expect(time.isIdle).toBe(true);
		expect(dispatcher.isIdle).toBe(true);
	});

	test('what is asked for afresh joins no call that left before', async () => {
		const pair: Pairs = [['138', '甲公司']];
		const [first, second] = await time.run(
			Promise.all([
				execute({ pairs: pair }),
				later(100, { pairs: pair, settings: { afresh: true } }),
			]),
		);
		expect([first, second].map((done) => [words(done), done.at])).toEqual([
			[['ok'], ROUND],
			[['ok'], 100 + ROUND],
		]);
		expect(qcc.calls).toHaveLength(2);
	});

	test('it waits for the last calls of a run that has failed', async () => {
		qcc.fault = ({ centre }) => (centre === '停' ? { reply: code(112) } : undefined);
		qcc.latencyOf = ({ centre }) => (centre === '慢' ? 10_000 : ROUND);
		const pair = ['慢', '甲公司'] as const;
		const [failed, other] = await time.run(
			Promise.all([
				execute({ pairs: [pair, ['停', '乙公司']], grouping: 'user' }),
				later(1_000, { pairs: [pair], grouping: 'user', action: 'unassign' }),
			]),
		);
		expect([failed, other].map((done) => [words(done), done.at])).toEqual([
			[['ok', 'notSent'], 10_000],
			[['ok'], 20_000],
		]);
		expect([...qcc.ledger]).toEqual([]);
	});

	test('it waits for both where a shorter time-out has taken a row out of a call', async () => {
		qcc.latencyOf = ({ n }) => (n > 5 ? (n > 6 ? 600 : 2_000) : ROUND);
		await time.run(
			Promise.all([
				...BLOCK.map(execute),
				execute({ pairs: [['138', '甲公司']] }),
				execute({ pairs: [['138', '甲公司']], settings: { timeout: 1_500 } }),
				later(ROUND * 1.5, { pairs: [['138', '甲公司']], action: 'unassign' }),
			]),
		);
		const [shared, own, opposite] = qcc.calls.slice(5);
		expect([shared, own, opposite].map((call) => call?.action)).toEqual([
			'assign',
			'assign',
			'unassign',
		]);
		const ends = [(shared?.at ?? 0) + 2_000, (own?.at ?? 0) + 600];
		expect(own?.at).toBeLessThan(ends[0] ?? 0);
		expect(opposite?.at).toBe(Math.max(...ends));
	});

	test('a call is ended when the last who waited for it has timed out', async () => {
		qcc.latencyOf = ({ n }) => (n > 5 ? 10_000 : ROUND);
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']], settings: { cancel: cancelled(ROUND + 100) } },
			{ pairs: [['138', '乙公司']], settings: { timeout: 200, retryFor: 1 } },
		);
		expect(results.slice(5).map((done) => [words(done), done.at])).toEqual([
			[['unknown'], ROUND + 100],
			[['unknown'], ROUND + 200],
		]);
		expect(time.isIdle).toBe(true);
		expect(qcc.ledger.has('138 乙公司')).toBe(false);
	});

	test('rows that rest after a time-out of their own leave no timer behind', async () => {
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']] },
			{
				pairs: [['138', '乙公司']],
				settings: { timeout: 299, cancel: cancelled(ROUND * 2 - 1 + 0.01) },
			},
		);
		expect(results.slice(5).map(words)).toEqual([['ok'], ['unknown']]);
		expect(lastOf(results).at).toBe(ROUND * 2 - 1 + 0.01);
		expect(time.isIdle).toBe(true);
	});
});

test('the tighter limits hold for who has joined a row of another as well', async () => {
	const pairs = count(20, (i) => ['138', `公司${i}`] as const);
	await together(
		...count(5, (i): Execution => ({ pairs: [[`13${i}`, `占${i}`]], grouping: 'user' })),
		{ pairs, grouping: 'user' },
		{
			pairs: pairs.slice(15),
			grouping: 'user',
			settings: { rowsPerCall: { user: 2, company: 2 } },
		},
	);
	for (const { names } of qcc.calls) {
		if (pairs.slice(15).some(([, name]) => names.includes(name))) {
			expect(names.length).toBeLessThanOrEqual(2);
		}
	}
	expect(qcc.calls.slice(5).flatMap(({ names }) => names)).toHaveLength(20);
});

test('a row in doubt stays in doubt when its run is given up', async () => {
	qcc.fault = ({ n, centre }) =>
		centre === '疑' && n === 1
			? { reply: { kind: 'broken', code: 'ECONNRESET' }, done: true }
			: { reply: code(500) };
	// It is asked about again before the others are refused.
	qcc.latencyOf = ({ centre }) => (centre === '疑' ? 100 : 1_000);
	const done = await alone({
		pairs: [['疑', '甲公司'], ...count(2_000, (i) => [`13${i % 10}`, `公司${i}`] as const)],
		grouping: 'user',
	});
	expect(tally([done])).toEqual({ ok: 0, rejected: 0, unknown: 1, notSent: 2_000 });
	expect(words(done)[0]).toBe('unknown');
});

test('who joins a call in flight counts it as its own', async () => {
	const results = await time.run(
		Promise.all([
			execute({ pairs: [['138', '甲公司']] }),
			time.sleep(ROUND / 2).then(() => execute({ pairs: [['138', '甲公司']] })),
		]),
	);
	expect(results.map(({ calls, at }) => [calls, at])).toEqual([
		[1, ROUND],
		[1, ROUND],
	]);
	expect(qcc.calls).toHaveLength(1);
});

test('a pair that is under way twice is not twice in a call', async () => {
	const pair: Pairs = [['138', '甲公司']];
	const results = await together(
		...BLOCK,
		{ pairs: pair },
		{ pairs: [...pair, ['138', '乙公司']], grouping: 'user' },
		{ pairs: pair, settings: { afresh: true } },
	);
	for (const { names } of qcc.calls) expect(new Set(names).size).toBe(names.length);
	expect(results.slice(5).map(words)).toEqual([['ok'], ['ok', 'ok'], ['ok']]);
});
