import { PairTable } from '../read/pairs';
import type { Row } from '../read/rows';
import type { Reason } from '../qcc/verdict';
import { forEachPaced } from '../timing';

/** What a run does to a pair: `none` where it stands already as it should. */
export type RowAction = 'assign' | 'unassign' | 'none';

/** A row to be answered: an ask, with what is to be done about it and the input it came in by. */
export interface Demand extends Row {
	readonly action: RowAction;
	/** 0, or 1 for the second input of a sync. */
	readonly input: number;
}

/** Pairs by what is to be done to them; a demand's pair is a number in the table of its action. */
export type Tables = Readonly<Record<RowAction, PairTable>>;

export function newTables(): Tables {
	return {
		assign: new PairTable(),
		unassign: new PairTable(),
		none: new PairTable(),
	};
}

/** Pairs as read from one input. */
export interface Side {
	readonly asks: readonly Row[];
	readonly table: PairTable;
}

/**
 * The difference between what is desired and what stands: one demand for each row of Desired, then
 * one for each row of Current that is not desired any more.
 */
export function* difference(
	desired: Side,
	current: Side,
	tables: Tables,
): Generator<undefined, Demand[]> {
	const demands: Demand[] = [];
	const demand = (ask: Row, side: Side, input: number, actionOf: (pair: number) => RowAction) => {
		const { item, pair } = ask;
		if (typeof pair !== 'number') {
			demands.push({ item, pair, input, action: 'none' });
			return;
		}
		const action = actionOf(pair);
		const own = tables[action].add(side.table.loginName(pair), side.table.company(pair));
		demands.push({ item, pair: own, input, action });
	};
	const standsIn = ({ table }: Side, from: Side, pair: number) =>
		table.find(from.table.loginName(pair), from.table.company(pair)) !== undefined;

	yield* forEachPaced(desired.asks, (ask) => {
		demand(ask, desired, 0, (pair) => (standsIn(current, desired, pair) ? 'none' : 'assign'));
	});
	yield* forEachPaced(current.asks, (ask) => {
		if (typeof ask.pair === 'number' && standsIn(desired, current, ask.pair)) return;
		demand(ask, current, 1, () => 'unassign');
	});
	return demands;
}

const NO_BRAKE = 100;

/**
 * Why a sync must not run: it would remove more than the user allows, as an empty or cut export would
 * have it do.
 * @param most percent of `current` that may be removed; 100 allows any number
 */
export function brake(removals: number, current: number, most: number): Reason | null {
	if (most >= NO_BRAKE || removals * NO_BRAKE <= current * most) return null;
	return {
		status: null,
		msg: null,
		what: `the sync would remove ${removals} of the ${current} current assignments, more than the ${most} % that “Max Removals” allows`,
		advice:
			'Nothing was sent. See whether the Desired input is complete. If these removals are meant, raise “Max Removals”; 100 allows any number.',
	};
}

/** Removals wait until every desired row can be read: what is unreadable could be among them. */
export const DESIRED_UNREADABLE: Reason = {
	status: null,
	msg: null,
	what: 'nothing is removed while rows of the Desired input cannot be read',
	advice: 'Correct these rows, and run the workflow again.',
};
