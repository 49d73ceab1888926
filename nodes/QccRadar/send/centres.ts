import { canBeListed, type Action, type Shape } from '../qcc/endpoints';
import { centreOf, type Call, type Group, type Row, type RowList, type Run } from './run';

export function countWaiting({ rows, from }: RowList): number {
	return rows.length - from;
}

/** What waits for a call or is in one, by the centre that it travels around. */
export class Centres {
	private readonly groups = new Map<string, Group>();
	/** Centres with refused calls that wait for what becomes of others. */
	readonly parked = new Set<Group>();

	newCall(group: Group, rows: readonly Row[]): Call {
		group.calls += 1;
		return {
			group,
			rows,
			sends: 0,
			failures: 0,
			isHalf: false,
			parted: 0,
			since: null,
			inFlight: false,
			end: null,
		};
	}

	/** The call is over: nothing of it waits. */
	done({ group }: Call): void {
		group.calls -= 1;
		this.forget(group);
	}

	/** Whether nothing around this centre is under way any more, but for what is parked. */
	isSpent({ lists, guests, calls }: Group): boolean {
		return calls === 0 && lists.size === 0 && guests.size === 0;
	}

	/** The call waits until it is known whether its rows are the cause of its refusal. */
	park(call: Call): void {
		call.group.parked.push(call);
		this.parked.add(call.group);
		call.group.calls -= 1;
	}

	/** The calls that were parked around a centre, to be dealt with. */
	unpark(group: Group): readonly Call[] {
		const { parked } = group;
		group.parked = [];
		this.parked.delete(group);
		group.calls += parked.length;
		return parked;
	}

	/** A single row of an assignment joins whichever of its two centres has more waiting. */
	better({ group, alternative }: RowList): Group {
		if (!alternative) return group;
		const waiting = ({ lists, guests }: Group) =>
			[...lists.values(), ...guests].reduce((sum, list) => sum + countWaiting(list), 0);
		return waiting(alternative) > waiting(group) ? alternative : group;
	}

	/**
	 * Rows go back to the front of the lists that they would be in had they never been taken; those that
	 * nobody waits for are left out.
	 */
	restore(rows: readonly Row[]): void {
		const byList = new Map<Group, Map<Run, Row[]>>();
		for (const row of rows) {
			const [asker] = row.askers;
			if (!asker) continue;
			row.movable = false;
			const group = this.group(row.action, row.shape, centreOf(row, row.shape));
			const ofGroup = byList.get(group) ?? new Map<Run, Row[]>();
			byList.set(group, ofGroup);
			const returned = ofGroup.get(asker.run) ?? [];
			ofGroup.set(asker.run, returned);
			returned.push(row);
		}
		for (const [group, ofGroup] of byList) {
			// Lest the centre is forgotten while its lists are made anew.
			group.calls += 1;
			for (const [run, returned] of ofGroup) {
				const known = group.lists.get(run);
				const others = known?.rows.slice(known.from) ?? [];
				if (known) this.taken(known, others.length);
				this.open(run, [...returned, ...others], false);
			}
			group.calls -= 1;
		}
	}

	/** Opens a list of rows that have run and centre in common. It is the run's next. */
	open(run: Run, rows: Row[], canMove: boolean): void {
		const [row] = rows;
		if (!row) return;
		const { action, shape, company } = row;
		const other = shape === 'user' ? 'company' : 'user';
		const movable = canMove && rows.length === 1 && canBeListed(company);
		const list: RowList = {
			run,
			group: this.group(action, shape, centreOf(row, shape)),
			alternative: movable ? this.group(action, other, centreOf(row, other)) : null,
			rows,
			from: 0,
		};
		row.movable = movable;
		run.lists.push(list);
		run.waiting += rows.length;
		list.group.lists.set(run, list);
		list.alternative?.guests.add(list);
	}

	/** So many rows of a list are in a call now. */
	taken(list: RowList, count: number): void {
		list.from += count;
		list.run.waiting -= count;
		if (countWaiting(list) > 0) return;
		list.group.lists.delete(list.run);
		list.alternative?.guests.delete(list);
		const { lists } = list.run;
		for (let last = lists.at(-1); last && countWaiting(last) === 0; last = lists.at(-1))
			lists.pop();
		if (list.alternative) this.forget(list.alternative);
		this.forget(list.group);
	}

	private group(action: Action, shape: Shape, centre: string): Group {
		const key = keyOf(action, shape, centre);
		const known = this.groups.get(key);
		if (known) return known;
		const group: Group = {
			action,
			shape,
			centre,
			lists: new Map(),
			guests: new Set(),
			calls: 0,
			wentThrough: false,
			wentThroughAt: -Infinity,
			refusedAlone: [],
			parked: [],
			toTheEnd: false,
		};
		this.groups.set(key, group);
		return group;
	}

	private forget(group: Group): void {
		if (!this.isSpent(group) || group.parked.length > 0) return;
		this.groups.delete(keyOf(group.action, group.shape, group.centre));
	}
}

function keyOf(action: Action, shape: Shape, centre: string): string {
	return `${action} ${shape} ${centre}`;
}
