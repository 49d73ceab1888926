import type { IExecuteFunctions } from 'n8n-workflow';
import { readLedger } from '../read/ledger';
import type { Request } from '../read/request';
import { PairTable } from '../read/pairs';
import { readRows, type Row } from '../read/rows';
import { mapPaced } from '../timing';
import { difference, newTables, type Demand, type Tables } from './sync';

/** The rows asked for, and the distinct pairs behind them. */
export interface Demands {
	/** In input order. */
	readonly demands: readonly Demand[];
	readonly tables: Tables;
	/** Sync: pairs in Current. */
	readonly current: number;
	/** Sync: some row of Desired could not be read. */
	readonly desiredUnreadable: boolean;
}

export function* readDemands(
	context: IExecuteFunctions,
	request: Request,
): Generator<undefined, Demands> {
	const { action } = request;
	const { rows, pairs } = yield* readRows(context, request);
	if (!request.sync) {
		const demands = yield* mapPaced(rows, (row) => ({ ...row, action, input: 0 }));
		const tables = action === 'none' ? newTables() : { ...newTables(), [action]: pairs };
		return { demands, tables, current: 0, desiredUnreadable: false };
	}

	const tables = newTables();
	const ledger = yield* readLedger(context, request);
	const standing = new PairTable();
	const asks: Row[] = [];
	for (const { item, pair, stands } of ledger.rows) {
		if (stands === false) continue;
		const own =
			typeof pair === 'number'
				? standing.add(ledger.pairs.loginName(pair), ledger.pairs.company(pair))
				: pair;
		asks.push({ item, pair: own });
	}
	return {
		demands: yield* difference({ asks: rows, table: pairs }, { asks, table: standing }, tables),
		tables,
		current: standing.size,
		desiredUnreadable: rows.some(({ pair }) => typeof pair !== 'number'),
	};
}
