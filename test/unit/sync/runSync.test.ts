import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import type { LedgerRow } from '../../../nodes/QccRadar/read/ledger';
import type { Standing, SyncInput } from '../../../nodes/QccRadar/sync/books';
import { planSync } from '../../../nodes/QccRadar/sync/planSync';
import type { Sender } from '../../../nodes/QccRadar/send/sender';
import { runSync, type Synced } from '../../../nodes/QccRadar/sync/runSync';
import { sharedOutcome, type PairOutcome } from '../../../nodes/QccRadar/send/outcome';
import type { Reason } from '../../../nodes/QccRadar/qcc/verdict';
import { paced, realTiming } from '../../../nodes/QccRadar/timing';

type Wish = readonly [user: string, word: string] | null;
type Entry = readonly [user: string, word: string, keyNo?: string | null, stands?: Standing];

function inputOf(desired: readonly Wish[], ledger: readonly Entry[]): SyncInput {
	const wanted = new PairTable();
	const current = new PairTable();
	return {
		desired: {
			rows: desired.map((wish, item) => ({
				item,
				pair: wish
					? wanted.add(...wish)
					: { parameter: 'Company', what: 'is empty', loginName: '1', company: null },
			})),
			pairs: wanted,
		},
		current: {
			rows: ledger.map(([user, word, keyNo = null, stands = true], item): LedgerRow => {
				return { item, pair: current.add(user, word), stands, keyNo };
			}),
			pairs: current,
		},
	};
}

const DEAD: Reason = {
	status: 112,
	msg: '余额不足',
	what: 'the account is out of quota',
	advice: 'Buy.',
};
const LOST: Reason = {
	status: null,
	msg: null,
	what: 'the connection broke',
	advice: 'Run again.',
};
const OK = { assign: '保存成功', unassign: '删除成功' };

/** `action user word`, and what becomes of it in place of `ok`, each time or time after time. */
type Answer = Partial<PairOutcome>;
type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;

/** Sends nothing: each word's keyNo is told around a user. What was sent is kept as text. */
function sender(keyNos: Readonly<Record<string, string>>, answers: Answers = {}) {
	const sent: string[] = [];
	const afresh: boolean[] = [];
	const times = new Map<string, number>();
	const answerTo = (what: string): Answer => {
		const time = times.get(what) ?? 0;
		times.set(what, time + 1);
		return [answers[what] ?? {}].flat()[time] ?? [answers[what] ?? {}].flat().at(-1) ?? {};
	};
	const send: Sender['send'] = ({ action, pairs, grouping, afresh: isAfresh }) => {
		const outcomes: PairOutcome[] = [];
		const names: string[] = [];
		let stopped: Reason | null = null;
		for (let pair = 0; pair < pairs.size; pair++) {
			const name = `${pairs.loginName(pair)} ${pairs.company(pair)}`;
			names.push(name);
			const keyNo = grouping === 'user' ? (keyNos[pairs.company(pair)] ?? null) : null;
			const ok = { outcome: 'ok', status: 200, msg: OK[action], keyNo, reason: null } as const;
			const answer = answerTo(`${action} ${name}`);
			outcomes.push({ ...ok, ...answer });
			if (answer.reason === DEAD) stopped = DEAD;
		}
		sent.push(`${action} ${grouping}: ${names.join(', ')}`);
		afresh.push(isAfresh ?? false);
		const failure = stopped && { reason: stopped, stopped: true };
		return Promise.resolve({ outcomes, failure, calls: 1 });
	};
	const plan: Sender['plan'] = (batch) => Promise.resolve({ ...batch, stars: [] });
	return { sent, afresh, sender: { plan, send } };
}

const pace = <T>(work: Generator<undefined, T>) => paced(work, realTiming);

async function run(
	desired: readonly Wish[],
	ledger: readonly Entry[],
	keyNos: Readonly<Record<string, string>> = {},
	{ answers = {}, maxRemovals = 100 }: { answers?: Answers; maxRemovals?: number } = {},
) {
	const { sender: qcc, sent, afresh } = sender(keyNos, answers);
	const settings = { maxRemovals, grouping: 'fewest', sender: qcc, pace } as const;
	const result = await runSync(inputOf(desired, ledger), settings);
	return { sent, afresh, told: told(result), failure: result.failure, rows: result.rows };
}

function told({ rows }: Synced): string[] {
	return rows.map(({ loginName, keyWord, action, outcome, assigned, keyNo }) =>
		[loginName, keyWord, action, outcome, String(assigned), keyNo ?? '-'].join(' '),
	);
}

const rejected = { outcome: 'rejected', status: 500, msg: '监控数量已达上限' } as const;
const unknown = { ...sharedOutcome('unknown', LOST) };

test('the bare difference is all that is sent where keyNos are known', async () => {
	const { sent, told } = await run(
		[
			['1', '甲'],
			['1', '乙'],
			['2', '丙'],
		],
		[
			['1', '甲', 'A'],
			['1', '丁', 'D'],
			['2', '丙', 'C'],
			['2', '乙', 'B'],
		],
	);
	expect(sent).toEqual(['assign fewest: 1 乙', 'unassign fewest: 1 丁, 2 乙']);
	expect(told).toEqual([
		'1 甲 none unchanged true A',
		'1 乙 assign ok true B',
		'2 丙 none unchanged true C',
		'1 丁 unassign ok false D',
		'2 乙 unassign ok false B',
	]);
});

test('words without keyNo are asked for once before anything is removed', async () => {
	const keyNos = { 甲名: 'A', 甲码: 'A', 乙名: 'B', 丙: 'C' };
	const { sent, told } = await run(
		[
			['1', '甲码'],
			['1', '丙'],
			['2', '丙'],
		],
		[
			['1', '甲名'],
			['1', '乙名'],
			['1', '丙'],
			['2', '丙'],
			['2', '乙名'],
		],
		keyNos,
	);
	expect(sent).toEqual([
		'assign fewest: 1 甲码',
		'assign user: 1 甲码, 1 丙, 1 甲名, 1 乙名',
		'unassign fewest: 1 乙名, 2 乙名',
	]);
	expect(told).toEqual([
		'1 甲码 assign ok true A',
		'1 丙 none unchanged true C',
		'2 丙 none unchanged true C',
		'1 甲名 none unchanged false A',
		'1 乙名 unassign ok false B',
		'2 乙名 unassign ok false B',
	]);
});

test('a removal of a user who is to have nothing is around the user, and asks for nothing', async () => {
	const { sent } = await run(
		[['2', '丙']],
		[
			['1', '甲'],
			['1', '乙', 'B'],
			['2', '丙'],
		],
	);
	expect(sent).toEqual(['unassign fewest: 1 乙', 'unassign user: 1 甲']);
});

test('a move that is refused leaves the company with its old owner; a word not found holds nothing', async () => {
	const desired: Wish[] = [
		['2', '甲'],
		['2', '不存在'],
		['1', '丙'],
	];
	const ledger: Entry[] = [
		['1', '甲', 'A'],
		['1', '乙', 'B'],
		['1', '不存在', 'X'],
		['1', '丙', 'C'],
	];
	const { sent, rows } = await run(
		desired,
		ledger,
		{},
		{
			answers: {
				'assign 2 甲': rejected,
				'assign 2 不存在': { ...rejected, msg: '关键字不存在' },
			},
		},
	);
	expect(sent).toEqual(['assign fewest: 2 甲, 2 不存在', 'unassign fewest: 1 乙, 1 不存在']);
	const waits = rows.find(({ loginName, keyWord }) => loginName === '1' && keyWord === '甲');
	expect(waits).toMatchObject({
		action: 'unassign',
		outcome: 'notSent',
		assigned: true,
		reason: {
			what: 'the removal waits: the company could not be assigned to the user who is to have it',
		},
	});
});

test.each(['登录名或关键字不存在', '登录名不存在，关键字不存在', '关键字不存在于该地区'])(
	'a failed move, %s: that QCC knows no such company is not all that it says, so the removal waits',
	async (msg) => {
		const { sent, told } = await run(
			[['2', '甲']],
			[['1', '甲', 'A']],
			{},
			{ answers: { 'assign 2 甲': { ...rejected, msg } } },
		);
		expect(sent).toEqual(['assign fewest: 2 甲']);
		expect(told).toEqual(['2 甲 assign rejected false A', '1 甲 unassign notSent true A']);
	},
);

describe('a word that is refused for one user’s sake is asked for around the next', () => {
	const noSuchUser = {
		outcome: 'rejected',
		status: 500,
		msg: '登录名不存在',
		keyNo: null,
	} as const;

	test('so that no company is removed that is desired by another word', async () => {
		const { sent, told } = await run(
			[
				['1', '甲码'],
				['2', '甲码'],
			],
			[
				['1', '甲码'],
				['1', '旧', 'Z'],
				['2', '甲码'],
				['2', '甲名', 'A'],
			],
			{ 甲码: 'A' },
			{ answers: { 'assign 1 甲码': noSuchUser, 'unassign 1 旧': noSuchUser } },
		);
		expect(sent.slice(0, 2)).toEqual(['assign user: 1 甲码', 'assign user: 2 甲码']);
		expect(sent.filter((call) => call.includes('甲名'))).toEqual([]);
		expect(told.slice(1)).toEqual([
			'2 甲码 none unchanged true A',
			'1 旧 unassign rejected null Z',
			'2 甲名 none unchanged false A',
		]);
	});

	test('so that two companies whose words fold alike are told apart', async () => {
		const { sent, told } = await run(
			[
				['1', '甲(1)'],
				['2', '甲(1)'],
			],
			[
				['1', '甲（1）'],
				['2', '甲（1）'],
			],
			{ '甲(1)': 'A', '甲（1）': 'B' },
			{ answers: { 'assign 1 甲(1)': noSuchUser, 'assign 1 甲（1）': noSuchUser } },
		);
		expect(sent.at(-1)).toBe('unassign fewest: 1 甲（1）, 2 甲（1）');
		expect(told).toContain('2 甲（1） unassign ok false B');
	});

	test('around more each time, 31 at most, and then the removals wait', async () => {
		const users = Array.from({ length: 40 }, (_, i) => `1${i}`);
		const { sent, told } = await run(
			users.map((user) => [user, '甲码']),
			users.flatMap((user): Entry[] => [
				[user, '甲码'],
				[user, '甲名', 'A'],
			]),
			{},
			{ answers: Object.fromEntries(users.map((user) => [`assign ${user} 甲码`, noSuchUser])) },
		);
		const asked = [0, 1, 3, 7, 15].map((from) => users.slice(from, 2 * from + 1));
		expect(sent).toEqual(
			asked.map((some) => `assign user: ${some.map((user) => `${user} 甲码`).join(', ')}`),
		);
		expect(told.filter((row) => row.includes('甲名'))).toEqual(
			users.map((user) => `${user} 甲名 unassign notSent true A`),
		);
	});

	test.each([
		['您的账号监控企业数量已达上限', 1],
		['账号额度不足', 1],
		['该用户监控企业数量已达上限', 2],
		['账号不存在', 2],
	])('%s: it asks around %d of two', async (msg, calls) => {
		const refused = { outcome: 'rejected', status: 500, msg } as const;
		const { sent } = await run(
			[
				['1', '甲码'],
				['2', '甲码'],
			],
			[
				['1', '甲码'],
				['1', '甲名', 'A'],
				['2', '甲码'],
				['2', '甲名', 'A'],
			],
			{},
			{ answers: { 'assign 1 甲码': refused, 'assign 2 甲码': refused } },
		);
		expect(sent.findIndex((call) => call.startsWith('unassign'))).toBe(calls);
	});

	test('once around each, and no longer where QCC says nothing of the user', async () => {
		const all = (answer: Partial<PairOutcome>) => ({
			'assign 1 甲码': answer,
			'assign 2 甲码': answer,
		});
		const lists: [Wish[], Entry[]] = [
			[
				['1', '甲码'],
				['2', '甲码'],
			],
			[
				['1', '甲码'],
				['1', '甲名', 'A'],
				['2', '甲码'],
				['2', '甲名', 'A'],
			],
		];
		const asked = async (answer: Partial<PairOutcome>) => {
			const { sent } = await run(...lists, {}, { answers: all(answer) });
			const removal = sent.findIndex((call) => call.startsWith('unassign'));
			return removal < 0 ? sent : sent.slice(0, removal);
		};
		expect(await asked(noSuchUser)).toEqual(['assign user: 1 甲码', 'assign user: 2 甲码']);
		expect(await asked(rejected)).toEqual(['assign user: 1 甲码']);
		expect(await asked(unknown)).toEqual(['assign user: 1 甲码']);
	});
});

test.each([
	['locked', { ...sharedOutcome('notSent', { ...LOST, status: 110 }) }],
	['lost', unknown],
])('what was not answered, being %s, is not asked about in the same run', async (_, answer) => {
	const { sent, told } = await run(
		[['1', '甲(1)']],
		[['1', '甲（1）', 'B']],
		{ '甲(1)': 'A' },
		{ answers: { 'assign 1 甲(1)': answer } },
	);
	expect(sent).toEqual(['assign fewest: 1 甲(1)']);
	expect(told).toContain('1 甲（1） none unchanged true B');
});

test('a user’s removals wait while a desired row of the user is not answered; others go on', async () => {
	const { sent, told } = await run(
		[
			['1', '甲'],
			['2', '乙'],
		],
		[
			['1', '丙', 'C'],
			['2', '丁', 'D'],
			['2', '乙', 'B'],
		],
		{},
		{ answers: { 'assign 1 甲': unknown } },
	);
	expect(sent).toEqual(['assign fewest: 1 甲', 'unassign fewest: 2 丁']);
	expect(told).toEqual([
		'1 甲 assign unknown null -',
		'2 乙 none unchanged true B',
		'1 丙 unassign notSent true C',
		'2 丁 unassign ok false D',
	]);
});

test.each([
	['stops following', { msg: '取消关注成功' }],
	['found nothing to remove', { msg: '未监控该公司' }],
	['found nothing to remove', { status: 500, msg: '未监控该公司' }],
	['could remove nothing', { status: 500, msg: '未监控该公司，无法删除' }],
	['failed to remove what was not there', { status: 500, msg: '删除失败：未监控该公司' }],
	['says two things', { msg: '删除成功，取消关注成功' }],
	['is silent', unknown],
])('what a removal may have ended for others is assigned again: it %s', async (_, answer) => {
	const { sent, told } = await run(
		[
			['2', '甲码'],
			['3', '乙'],
		],
		[
			['1', '甲', 'A'],
			['2', '甲码', 'A'],
			['3', '乙', 'B'],
		],
		{},
		{ answers: { 'unassign 1 甲': answer } },
	);
	expect(sent).toEqual(['unassign fewest: 1 甲', 'assign fewest: 2 甲码']);
	expect(told.slice(0, 2)).toEqual(['2 甲码 assign ok true A', '3 乙 none unchanged true B']);
});

test('a refused rename keeps the company by its old word, which is assigned again where it was hit', async () => {
	const { sent, told } = await run(
		[['2', '甲码']],
		[
			['1', '甲', 'A'],
			['2', '甲', 'A'],
		],
		{},
		{
			answers: {
				'assign 2 甲码': { ...rejected, keyNo: 'A' },
				'unassign 1 甲': { msg: '取消关注成功' },
			},
		},
	);
	expect(sent).toEqual(['assign fewest: 2 甲码', 'unassign fewest: 1 甲', 'assign fewest: 2 甲']);
	expect(told).toEqual([
		'2 甲码 assign rejected false A',
		'1 甲 unassign ok false A',
		'2 甲 assign ok true A',
	]);
});

test('a row that a removal may have ended, and that was not sent again, is not known', async () => {
	const { sent, told, failure } = await run(
		[['2', '甲']],
		[
			['1', '甲', 'A'],
			['2', '甲', 'A'],
		],
		{},
		{ answers: { 'unassign 1 甲': { ...unknown, reason: DEAD } } },
	);
	expect(sent).toEqual(['unassign fewest: 1 甲']);
	expect(told).toEqual(['2 甲 assign unknown null A', '1 甲 unassign unknown null A']);
	expect(failure).toEqual({ reason: DEAD, stopped: true });
});

test('an assignment of unknown fate is taken back or made good; rows that disagree know nothing', async () => {
	const { sent, told } = await run(
		[
			['1', '甲'],
			['1', '乙'],
		],
		[
			['1', '甲', 'A', null],
			['1', '丙', 'C', null],
			['1', '乙', 'B', true],
			['1', '乙', 'B', false],
			['1', '丁', 'D', false],
		],
	);
	expect(sent).toEqual(['assign fewest: 1 甲, 1 乙', 'unassign fewest: 1 丙']);
	expect(told).toEqual([
		'1 甲 assign ok true A',
		'1 乙 assign ok true B',
		'1 丙 unassign ok false C',
	]);
});

test('a run that stops keeps the ledger’s word for what was not sent', async () => {
	const { told } = await run(
		[
			['1', '甲'],
			['1', '乙'],
		],
		[
			['1', '甲', 'A', null],
			['1', '丙', 'C', null],
			['2', '丁', 'D'],
		],
		{},
		{
			answers: {
				'assign 1 甲': { ...sharedOutcome('notSent', DEAD) },
				'assign 1 乙': { ...sharedOutcome('notSent', DEAD) },
			},
		},
	);
	expect(told).toEqual([
		'1 甲 assign notSent null A',
		'1 乙 assign notSent false -',
		'1 丙 unassign notSent null C',
		'2 丁 unassign notSent true D',
	]);
});

test('while a desired row cannot be read nothing is removed, and nothing is asked for', async () => {
	const { sent, told } = await run(
		[null, ['1', '甲']],
		[
			['1', '乙'],
			['2', '丙', 'C'],
		],
	);
	expect(sent).toEqual(['assign fewest: 1 甲']);
	expect(told).toEqual([
		'1  none notSent false -',
		'1 甲 assign ok true -',
		'1 乙 unassign notSent true -',
		'2 丙 unassign notSent true C',
	]);
});

test('a word that is refused around the company is asked for around the user, and its old name stays', async () => {
	const users = ['1', '2', '3'];
	const { sent, told } = await run(
		users.map((user) => [user, '甲码']),
		users.map((user) => [user, '甲名']),
		{ 甲名: 'A', 甲码: 'A' },
		{
			answers: Object.fromEntries(
				users.map((user) => [`assign ${user} 甲码`, { ...rejected, around: 'company' }]),
			),
		},
	);
	expect(sent).toEqual(['assign fewest: 1 甲码, 2 甲码, 3 甲码', 'assign user: 1 甲码, 1 甲名']);
	expect(told).toEqual([
		...users.map((user) => `${user} 甲码 assign rejected false A`),
		...users.map((user) => `${user} 甲名 none unchanged true A`),
	]);
});

test.each([
	['ok', {}, '1 新 assign ok true N', '2 新 unassign ok false N'],
	['without an answer', unknown, '1 新 assign unknown null -', '2 新 unassign notSent true -'],
])('and what is said around the user then is so: %s', async (_, asked, desired, moved) => {
	const { told } = await run(
		[
			['1', '新'],
			['1', '留'],
		],
		[
			['1', '旧'],
			['1', '留', 'R'],
			['2', '新'],
		],
		asked === unknown ? {} : { 新: 'N', 旧: 'O' },
		{ answers: { 'assign 1 新': [{ ...rejected, around: 'company' }, asked] } },
	);
	expect(told[0]).toBe(desired);
	expect(told.at(-1)).toBe(moved);
});

test('a word that is refused around the user is not asked for again', async () => {
	const { sent } = await run(
		[['1', '乙']],
		[['1', '甲', 'A']],
		{},
		{ answers: { 'assign 1 乙': { ...rejected, around: 'user' } } },
	);
	expect(sent).toEqual(['assign fewest: 1 乙', 'unassign fewest: 1 甲']);
});

test('what is assigned again and refused, after an assignment without an answer, is not known', async () => {
	const { told } = await run(
		[['2', '甲码']],
		[
			['2', '甲名', 'A'],
			['1', '甲名', 'A'],
		],
		{},
		{
			answers: {
				'assign 2 甲码': [unknown, { ...rejected, around: 'user' }],
				'unassign 1 甲名': { msg: '取消关注成功' },
			},
		},
	);
	expect(told[0]).toBe('2 甲码 assign unknown null -');
});

test('what the last call tells to be two companies is not one: its removal waits for the next run', async () => {
	const { rows, told } = await run(
		[['2', '甲(1)']],
		[
			['2', '甲（1）', 'B', null],
			['3', '乙', 'C'],
		],
		{ '甲(1)': 'A' },
		{ answers: { 'assign 2 甲(1)': [unknown, {}], 'unassign 3 乙': { msg: '取消关注成功' } } },
	);
	expect(told).toEqual([
		'2 甲(1) assign ok true A',
		'2 甲（1） unassign notSent null B',
		'3 乙 unassign ok false C',
	]);
	expect(rows[1]?.reason).toMatchObject({
		what: 'the removal waits: only the last calls told that it is no desired row’s company',
	});
});

test('what is assigned again is asked for afresh, and nothing else is', async () => {
	const { sent, afresh } = await run(
		[
			['1', '甲'],
			['1', '乙'],
		],
		[
			['1', '甲', 'A'],
			['2', '甲', 'A'],
		],
		{},
		{ answers: { 'unassign 2 甲': { msg: '取消关注成功' } } },
	);
	expect(sent).toEqual([
		'assign fewest: 1 乙',
		'unassign fewest: 2 甲',
		'assign fewest: 1 甲',
		'assign user: 1 乙',
	]);
	expect(afresh).toEqual([false, false, true, true]);
});

test('of the desired rows of a company the one that stands is named', async () => {
	const { rows } = await run(
		[
			['1', '旧甲'],
			['1', '甲码'],
		],
		[['1', '甲名', 'A']],
		{},
		{ answers: { 'assign 1 旧甲': { ...rejected, keyNo: 'A' }, 'assign 1 甲码': { keyNo: 'A' } } },
	);
	expect(rows.at(-1)).toMatchObject({
		outcome: 'unchanged',
		assigned: false,
		msg: 'Same company as “甲码”, which stays',
	});
});

test('rows that cannot be dealt with keep what the ledger knows of them', async () => {
	const input = inputOf([], []);
	const problem = { parameter: 'Batch Size', what: 'is not a number' } as const;
	const row = { item: 0, pair: { ...problem, loginName: '1', company: '甲' } };
	const lost = { item: 1, pair: { ...problem, loginName: '1', company: '乙' } };
	const settings = {
		maxRemovals: 30,
		grouping: 'fewest',
		sender: sender({}).sender,
		pace,
	} as const;
	const { rows } = await runSync(
		{
			desired: { ...input.desired, rows: [row] },
			current: {
				...input.current,
				rows: [
					{ ...row, stands: true, keyNo: 'A' },
					{ ...lost, stands: null, keyNo: 'B' },
				],
			},
		},
		settings,
	);
	expect(rows.map(({ keyWord, keyNo, assigned }) => [keyWord, keyNo, assigned])).toEqual([
		['甲', 'A', true],
		['甲', 'A', true],
		['乙', 'B', null],
	]);
});

describe('the brake', () => {
	const many = (user: string, words: number, spell: (i: number) => string): Entry[] =>
		Array.from({ length: words }, (_, i) => [user, spell(i), `K${i}`]);
	const name = (i: number) => `公司${i}`;
	const code = (i: number) => `91${i}`;

	test('looks before anything is sent at users who gain nothing', async () => {
		const { sent, failure, told } = await run(
			[['2', '新']],
			many('1', 10, name),
			{},
			{ maxRemovals: 30 },
		);
		expect(sent).toEqual([]);
		expect(failure).toEqual({
			stopped: true,
			reason: {
				status: null,
				msg: null,
				what: 'the sync would remove 10 of the 10 current assignments, more than the 30 % that “Max Removals” allows',
				advice:
					'Nothing was sent. See whether the Desired input is complete. If these removals are meant, raise “Max Removals”; 100 allows any number.',
			},
		});
		expect(told.slice(0, 2)).toEqual([
			'2 新 assign notSent false -',
			'1 公司0 unassign notSent true K0',
		]);
	});

	test('lets names turn into codes, with keyNos and without', async () => {
		const keyNos = Object.fromEntries(
			Array.from({ length: 10 }, (_, i) => [
				[name(i), `K${i}`],
				[code(i), `K${i}`],
			]).flat(),
		) as Record<string, string>;
		const desired = many('1', 10, code).map(([user, word]): Wish => [user, word]);
		const bare = many('1', 10, name).map(([user, word]): Entry => [user, word]);
		for (const ledger of [many('1', 10, name), bare]) {
			const { sent, failure, told } = await run(desired, ledger, keyNos, { maxRemovals: 30 });
			expect(failure).toBeNull();
			expect(sent.filter((call) => call.startsWith('unassign'))).toEqual([]);
			expect(told.slice(10)).toEqual(
				Array.from({ length: 10 }, (_, i) => `1 ${name(i)} none unchanged false K${i}`),
			);
		}
	});

	test('lets a change of names go on that an earlier run left half done', async () => {
		const keyNos = Object.fromEntries(
			Array.from({ length: 10 }, (_, i) => [name(i), `K${i}`]),
		) as Record<string, string>;
		const ledger = [
			...many('1', 10, code),
			...many('1', 10, name).map(([user, word]): Entry => [user, word]),
		];
		const desired = many('1', 10, code).map(([user, word]): Wish => [user, word]);
		const { sent, failure } = await run(desired, ledger, keyNos, { maxRemovals: 30 });
		expect(failure).toBeNull();
		expect(sent).toEqual([
			`assign user: ${many('1', 10, name)
				.map(([, w]) => `1 ${w}`)
				.join(', ')}`,
		]);
	});

	test('and looks again at what proves to be none', async () => {
		const keyNos = { 公司0: 'X0', 公司1: 'X1' };
		const { sent, failure } = await run(
			[['1', '91']],
			[
				['1', '91', 'K'],
				['1', '公司0'],
				['1', '公司1'],
			],
			keyNos,
			{ maxRemovals: 30 },
		);
		expect(sent).toEqual(['assign user: 1 公司0, 1 公司1']);
		expect(failure?.reason.what).toMatch(/^the sync would remove 2 of the 3 /);
		expect(failure?.reason.advice).toMatch(/^Nothing was removed; /);
	});

	test('looks again before anything is removed; what was assigned stands', async () => {
		const { sent, failure, told } = await run(
			[['1', '新']],
			many('1', 10, name),
			{ 新: 'N' },
			{ maxRemovals: 30 },
		);
		expect(sent).toEqual(['assign fewest: 1 新', 'assign user: 1 新']);
		expect(failure?.reason.advice).toMatch(/^Nothing was removed; what was assigned stands\. /);
		expect(told.slice(0, 2)).toEqual(['1 新 assign ok true N', '1 公司0 unassign notSent true K0']);
	});
});

test('rows that stand as they stood are told from those with a keyNo that is new', async () => {
	const { rows } = await run(
		[
			['1', '甲'],
			['1', '乙'],
		],
		[
			['1', '甲', 'A'],
			['1', '乙'],
			['1', '丙', 'C'],
		],
		{ 乙: 'B' },
	);
	expect(rows.map(({ asBefore }) => asBefore)).toEqual([true, false, false]);
});

describe('a dry run', () => {
	const plan = async (desired: readonly Wish[], ledger: readonly Entry[], maxRemovals = 100) =>
		await planSync(inputOf(desired, ledger), { maxRemovals, grouping: 'fewest', pace });
	const stepsOf = ({ steps }: Awaited<ReturnType<typeof plan>>) =>
		steps.map(({ action, grouping, pairs }) =>
			[
				action,
				grouping,
				...Array.from(
					{ length: pairs.size },
					(_, i) => `${pairs.loginName(i)} ${pairs.company(i)}`,
				),
			].join(' '),
		);

	test('shows the steps, the same company, and removals that may turn out to be it', async () => {
		const planned = await plan(
			[
				['1', '甲码'],
				['1', '丙'],
				['2', '丁(1)'],
			],
			[
				['1', '甲名'],
				['1', '丙', 'C'],
				['2', '丁（1）', null, null],
				['3', '戊', 'E'],
			],
		);
		expect(stepsOf(planned)).toEqual([
			'assign fewest 1 甲码 2 丁(1)',
			'assign user 1 甲码 1 甲名 2 丁(1) 2 丁（1）',
			'unassign fewest 3 戊',
			'unassign user 1 甲名',
		]);
		expect(
			planned.rows.map(({ keyWord, outcome, assigned, place, uncertain }) => {
				return [keyWord, outcome, assigned, place?.step ?? null, uncertain];
			}),
		).toEqual([
			['甲码', 'planned', false, 0, false],
			['丙', 'unchanged', true, null, false],
			['丁(1)', 'planned', false, 0, false],
			['甲名', 'planned', true, 3, true],
			['丁（1）', 'unchanged', null, null, false],
			['戊', 'planned', true, 2, false],
		]);
		expect([planned.failure, planned.upperBound]).toEqual([null, true]);
	});

	test('shows the brake and what waits', async () => {
		const braked = await plan([['1', '新']], [['2', '甲', 'A']], 30);
		expect(stepsOf(braked)).toEqual([
			'assign fewest',
			'assign user',
			'unassign fewest',
			'unassign user',
		]);
		expect(braked.failure?.stopped).toBe(true);
		expect(braked.rows.map(({ outcome, assigned }) => [outcome, assigned])).toEqual([
			['notSent', false],
			['notSent', true],
		]);
		const waiting = await plan([null, ['1', '新']], [['2', '甲', 'A']], 30);
		expect(waiting.rows.map(({ outcome }) => outcome)).toEqual(['notSent', 'planned', 'notSent']);
		expect(waiting.failure).toBeNull();
	});
});

test('10,000 rows against 10,000: every row answered once, in the order of the inputs', async () => {
	const at = (i: number): [string, string] => [`138${Math.floor(i / 1000)}`, `测试第${i}公司`];
	const ledger = Array.from({ length: 10_000 }, (_, i): Entry => [...at(i), `K${i}`]);
	const desired = Array.from({ length: 10_000 }, (_, i): Wish => at(i + 500));
	const { rows } = await run(desired, ledger);
	expect(rows.map(({ input, item }) => [input, item])).toEqual([
		...desired.map((_, item) => [0, item]),
		...Array.from({ length: 500 }, (_, item) => [1, item]),
	]);
});
