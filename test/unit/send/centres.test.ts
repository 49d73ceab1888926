import type { Shape } from '../../../nodes/QccRadar/qcc/endpoints';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import { Asked } from '../../../nodes/QccRadar/send/asked';
import { Centres } from '../../../nodes/QccRadar/send/centres';
import { Run, type Row, type RowList } from '../../../nodes/QccRadar/send/run';
import { settingsOf } from '../../harness/settings';

let centres: Centres;
let asked: Asked;
beforeEach(() => {
	centres = new Centres();
	asked = new Asked();
});

interface Opened {
	readonly run: Run;
	readonly rows: readonly Row[];
	readonly list: RowList;
}

/** A run's rows around one centre, opened as a list. */
function opened(
	shape: Shape,
	pairs: readonly (readonly [user: string, company: string])[],
	canMove = true,
): Opened {
	const table = new PairTable();
	for (const [user, company] of pairs) table.add(user, company);
	const run = new Run('assign', table, settingsOf());
	asked.runs.add(run);
	const rows = pairs.map((_, pair) => asked.ask(run, pair, shape, { runs: [], strays: [] }));
	centres.open(run, rows, canMove);
	return { run, rows, list: lastOf(run) };
}

function lastOf({ lists }: Run): RowList {
	const list = lists.at(-1);
	if (!list) throw new Error('No list');
	return list;
}

const centreOf = ({ shape, centre }: { shape: Shape; centre: string }) => `${shape} ${centre}`;
const better = (list: RowList) => centreOf(centres.better(list));

describe('a single row joins whichever of its centres has more waiting', () => {
	test.each<[Shape, string]>([
		['user', 'company 甲公司'],
		['company', 'user 138'],
	])('from the %s to the %s', (shape, elsewhere) => {
		const other = shape === 'user' ? 'company' : 'user';
		const { list } = opened(shape, [['138', '甲公司']]);
		expect(better(list)).toBe(centreOf(list.group));
		// One more around the other centre: as many as around its own, with itself on both sides.
		const [user, company] = other === 'user' ? ['138', '乙公司'] : ['139', '甲公司'];
		opened(other, [
			[user, company],
			[other === 'user' ? user : '137', other === 'user' ? '丙公司' : company],
		]);
		expect(better(list)).toBe(elsewhere);
	});

	test('stays where there are as many, counting who may come too', () => {
		const { list } = opened('user', [['138', '甲公司']]);
		opened('company', [['139', '甲公司']], false);
		opened('user', [['138', '乙公司']], false);
		expect(better(list)).toBe('user 138');
		opened('company', [['137', '甲公司']]);
		expect(better(list)).toBe('company 甲公司');
	});

	test.each<[string, Shape, [string, string][], boolean]>([
		['where the grouping is fixed', 'user', [['138', '甲公司']], false],
		[
			'with others',
			'user',
			[
				['138', '甲公司'],
				['138', '乙公司'],
			],
			true,
		],
		['where its company cannot travel in a list', 'company', [['138', 'Acme, Inc.']], true],
	])('but not %s', (_, shape, pairs, canMove) => {
		expect(opened(shape, pairs, canMove).list.alternative).toBeNull();
	});

	test('a company with a comma may be the centre that a row moves to', () => {
		const { list } = opened('user', [['138', 'Acme， Inc.']]);
		expect(list.alternative).toMatchObject({ shape: 'company', centre: 'Acme， Inc.' });
	});
});

describe('rows that come back', () => {
	test('stand before what waits still, in one list that stays around its centre', () => {
		const { run, rows, list } = opened('user', [
			['138', '甲公司'],
			['138', '乙公司'],
			['138', '丙公司'],
		]);
		centres.taken(list, 2);
		centres.restore(rows.slice(0, 2));
		expect(lastOf(run).rows.slice(lastOf(run).from)).toEqual(rows);
		expect([run.waiting, list.group.lists.size, lastOf(run).alternative]).toEqual([3, 1, null]);
	});

	test('a single one does not move either: its plan has put it there', () => {
		const { run, rows, list } = opened('user', [['138', '甲公司']]);
		centres.taken(list, 1);
		centres.restore(rows);
		expect(lastOf(run).alternative).toBeNull();
	});

	test('are left out where nobody waits for them', () => {
		const { run, rows, list } = opened('user', [['138', '甲公司']]);
		centres.taken(list, 1);
		for (const row of rows) row.askers = [];
		centres.restore(rows);
		expect([run.lists, run.waiting]).toEqual([[], 0]);
	});
});

describe('a centre is remembered', () => {
	/** Whether what was learned of it is there still when more is asked around it. */
	const isKnown = (of: Opened) =>
		opened('user', [['138', '新公司']], false).list.group === of.list.group;

	test('as long as something waits around it, is under way, or may come as a guest', () => {
		const one = opened('user', [['138', '甲公司']], false);
		expect(centres.isSpent(one.list.group)).toBe(false);
		const call = centres.newCall(one.list.group, one.rows);
		centres.taken(one.list, 1);
		expect(centres.isSpent(one.list.group)).toBe(false);
		const guest = opened('company', [['138', '乙公司']]);
		centres.done(call);
		expect(centres.isSpent(one.list.group)).toBe(false);
		centres.taken(guest.list, 1);
		expect(centres.isSpent(one.list.group)).toBe(true);
		expect(isKnown(one)).toBe(false);
	});

	test('as long as calls are parked around it', () => {
		const one = opened('user', [['138', '甲公司']], false);
		const call = centres.newCall(one.list.group, one.rows);
		centres.taken(one.list, 1);
		centres.park(call);
		expect([centres.isSpent(one.list.group), [...centres.parked]]).toEqual([
			true,
			[one.list.group],
		]);
		const more = opened('user', [['138', '新公司']], false);
		expect(more.list.group).toBe(one.list.group);
		centres.taken(more.list, 1);
		expect(isKnown(one)).toBe(true);
	});

	test('and the calls that were parked around it are there to be dealt with, once', () => {
		const one = opened('user', [['138', '甲公司']], false);
		const call = centres.newCall(one.list.group, one.rows);
		centres.park(call);
		expect(one.list.group.calls).toBe(0);
		expect(centres.unpark(one.list.group)).toEqual([call]);
		expect([one.list.group.calls, one.list.group.parked, centres.parked.size]).toEqual([1, [], 0]);
	});
});

test('lists of which all is taken are let go', () => {
	const { run, rows } = opened('user', [
		['138', '甲公司'],
		['138', '乙公司'],
	]);
	const first = lastOf(run);
	centres.open(run, [...rows].slice(0, 1), false);
	const second = lastOf(run);
	centres.taken(first, 2);
	expect(run.lists).toEqual([first, second]);
	centres.taken(second, 1);
	expect([run.lists, run.waiting]).toEqual([[], 0]);
});
