import type { Action, Shape } from '../../../nodes/QccRadar/qcc/endpoints';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import { Asked } from '../../../nodes/QccRadar/send/asked';
import { Run, type Call, type Row } from '../../../nodes/QccRadar/send/run';
import { settingsOf } from '../../harness/settings';

let asked: Asked;
beforeEach(() => {
	asked = new Asked();
});

/** A run of its own that asks for one pair. */
function ask(action: Action, loginName = '138', company = '甲公司') {
	const table = new PairTable();
	table.add(loginName, company);
	const run = new Run(action, table, settingsOf());
	asked.runs.add(run);
	const row = asked.ask(run, 0, 'user', asked.around('user', run.pairs.loginName(0)));
	return { run, row, joined: row.askers.length > 1 };
}

/** Its run waits for the row no longer, and leaves. */
function abandon({ run, row }: { run: Run; row: Row }, inFlight: boolean): void {
	row.askers = [];
	run.rows.length = 0;
	asked.runs.delete(run);
	if (inFlight) asked.strays.add(row);
}

test('the same is asked for once, and told to both', () => {
	const first = ask('assign');
	const second = ask('assign');
	expect([first.joined, second.joined]).toEqual([false, true]);
	expect(second.row).toBe(first.row);
	expect(first.row.askers).toEqual([
		{ run: first.run, pair: 0, since: null },
		{ run: second.run, pair: 0, since: null },
	]);
	expect([first.run.rows[0], second.run.rows[0]]).toEqual([first.row, first.row]);
});

test('another user’s company, another company of the user: neither joins nor waits', () => {
	ask('assign');
	expect(ask('assign', '139')).toMatchObject({ joined: false, row: { behind: 0 } });
	expect(ask('unassign', '138', '乙公司')).toMatchObject({ joined: false, row: { behind: 0 } });
});

test('opposite actions go in the order of asking, and who comes last joins the last', () => {
	const assign = ask('assign');
	const unassign = ask('unassign');
	const again = ask('assign');
	expect([assign, unassign, again].map(({ row }) => row.behind)).toEqual([0, 1, 1]);
	expect(ask('assign').row).toBe(again.row);

	abandon(assign, false);
	expect(asked.release(assign.row)).toBe(unassign.row);
	expect(unassign.row.behind).toBe(0);
	expect(asked.release(assign.row)).toBeNull();
});

describe('who asks around a user and may not move', () => {
	/** Asks for the one pair around a centre, and says whether it has joined. */
	const joins = (shape: Shape, canMove = false) => {
		const table = new PairTable();
		table.add('138', '甲公司');
		const run = new Run('assign', table, settingsOf());
		run.canMove = canMove;
		asked.runs.add(run);
		return asked.ask(run, 0, shape, asked.around('user', run.pairs.loginName(0))).askers.length > 1;
	};
	const called = (row: Row, shape: Shape) => {
		row.call = { group: { shape } } as Call;
	};

	test('joins a row that goes around the user', () => {
		const { row } = ask('assign');
		expect(joins('user')).toBe(true);
		called(row, 'user');
		expect(joins('user')).toBe(true);
	});

	test('joins none that goes around the company', () => {
		expect(joins('company')).toBe(false);
		expect(joins('user')).toBe(false);
	});

	test('joins none that may yet go around the company', () => {
		ask('assign').row.movable = true;
		expect(joins('user')).toBe(false);
	});

	test('joins none that has moved to the company', () => {
		called(ask('assign').row, 'company');
		expect(joins('user')).toBe(false);
	});

	test('others join whatever goes', () => {
		const { row } = ask('assign');
		row.movable = true;
		called(row, 'company');
		expect([joins('company'), joins('user', true)]).toEqual([true, true]);
	});
});

describe('what is in flight, though nobody waits for it', () => {
	test('is not joined, for it may be ended, and the same need not wait for it', () => {
		const left = ask('assign');
		abandon(left, true);
		const again = ask('assign');
		expect(again).toMatchObject({ joined: false, row: { behind: 0 } });
		expect(again.row).not.toBe(left.row);
	});

	test('is waited for by the opposite, when nobody else is there too', () => {
		const left = ask('assign');
		abandon(left, true);
		const unassign = ask('unassign');
		expect(unassign).toMatchObject({ joined: false, row: { behind: 1 } });
		expect(asked.release(left.row)).toBe(unassign.row);
		expect(asked.strays.size).toBe(0);
	});

	test('binds its own pair alone', () => {
		abandon(ask('assign'), true);
		expect(ask('unassign', '139').row.behind).toBe(0);
		expect(ask('unassign', '138', '乙公司').row.behind).toBe(0);
	});
});

describe('a row that waits behind another', () => {
	test('may be joined though nobody waits for it: it is not under way', () => {
		ask('assign');
		const waiting = ask('unassign');
		waiting.row.askers = [];
		expect(ask('unassign').row).toBe(waiting.row);
		expect(waiting.row).toMatchObject({ behind: 1, askers: [{ pair: 0 }] });
	});

	test('lets nothing by that waits behind it, though nobody waits for it any more', () => {
		const first = ask('assign');
		const given = ask('unassign');
		const last = ask('assign');
		given.row.askers = [];
		expect(asked.release(given.row)).toBeNull();
		expect(last.row.behind).toBe(1);

		first.row.askers = [];
		expect(asked.release(first.row)).toBe(last.row);
		expect(last.row.behind).toBe(0);
	});
});

test('one run’s row goes on by itself, and what waits behind it waits for both', () => {
	const first = ask('assign');
	const second = ask('assign');
	const behind = ask('unassign');
	const call = {} as never;
	const twin = asked.detach(first.row, new Set([second.run]), call);
	expect(twin).toMatchObject({ action: 'assign', loginName: '138', company: '甲公司', behind: 0 });
	expect(twin?.askers.map(({ run }) => run)).toEqual([second.run]);
	expect(first.row.askers.map(({ run }) => run)).toEqual([first.run]);
	expect([behind.row.behind, second.run.rows[0]]).toEqual([2, twin]);
	expect(asked.detach(first.row, new Set([second.run]), call)).toBeNull();

	if (!twin) throw new Error('No twin');
	twin.askers = [];
	expect(asked.release(twin)).toBeNull();
	first.row.askers = [];
	expect(asked.release(first.row)).toBe(behind.row);
});
