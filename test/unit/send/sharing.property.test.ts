import { UrlLimit } from '../../../nodes/QccRadar/account/urlLimit';
import { AccountWindow } from '../../../nodes/QccRadar/account/window';
import { planCalls } from '../../../nodes/QccRadar/plan/planCalls';
import { MAX_SENDS_OF_A_QUERY } from '../../../nodes/QccRadar/qcc/codes';
import { MAX_CONCURRENCY, type Action, type Shape } from '../../../nodes/QccRadar/qcc/endpoints';
import type { Reply } from '../../../nodes/QccRadar/qcc/exchange';
import { classify } from '../../../nodes/QccRadar/qcc/verdict';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import type { Grouping } from '../../../nodes/QccRadar/read/request';
import { Dispatcher } from '../../../nodes/QccRadar/send/dispatcher';
import type { PairOutcome } from '../../../nodes/QccRadar/send/outcome';
import { Run, type RunSettings } from '../../../nodes/QccRadar/send/run';
import { FakeQcc, type FakeCall, type FakeReply } from '../../harness/fakeQcc';
import { finish } from '../../harness/finish';
import { seededRandom } from '../../harness/seededRandom';
import { settingsOf } from '../../harness/settings';
import { VirtualTime } from '../../harness/virtualTime';

/**
 * Several executions at once, in virtual time: random pairs, options, faults, cancellations, and two
 * secrets of one account. What each is told is held against the ledger at the moment of telling.
 */

const SCENES = 1_000;
const KEY_BYTES = 20;

class Dice {
	constructor(private readonly random: () => number) {}

	/** A whole number, both ends included. */
	between(least: number, most: number): number {
		return least + Math.floor(this.random() * (most - least + 1));
	}

	chance(share: number): boolean {
		return this.random() < share;
	}

	oneOf<T>(list: readonly T[]): T {
		const one = list[this.between(0, list.length - 1)];
		if (one === undefined) throw new RangeError('Nothing to choose from');
		return one;
	}
}

const code = (number: number): Reply => ({
	kind: 'answer',
	answer: { code: number, msg: null, rows: null },
	skew: null,
	retryAfter: null,
});
const http = (status: number, retryAfter: number | null = null): Reply => ({
	kind: 'http',
	status,
	html: true,
	retryAfter,
});
const broken: Reply = { kind: 'broken', code: 'ECONNRESET' };

/** The first of the rows is left out. */
function withoutFirst({ names, shape }: FakeCall): Reply {
	const rows = names.slice(1).map((echo) => ({
		echo,
		status: 200,
		msg: null,
		keyNo: shape === 'user' ? `no ${echo}` : null,
	}));
	const answer = { code: 200, msg: null, rows: rows.length > 0 ? rows : null };
	return { kind: 'answer', answer, skew: null, retryAfter: null };
}

const PASSING: readonly ((call: FakeCall) => FakeReply)[] = [
	() => ({ reply: broken, done: true }),
	() => ({ reply: broken }),
	() => ({ reply: { kind: 'unreachable', code: 'ECONNREFUSED' } }),
	() => ({ reply: http(503) }),
	() => ({ reply: http(503, 2_000), done: true }),
	() => ({ reply: { kind: 'malformed' }, done: true }),
	() => ({ reply: code(199), done: true }),
	(call) => ({ reply: withoutFirst(call), done: true }),
];
const THROTTLED: readonly (() => FakeReply)[] = [
	() => ({ reply: http(429, 1_000) }),
	() => ({ reply: code(109) }),
];
const REFUSED: readonly (() => FakeReply)[] = [
	() => ({ reply: code(215) }),
	() => ({ reply: code(500) }),
	() => ({ reply: code(110) }),
	() => ({ reply: http(414) }),
];

/** What goes wrong with calls, as a matter of chance and of what is in them. */
function faultsFor(dice: Dice): (call: FakeCall) => FakeReply | undefined {
	const share = dice.oneOf([0, 0.05, 0.2, 0.5]);
	const kinds = [
		...PASSING,
		...(dice.chance(0.5) ? THROTTLED : []),
		...(dice.chance(0.5) ? REFUSED : []),
		...(dice.chance(0.1) ? [() => ({ reply: code(112) })] : []),
	];
	const badName = dice.chance(0.4) ? dice.oneOf(NAMES) : null;
	const badCentre = dice.chance(0.3) ? dice.oneOf([...NAMES, 'A1', 'B1']) : null;
	return (call) => {
		if (badName !== null && call.names.includes(badName)) return { reply: code(215) };
		if (call.centre === badCentre) return { reply: code(500) };
		return dice.chance(share) ? dice.oneOf(kinds)(call) : undefined;
	};
}

const NAMES = Array.from({ length: 40 }, (_, i) => `公司${i}`);

interface Execution {
	readonly action: Action;
	readonly pairs: PairTable;
	readonly grouping: Grouping;
	readonly settings: Partial<RunSettings>;
	/** 0 or 1. */
	readonly secret: number;
	readonly startsAt: number;
	readonly cancelledAt: number | null;
}

function executionBy(dice: Dice): Execution {
	const secret = Number(dice.chance(0.3));
	const pairs = new PairTable();
	const many = dice.chance(0.2);
	const users = many ? 2 : 4;
	for (let left = dice.between(1, many ? 60 : 10); left > 0; left--) {
		const name = dice.oneOf(many ? NAMES : NAMES.slice(0, 6));
		pairs.add(`${'AB'[secret]}${dice.between(1, users)}`, name);
	}
	const startsAt = dice.chance(0.5) ? dice.between(0, 4) * 150 : dice.between(0, 600);
	const most = (): number => (dice.chance(0.5) ? 200 : dice.between(1, 5));
	return {
		action: dice.chance(0.65) ? 'assign' : 'unassign',
		pairs,
		grouping: dice.oneOf(['fewest', 'user', 'company'] as const),
		settings: {
			rowsPerCall: { user: most(), company: most() },
			maxUrlBytes: dice.chance(0.7) ? Infinity : dice.between(200, 400),
			maxConcurrency: dice.chance(0.6) ? 5 : dice.between(1, 4),
			timeout: dice.chance(0.6) ? 60_000 : dice.between(50, 700),
			retryFor: dice.chance(0.7) ? 300_000 : dice.between(1, 3_000),
		},
		secret,
		startsAt,
		cancelledAt: dice.chance(0.3) ? startsAt + dice.between(0, 1_500) : null,
	};
}

/** A run that has each answer looked at when it is given. */
class WatchedRun extends Run {
	readonly told: number[] = [];
	/** For each pair: the calls that carried its row for this run. */
	readonly carriedBy = new Map<number, number[]>();

	constructor(
		{ action, pairs }: Execution,
		settings: RunSettings,
		private readonly look: (run: WatchedRun, pair: number, outcome: PairOutcome) => void,
	) {
		super(action, pairs, settings);
	}

	override settle(pair: number, outcome: PairOutcome): void {
		if (this.outcomes[pair] === undefined) this.told.push(pair);
		this.look(this, pair, outcome);
		super.settle(pair, outcome);
	}
}

/** What a queue must have forgotten when nobody waits. */
interface Kept {
	readonly asked: { readonly strays: { readonly size: number } };
	readonly centres: {
		readonly groups: { readonly size: number };
		readonly parked: { readonly size: number };
	};
}

const pairsOf = ({ shape, centre, names }: FakeCall): (readonly [string, string])[] =>
	names.map((name) => (shape === 'user' ? [centre, name] : [name, centre]));

/** Plays a scene. @returns what is wrong with it, in words */
async function wrongsOf(seed: number): Promise<string[]> {
	const dice = new Dice(seededRandom(seed));
	const time = new VirtualTime(seed);
	const qcc = new FakeQcc(time);
	const fault = faultsFor(dice);
	qcc.fault = fault;
	const slow = dice.chance(0.3);
	qcc.latencyOf = () => (slow ? dice.between(50, 1_000) : 300);
	const window = new AccountWindow(time);
	const dispatchers = [0, 1].map(
		() =>
			new Dispatcher({
				baseUrl: 'https://pro.qcc.com',
				keyBytes: KEY_BYTES,
				window,
				urlLimit: new UrlLimit(),
				timing: time,
			}),
	);
	const wrongs: string[] = [];
	const wrong = (what: string) => wrongs.push(`at ${time.now()}: ${what}`);
	const runs: WatchedRun[] = [];

	const look = (run: WatchedRun, pair: number, { outcome }: PairOutcome) => {
		const name = `${run.action} ${run.pairs.loginName(pair)} ${run.pairs.company(pair)}`;
		const stands =
			qcc.ledger.has(`${run.pairs.loginName(pair)} ${run.pairs.company(pair)}`) ===
			(run.action === 'assign');
		if (outcome === 'ok' && !stands) wrong(`ok, and QCC lacks it: ${name}`);
		if (outcome === 'ok' || outcome === 'unknown') return;
		const done = run.carriedBy.get(pair)?.filter((n) => qcc.carriedOut.has(n)) ?? [];
		if (done.length > 0) wrong(`${outcome}, and done by call ${done.join()}: ${name}`);
	};

	const flying = new Map<string, FakeCall[]>();
	const sends = new Map<string, number>();
	qcc.watch = (call, event) => {
		for (const [loginName, company] of pairsOf(call)) {
			const key = `${loginName} ${company}`;
			const others = (flying.get(key) ?? []).filter(({ n }) => n !== call.n);
			flying.set(key, event === 'comes' ? [...others, call] : others);
			if (event !== 'comes') continue;
			const opposite = others.find(({ action }) => action !== call.action);
			if (opposite) wrong(`calls ${opposite.n} and ${call.n} fly together: ${key}`);
		}
	};
	/** Whether the run's row for a pair is in the call that this signal ends. */
	const isIn = (run: WatchedRun, pair: number | undefined, signal: AbortSignal) =>
		pair !== undefined && run.rows[pair]?.call?.end?.signal === signal;
	/** The opposite that was asked for before goes before, while somebody waits for it. */
	const inOrder = (
		{ n, action }: FakeCall,
		signal: AbortSignal,
		[loginName, company]: readonly [string, string],
	) => {
		const pairIn = (run: WatchedRun) => run.pairs.find(loginName, company);
		const first = runs.findIndex((run) => isIn(run, pairIn(run), signal));
		for (const run of runs.slice(0, Math.max(0, first))) {
			const pair = pairIn(run);
			if (run.action === action || pair === undefined || run.outcomes[pair]) continue;
			wrong(`call ${n} goes before what was asked for before: ${loginName} ${company}`);
		}
	};
	const carry = (
		run: WatchedRun,
		call: FakeCall,
		signal: AbortSignal,
		[loginName, company]: readonly [string, string],
	) => {
		const pair = run.pairs.find(loginName, company);
		if (pair === undefined || !isIn(run, pair, signal)) return;
		run.carriedBy.set(pair, [...(run.carriedBy.get(pair) ?? []), call.n]);
		const { rowsPerCall, maxUrlBytes } = run.settings;
		if (call.names.length > rowsPerCall[call.shape]) {
			wrong(`call ${call.n} holds ${call.names.length} rows, not ${rowsPerCall[call.shape]}`);
		}
		if (call.names.length > 1 && call.bytes + KEY_BYTES > maxUrlBytes) {
			wrong(`call ${call.n} has ${call.bytes} bytes, not ${maxUrlBytes}`);
		}
	};
	const exchange = async (url: string, shape: Shape, timeout: number, signal: AbortSignal) => {
		const going = qcc.exchange(url, shape, timeout, signal);
		const call = qcc.calls.at(-1);
		if (!call) throw new Error('No call came');
		for (const pair of pairsOf(call)) {
			for (const run of runs) carry(run, call, signal, pair);
			inOrder(call, signal, pair);
		}
		const reply = await going;
		const verdict = classify(reply);
		if (verdict.kind === 'rows') sends.delete(url);
		if (verdict.kind === 'retry' && verdict.sent) sends.set(url, (sends.get(url) ?? 0) + 1);
		const asked = runs.filter(
			({ action, pairs }) =>
				action === call.action && pairsOf(call).some((pair) => pairs.find(...pair) !== undefined),
		).length;
		const most = MAX_SENDS_OF_A_QUERY * Math.max(1, asked);
		if ((sends.get(url) ?? 0) > most) wrong(`sent ${sends.get(url)} times: ${url}`);
		return reply;
	};

	const over = new AbortController();
	const execute = async (execution: Execution) => {
		const { pairs, grouping, secret, startsAt, cancelledAt } = execution;
		const cancel = new AbortController();
		if (cancelledAt !== null) {
			void time.sleep(cancelledAt, over.signal).then(() => {
				cancel.abort();
			});
		}
		const settings = settingsOf({ exchange, ...execution.settings, cancel: cancel.signal });
		await time.sleep(startsAt);
		const run = new WatchedRun(execution, settings, look);
		const { rowsPerCall, maxUrlBytes } = settings;
		const limits = { rowsPerCall, urlBytes: maxUrlBytes, urlBase: () => 100 };
		const stars = finish(planCalls(pairs, grouping, limits));
		runs.push(run);
		window.join();
		await dispatchers[secret]?.send(run, stars, grouping);
		window.leave();
		if (cancelledAt !== null && time.now() > Math.max(cancelledAt, startsAt)) {
			wrong(`told at ${time.now()}, and cancelled at ${cancelledAt}`);
		}
		const told = [...run.told].sort((a, b) => a - b);
		const all = Array.from({ length: pairs.size }, (_, i) => i);
		if (told.join() !== all.join()) wrong(`told of ${told.join()} of ${pairs.size} pairs`);
	};

	const executions = Array.from({ length: dice.between(2, 9) }, () => executionBy(dice));
	try {
		await time.run(Promise.all(executions.map(execute)));
	} catch (error) {
		wrong(String(error));
		return wrongs;
	}
	over.abort();
	await Promise.resolve();

	if (qcc.mostInFlight > MAX_CONCURRENCY) wrong(`${qcc.mostInFlight} calls in flight`);
	if (dispatchers.some(({ isIdle }) => !isIdle)) wrong('a dispatcher is not idle');
	if (!time.isIdle) wrong('a timer is left');
	for (const { queue } of dispatchers as unknown as { queue: Kept }[]) {
		const { strays } = queue.asked;
		const { groups, parked } = queue.centres;
		if (groups.size + strays.size + parked.size > 0) wrong('a queue keeps what is over');
	}
	return wrongs;
}

test(`${SCENES} random scenes: nobody is told a lie, and nobody pays for another`, async () => {
	const failures: unknown[] = [];
	for (let seed = 1; seed <= SCENES && failures.length < 12; seed++) {
		const wrongs = await wrongsOf(seed);
		if (wrongs.length > 0) failures.push({ seed, wrongs: wrongs });
	}
	expect(failures).toEqual([]);
}, 300_000);
