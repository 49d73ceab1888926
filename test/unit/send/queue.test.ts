import type { Star } from '../../../nodes/QccRadar/plan/planCalls';
import type { Action, Shape } from '../../../nodes/QccRadar/qcc/endpoints';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import type { Grouping } from '../../../nodes/QccRadar/read/request';
import { Endings } from '../../../nodes/QccRadar/send/endings';
import { Queue } from '../../../nodes/QccRadar/send/queue';
import {
	isWaitedFor,
	nameOf,
	Run,
	tell,
	type Call,
	type Row,
	type RunSettings,
} from '../../../nodes/QccRadar/send/run';
import { sharedOutcome } from '../../../nodes/QccRadar/send/outcome';
import { settingsOf } from '../../harness/settings';

let queue: Queue;
beforeEach(() => {
	queue = new Queue(() => 100);
});

interface Wish {
	readonly user?: string;
	readonly companies: readonly string[];
	readonly action?: Action;
	readonly settings?: Partial<RunSettings>;
	readonly grouping?: Grouping;
}

/** A run of a user's companies for each wish, by the first one's settings, and the calls it has joined. */
function takenIn(wish: Wish, ...more: readonly Pick<Wish, 'user' | 'companies'>[]) {
	const { action, settings, grouping = 'user' } = wish;
	const table = new PairTable();
	const stars = [wish, ...more].map(({ user = '138', companies }): Star => {
		const pairs = companies.map((company) => table.add(user, company));
		return { shape: 'user', centre: user, pairs };
	});
	const run = new Run(action ?? 'assign', table, settingsOf(settings));
	return { run, joined: queue.add(run, stars, grouping) };
}

const added = (...wishes: Parameters<typeof takenIn>): Run => takenIn(...wishes).run;

const namesOf = (call: Call | null) => call?.rows.map((row) => nameOf(row, call.group.shape));
/** The users of the rows that are made. */
const madeOf = ({ rows }: Run) => rows.flatMap((row) => (row ? [row.loginName] : []));
const NO_LIMIT = Infinity;
const next = () => queue.take(NO_LIMIT);
/** What all calls to come hold, in their order. */
function rest(): (string[] | undefined)[] {
	const calls: (string[] | undefined)[] = [];
	for (let call = next(); call; call = next()) calls.push(namesOf(call));
	return calls;
}
function taken(): Call {
	const call = next();
	if (!call) throw new Error('Nothing waits');
	return call;
}
/** As the dispatcher has it. */
function sent(): Call {
	const call = taken();
	call.inFlight = true;
	for (const row of call.rows) row.call = call;
	return call;
}
function rowAt({ rows }: Call, place: number): Row {
	const row = rows[place];
	if (!row) throw new Error('No such row');
	return row;
}
const WHY = sharedOutcome('notSent', { status: null, msg: null, what: 'over', advice: '' });
const answered = (row: Row, only?: Run) => {
	tell(row, WHY, only);
};

describe('taking in', () => {
	test('it is empty until a run comes, and once the last has left', () => {
		expect([queue.isEmpty, queue.hasWork]).toEqual([true, false]);
		const run = added({ companies: ['甲'] });
		expect([queue.isEmpty, queue.hasWork]).toEqual([false, true]);
		queue.leave(run);
		expect([queue.isEmpty, queue.hasWork]).toEqual([true, false]);
	});

	test('while a run is alone its rows are made when their centre’s turn comes', () => {
		const companies = ['甲', '乙'];
		const run = added({ user: '1', companies }, { user: '2', companies });
		expect([madeOf(run), run.waiting, queue.hasWork]).toEqual([[], 4, true]);
		expect(namesOf(next())).toEqual(companies);
		expect([madeOf(run), run.waiting]).toEqual([['1', '1'], 2]);
		expect(namesOf(next())).toEqual(companies);
		expect([madeOf(run), run.waiting, queue.hasWork]).toEqual([['1', '1', '2', '2'], 0, false]);
		expect(next()).toBeNull();
	});

	test('beside others all of them are made, theirs first', () => {
		const companies = ['甲'];
		const one = added({ user: '1', companies }, { user: '2', companies });
		expect(madeOf(one)).toEqual([]);
		const other = added({ user: '3', companies }, { user: '4', companies });
		expect([one, other].map(madeOf)).toEqual([
			['1', '2'],
			['3', '4'],
		]);
		expect([one.waiting, other.waiting]).toEqual([2, 2]);
		expect([next(), next(), next(), next()].map((call) => call?.group.centre)).toEqual([
			'1',
			'3',
			'2',
			'4',
		]);
	});

	test('the opposite of what a run alone has yet to make waits for it', () => {
		const companies = ['甲'];
		added({ user: '1', companies }, { user: '2', companies });
		added({ user: '2', companies, action: 'unassign' });
		expect(
			[next(), next(), next()].map((call) => call && [call.group.action, call.group.centre]),
		).toEqual([['assign', '1'], ['assign', '2'], null]);
	});

	test('a run that has left makes no rows', () => {
		const companies = ['甲'];
		const run = added({ user: '1', companies }, { user: '2', companies });
		queue.leave(run);
		added({ user: '3', companies });
		expect(rest()).toEqual([companies]);
		expect(madeOf(run)).toEqual([]);
	});

	test('who joins rows that wait has joined no call yet; who joins rows in flight has', () => {
		added({ companies: ['甲', '乙', '丙'], settings: { rowsPerCall: { user: 2, company: 2 } } });
		const before = takenIn({ companies: ['甲', '乙'] });
		const call = sent();
		const after = takenIn({ companies: ['甲', '乙'] });
		expect([before.joined, after.joined]).toEqual([new Set(), new Set([call])]);
		expect(rest()).toEqual([['丙']]);
	});

	test('the opposite waits, and does not go in front of what it waits for', () => {
		const first = added({ companies: ['甲'] });
		added({ companies: ['甲'], action: 'unassign' });
		const call = sent();
		expect(next()).toBeNull();
		answered(rowAt(call, 0));
		call.inFlight = false;
		queue.arrived(call);
		expect(next()?.group.action).toBe('unassign');
		expect(first.isOver).toBe(true);
	});
});

describe('taking a call', () => {
	test('runs take turns, a call each', () => {
		const settings = { rowsPerCall: { user: 1, company: 1 } };
		added({ user: '1', companies: ['甲', '乙', '丙'], settings });
		added({ user: '2', companies: ['丁', '戊'], settings });
		expect(rest()).toEqual([['甲'], ['丁'], ['乙'], ['戊'], ['丙']]);
	});

	test('a run that has as many calls under way as it may waits, and the next has its turn', () => {
		const settings = { maxConcurrency: 2 };
		const run = added({ user: '1', companies: ['甲'], settings });
		added({ user: '2', companies: ['乙'] });
		run.inFlight = 2;
		expect(rest()).toEqual([['乙']]);
		expect(queue.hasWork).toBe(false);
		run.inFlight = 1;
		expect(queue.hasWork).toBe(true);
		expect(rest()).toEqual([['甲']]);
	});

	test('a run of which all is under way keeps no turn from the next', () => {
		added({ user: '1', companies: ['甲'] });
		added({ user: '2', companies: ['乙'] });
		added({ user: '3', companies: ['丙'] });
		expect(rest()).toEqual([['甲'], ['乙'], ['丙']]);
		added({ user: '4', companies: ['丁'] });
		expect(rest()).toEqual([['丁']]);
	});

	test('calls that are formed go before rows that are in none yet, and the last formed first', () => {
		const settings = { rowsPerCall: { user: 2, company: 2 } };
		added({ companies: ['甲', '乙', '丙', '丁'], settings });
		queue.formed.halve(taken());
		expect(rest()).toEqual([['甲'], ['乙'], ['丙', '丁']]);
	});

	test('a formed call of which nobody waits for any row is passed over', () => {
		added({ companies: ['甲', '乙', '丙'] });
		const call = taken();
		queue.formed.again(call);
		call.rows.forEach((row) => {
			answered(row);
		});
		added({ user: '139', companies: ['丁'] });
		expect(rest()).toEqual([['丁']]);
		expect(queue.centres.isSpent(call.group)).toBe(true);
	});

	test('what does not fit a formed call any more is formed anew', () => {
		added({ companies: ['一家公司', '二家公司', '三家公司'] });
		const call = taken();
		queue.formed.again(call);
		// 100 bytes and two names, each of 36 bytes, with the comma between them.
		const short = queue.take(100 + 36 + 3 + 36);
		expect(namesOf(short)).toEqual(['一家公司', '二家公司']);
		expect(short).toMatchObject({ sends: 0, failures: 0, isHalf: false });
		expect(rest()).toEqual([['三家公司']]);
	});

	test.each([
		[19, [['甲'], ['乙']], 0],
		[20, [], 2],
	])(
		'halves of one row, after %d rows around the centre that were refused alone',
		(alone, calls, parked) => {
			const run = added({ companies: ['甲', '乙'] });
			const call = taken();
			call.group.refusedAlone.push(
				...Array.from({ length: alone }, (_, pair) => [{ run, pair, since: null }]),
			);
			queue.formed.halve(call);
			expect(rest()).toEqual(calls);
			expect(call.group.parked.map(namesOf)).toHaveLength(parked);
		},
	);

	test('only halves of one row are held back so: not others, and not what was never halved', () => {
		const run = added({ companies: ['甲', '乙', '丙', '丁'] });
		const call = taken();
		call.group.refusedAlone.push(
			...Array.from({ length: 20 }, (_, pair) => [{ run, pair, since: null }]),
		);
		queue.formed.halve(call);
		expect(rest()).toEqual([
			['甲', '乙'],
			['丙', '丁'],
		]);
		added({ companies: ['戊'] });
		const single = taken();
		queue.formed.again(single);
		expect(next()).toBe(single);
		expect(call.group.parked).toEqual([]);
	});
});

describe('who shares a call', () => {
	test('a call that waits is cut to the tightest of its runs', () => {
		added({ companies: ['甲', '乙', '丙'] });
		const call = taken();
		queue.formed.again(call);
		added({ companies: ['丙'], settings: { rowsPerCall: { user: 2, company: 2 } } });
		expect(rest()).toEqual([['甲', '乙'], ['丙']]);
	});

	test('a run with as many calls under way as it may gives no rows to another’s', () => {
		added({ companies: ['甲'] });
		const busy = added({ companies: ['乙'], settings: { maxConcurrency: 3 } });
		added({ companies: ['丙'] });
		busy.inFlight = 3;
		expect(rest()).toEqual([['甲', '丙']]);
		busy.inFlight = 2;
		expect(rest()).toEqual([['乙']]);
	});

	test('from the row on that somebody else asks for too, his limits hold as well', () => {
		added({ companies: ['甲', '乙', '丙', '丁'] });
		added({ companies: ['丙'], settings: { rowsPerCall: { user: 2, company: 2 } } });
		expect(rest()).toEqual([
			['甲', '乙'],
			['丙', '丁'],
		]);
	});

	test('no more are asked once it is full, and its own rows go once', () => {
		const settings = { rowsPerCall: { user: 2, company: 2 } };
		added({ companies: ['甲', '乙', '丙'], settings });
		const other = added({ companies: ['丁'] });
		expect(namesOf(next())).toEqual(['甲', '乙']);
		expect(other.waiting).toBe(1);
		expect(rest()).toEqual([['丁', '丙']]);
	});
});

describe('what goes on after a refusal', () => {
	test('halves are halves of what somebody waits for, and are known as such', () => {
		added({ companies: ['甲', '乙', '丙', '丁', '戊'] });
		const call = taken();
		answered(rowAt(call, 0));
		answered(rowAt(call, 1));
		queue.formed.halve(call);
		const halves = [taken(), taken()];
		expect(halves.map(namesOf)).toEqual([['丙', '丁'], ['戊']]);
		expect(halves).toMatchObject([
			{ isHalf: true, sends: 0, failures: 0 },
			{ isHalf: true, sends: 0, failures: 0 },
		]);
		expect(next()).toBeNull();
		expect(call.group.calls).toBe(2);
	});

	test('rows that are put back fill other calls', () => {
		const settings = { rowsPerCall: { user: 3, company: 3 } };
		added({ companies: ['甲', '乙', '丙', '丁'], settings });
		const call = taken();
		answered(rowAt(call, 0));
		queue.formed.putBack(call);
		expect(rest()).toEqual([['乙', '丙', '丁']]);
		expect(call.group.calls).toBe(1);
	});

	test.each([
		[
			0,
			[
				['甲', '乙', '丙'],
				['丁', '戊'],
			],
		],
		[1, [['甲', '乙'], ['丙'], ['丁', '戊']]],
	])(
		'those in doubt keep together, in halves where their query was sent: %d times',
		(sends, calls) => {
			added({ companies: ['甲', '乙', '丙', '丁', '戊'] });
			const call = taken();
			call.sends = sends;
			for (const row of call.rows.slice(0, 3)) row.doubtful = true;
			queue.formed.putBack(call);
			expect(rest()).toEqual(calls);
		},
	);

	test('a call waits before its run’s other rows, or ends where nobody waits for it', () => {
		const settings = { rowsPerCall: { user: 1, company: 1 } };
		const run = added({ companies: ['甲', '乙'], settings });
		const call = taken();
		queue.formed.again(call);
		expect(next()).toBe(call);
		answered(rowAt(call, 0));
		queue.formed.again(call);
		expect(run.formed).toEqual([]);
		expect(rest()).toEqual([['乙']]);
	});
});

describe('one run out of several', () => {
	function shared() {
		const one = added({ companies: ['甲', '乙'] });
		const other = added({ companies: ['乙', '丙'] });
		return { one, other, call: sent() };
	}

	test('a run’s rows are taken out of a call in flight as a call of their own, as often sent', () => {
		const { one, other, call } = shared();
		Object.assign(call, { sends: 2, failures: 3 });
		expect(namesOf(call)).toEqual(['甲', '乙', '丙']);
		const own = queue.detach(call, new Set([other]));
		expect(own).toMatchObject({ sends: 2, failures: 3, isHalf: false, inFlight: false });
		expect(namesOf(own)).toEqual(['乙', '丙']);
		expect(own?.rows.flatMap(({ askers }) => askers.map(({ run }) => run))).toEqual([other, other]);
		expect(call.rows.map(({ askers }) => askers.map(({ run }) => run))).toEqual([[one], [one], []]);
		expect(call.group.calls).toBe(2);
	});

	test('nothing is taken out for a run that has no rows in the call', () => {
		const { call } = shared();
		const stranger = added({ user: '139', companies: ['丁'] });
		expect(queue.detach(call, new Set([stranger]))).toBeNull();
		expect(call.group.calls).toBe(1);
	});

	test('what waits behind a row goes when its last call has arrived, and not before', () => {
		const { other, call } = shared();
		added({ companies: ['丙'], action: 'unassign' });
		const own = queue.detach(call, new Set([other]));
		if (!own) throw new Error('Nothing was taken out');
		queue.arrived(call);
		expect(queue.asked.strays.size).toBe(0);
		expect(next()).toBeNull();
		own.rows.forEach((row) => {
			answered(row);
		});
		queue.arrived(own);
		expect(next()).toMatchObject({ group: { action: 'unassign' } });
	});

	test('a row that is still waited for lets nothing pass by when its call arrives', () => {
		added({ companies: ['甲'] });
		added({ companies: ['甲'], action: 'unassign' });
		queue.arrived(sent());
		expect(next()).toBeNull();
	});

	test('a run that is withdrawn leaves what others wait for too, and what is in a call', () => {
		const settings = { rowsPerCall: { user: 1, company: 1 } };
		const one = added({ companies: ['甲', '乙', '丙'], settings });
		const other = added({ companies: ['甲', '丙'], settings });
		const call = sent();
		expect(namesOf(call)).toEqual(['甲']);
		for (const row of one.rows) if (row) answered(row, one);
		queue.withdraw(one);
		expect([one.waiting, other.waiting]).toEqual([0, 1]);
		expect(rest()).toEqual([['丙']]);
		expect(one.isOver).toBe(true);
	});

	test('its formed calls go on for who waits for their rows', () => {
		const one = added({ companies: ['甲', '乙'] });
		const other = added({ companies: ['乙'] });
		queue.formed.halve(taken());
		for (const row of one.rows) if (row) answered(row, one);
		queue.withdraw(one);
		expect([one.formed, other.formed.map(namesOf)]).toEqual([[], [['乙']]]);
		expect(rest()).toEqual([['乙']]);
	});

	const why = { status: 112, msg: null, what: 'no quota', advice: '' };

	test('a run that is stopped is told of all its pairs, and makes no more rows', () => {
		const run = added({ companies: ['甲', '乙'] }, { user: '139', companies: ['丙'] });
		taken();
		new Endings(queue).stop(run, why);
		expect(run.outcomes).toEqual([0, 1, 2].map(() => sharedOutcome('notSent', why)));
		expect([run.isOver, run.waiting, queue.hasWork, madeOf(run)]).toEqual([true, 0, false, []]);
	});

	test('a pair that has an outcome keeps it', () => {
		const run = added({ companies: ['甲', '乙'] }, { user: '139', companies: ['丙'] });
		answered(rowAt(taken(), 0));
		new Endings(queue).stop(run, why);
		expect(run.outcomes).toEqual([WHY, ...[1, 2].map(() => sharedOutcome('notSent', why))]);
	});

	test.each(['failed', 'cancelled'] as const)(
		'a run that %s leaves its rows to who has joined them',
		(how) => {
			const run = added({ companies: ['甲', '乙'] }, { user: '139', companies: ['丙'] });
			const joiner = added({ companies: ['乙'] });
			new Endings(queue).stop(run, why, how);
			expect([run.isOver, run.waiting, joiner.waiting]).toEqual([true, 0, 1]);
			expect(joiner.rows.filter((row) => row && isWaitedFor(row))).toHaveLength(1);
			expect(rest()).toEqual([['乙']]);
		},
	);
});

test('a single row of an assignment joins its fuller centre, whatever others do there', () => {
	const shape: Shape = 'company';
	const around = (user: string) => {
		const table = new PairTable();
		table.add(user, '甲公司');
		const run = new Run('assign', table, settingsOf());
		queue.add(run, [{ shape, centre: '甲公司', pairs: [0] }], 'company');
		return run;
	};
	around('1');
	around('2');
	added({ user: '3', companies: ['甲公司'], grouping: 'fewest' });
	const call = next();
	expect([call?.group.shape, namesOf(call)]).toEqual(['company', ['1', '2', '3']]);
	expect(next()).toBeNull();
});
