import type { Reply } from '../../../nodes/QccRadar/qcc/exchange';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import { Asked } from '../../../nodes/QccRadar/send/asked';
import { Centres } from '../../../nodes/QccRadar/send/centres';
import { FormedCalls } from '../../../nodes/QccRadar/send/formed';
import { Run } from '../../../nodes/QccRadar/send/run';
import {
	BLOCK,
	code,
	count,
	Executions,
	page,
	ROUND,
	tally,
	words,
	type Execution,
	type Pairs,
} from '../../harness/executions';
import { settingsOf } from '../../harness/settings';

let qcc: Executions['qcc'];
let together: Executions['together'];
beforeEach(() => {
	({ qcc, together } = new Executions());
});

describe('those who share a call go on apart where it fails', () => {
	test.each<[string, Reply, string]>([
		['QCC fails for', code(203), 'unknown'],
		['the server fails for', page(500), 'unknown'],
		['the way to QCC breaks for', { kind: 'broken', code: 'ECONNRESET' }, 'unknown'],
		['a gateway refuses', page(403), 'notSent'],
		['a gateway has a page of its own for', page(400), 'notSent'],
	])('a row that %s takes nobody along', async (_, reply, word) => {
		qcc.fault = ({ names }) => (names.includes('怪公司') ? { reply } : undefined);
		const others = count(30, (i): Execution => ({ pairs: [['138', `好${i}`]], grouping: 'user' }));
		const odd: Execution = { pairs: [['138', '怪公司']], grouping: 'user' };
		const results = await together(...BLOCK, odd, ...others);
		expect(results[5] && words(results[5])).toEqual([word]);
		expect(tally(results.slice(6))).toEqual({ ok: 30, rejected: 0, unknown: 0, notSent: 0 });
		expect(results.slice(6).every(({ failure }) => failure === null)).toBe(true);
		expect(qcc.calls.length).toBeLessThanOrEqual(5 + 4 + 5 * (4 + 1));
	});

	test.each<[string, Reply, number]>([
		['fails', page(502), 4],
		['is refused by a gateway', page(403), 1],
	])(
		'a user for whom every call %s costs no more for what goes through elsewhere',
		async (_, reply, sends) => {
			qcc.fault = ({ centre }) => (centre === '138' ? { reply } : undefined);
			const results = await together(
				...count(200, (i): Execution => ({ pairs: [['138', `公司${i}`]], grouping: 'user' })),
				{
					pairs: count(200, (i) => [`139${i}`, '好公司'] as const),
					grouping: 'user',
					settings: { maxConcurrency: 1 },
				},
			);
			expect(tally(results.slice(0, 200))).toMatchObject({ ok: 0, rejected: 0 });
			const calls = qcc.calls.filter(({ centre }) => centre === '138');
			expect(calls).toHaveLength((1 + 2 + 4) * sends);
		},
	);

	test('who is left alone in a call has its four sends, and no more for whom it was left by', async () => {
		qcc.fault = ({ centre }) => (centre === '138' ? { reply: page(502) } : undefined);
		let calls = 0;
		const cancel = new AbortController();
		qcc.watch = ({ centre }, event) => {
			// While the last of the four sends is under way.
			if (centre === '138' && event === 'comes' && ++calls === 4) cancel.abort();
		};
		const results = await together(
			...BLOCK,
			{ pairs: [['138', '甲公司']], grouping: 'user' },
			{ pairs: [['138', '乙公司']], grouping: 'user', settings: { cancel: cancel.signal } },
		);
		expect(results.slice(5).flatMap(words)).toEqual(['unknown', 'unknown']);
		expect(calls).toBe(4);
	});

	test('an odd row in each half takes nobody along either', async () => {
		qcc.fault = ({ names }) =>
			names.some((name) => name.startsWith('怪')) ? { reply: page(502) } : undefined;
		const others = count(30, (i): Execution => ({ pairs: [['138', `好${i}`]], grouping: 'user' }));
		const odd = (i: number): Execution => ({ pairs: [['138', `怪${i}`]], grouping: 'user' });
		const results = await together(...BLOCK, odd(0), ...others, odd(1));
		expect(tally(results.slice(5))).toEqual({ ok: 30, rejected: 0, unknown: 2, notSent: 0 });
	});

	test('where the server fails for all, a shared call is given up in quarters, not one by one', async () => {
		qcc.fault = () => ({ reply: page(502) });
		const results = await together(
			...count(200, (i): Execution => ({ pairs: [['138', `公司${i}`]], grouping: 'user' })),
		);
		expect(tally(results)).toEqual({ ok: 0, rejected: 0, unknown: 200, notSent: 0 });
		expect(qcc.calls).toHaveLength(4 + 2 * 4 + 4 * 4);
	});

	test('a small one does not wait for the bad rows of a large one, nor for its places', async () => {
		qcc.fault = ({ names }) =>
			names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
		const large: Pairs = count(199, (i) => ['138', `${i % 2 ? '坏' : '好'}${i}`] as const);
		const [own] = (
			await together(
				...BLOCK,
				{ pairs: [['138', '乙公司']], grouping: 'user' },
				{ pairs: large, grouping: 'user', settings: { maxConcurrency: 1 } },
			)
		).slice(5);
		expect(own && [words(own), own.at / ROUND]).toEqual([['ok'], 3]);
	});

	test.each([
		['which has good ones elsewhere', [['137', '好公司']] as const],
		['which has nothing else', []],
	])(
		'two hundred bad rows around a user of one, %s, and good ones of another in their calls',
		async (_, elsewhere) => {
			qcc.fault = ({ names }) =>
				names.some((name) => name.startsWith('坏')) ? { reply: code(215) } : undefined;
			const bad = count(195, (i) => ['138', `坏${i}`] as const);
			const good = count(5, (i) => ['138', `好${i}`] as const);
			const other = async (pairs: Pairs) => {
				const results = await together(
					{ pairs: [...bad, ...elsewhere], grouping: 'user' },
					...pairs.map((pair): Execution => ({ pairs: [pair], grouping: 'user' })),
					{ pairs, grouping: 'user' },
				);
				return results.slice(1).flatMap(words);
			};
			expect(await other(good)).toEqual(count(10, () => 'ok'));
		},
	);
});

describe('rows that belong together', () => {
	const centres = new Centres();
	const formed = new FormedCalls(centres);

	/** A run of so many rows around one user, and its rows. */
	function runOf(name: string, rows: number) {
		const pairs = new PairTable();
		for (let i = 0; i < rows; i++) pairs.add('138', `${name}${i}`);
		const run = new Run('assign', pairs, settingsOf({ maxConcurrency: 2 }));
		const asked = new Asked();
		const near = { runs: [], strays: [] };
		const own = count(rows, (pair) => asked.ask(run, pair, 'user', near));
		centres.open(run, own, false);
		const [list] = run.lists;
		if (!list) throw new Error('No list');
		centres.taken(list, rows);
		return { run, rows: own, group: list.group };
	}

	const formedBy = (...runs: Run[]) =>
		runs.map(({ formed: calls }) =>
			calls.map(({ rows }) => rows.map(({ company }) => company).join(' ')),
		);

	test.each([
		[1, 3, [['甲0'], ['乙0 乙1 乙2']]],
		[3, 1, [['甲0 甲1 甲2'], ['乙0']]],
		[2, 2, [['甲0 甲1'], ['乙0 乙1']]],
		[0, 3, [[], ['乙2', '乙0 乙1']]],
	])(
		'are refused: %d of one run and %d of another are parted, the most from the rest',
		(a, b, parts) => {
			const [one, other] = [runOf('甲', a || 1), runOf('乙', b)];
			const rows = [...one.rows.slice(0, a), ...other.rows];
			formed.halve(centres.newCall(other.group, rows));
			expect(formedBy(one.run, other.run)).toEqual(parts);
		},
	);

	test('are refused, and no run has half of them: in halves', () => {
		const [one, two, three] = [runOf('甲', 2), runOf('乙', 2), runOf('丙', 2)];
		formed.halve(centres.newCall(one.group, [...one.rows, ...two.rows, ...three.rows]));
		expect(formedBy(one.run, two.run, three.run)).toEqual([['甲0 甲1 乙0'], ['乙1 丙0 丙1'], []]);
	});
});
