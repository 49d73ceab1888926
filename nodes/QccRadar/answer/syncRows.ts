import type { OutcomeWord } from '../send/outcome';
import type { SyncedRow } from '../sync/answerRows';
import type { Demand } from '../sync/sync';
import { describeProblem, progress, whatHappened, type Row, type Tally } from './output';
import type { Failure } from '../send/outcome';

/** A row of a sync as a demand that {@link toItems} answers: pairs are told by the row itself. */
export function demandsOf(rows: readonly SyncedRow[]): Demand[] {
	return rows.map(({ item, input, action, problem }) => {
		return { item, input, action, pair: problem ?? 0 };
	});
}

export function syncTally(rows: readonly SyncedRow[]): Tally {
	const tally: Record<OutcomeWord | 'unchanged', number> = {
		ok: 0,
		rejected: 0,
		unknown: 0,
		notSent: 0,
		unchanged: 0,
	};
	for (const { outcome } of rows) if (outcome !== 'planned') tally[outcome] += 1;
	return tally;
}

/** The row that answers each demand. */
export function answerSynced(
	rows: readonly SyncedRow[],
	demands: readonly Demand[],
	{ inputNames, failure, tally }: SyncWords,
): (demand: Demand) => Row {
	const byDemand = new Map(demands.map((demand, i) => [demand, rows[i]]));
	return (demand) => {
		const row = byDemand.get(demand);
		if (!row) throw new TypeError('A row has no answer');
		const { action, loginName, keyWord, keyNo, outcome, status, assigned, reason, problem } = row;
		const told = reason && `${whatHappened(reason)}. ${reason.advice}`;
		const msg = problem
			? describeProblem(problem, row.item, inputNames[row.input])
			: (told ?? row.msg);
		return {
			action,
			loginName,
			keyWord,
			keyNo,
			success: outcome === 'ok' || outcome === 'unchanged',
			outcome,
			status,
			msg: reason && reason === failure?.reason ? `${msg ?? ''} ${progress(tally)}` : msg,
			...('call' in row && typeof row.call === 'number' ? { call: row.call } : {}),
			assigned,
		};
	};
}

interface SyncWords {
	readonly inputNames: readonly string[];
	readonly failure: Failure | null;
	readonly tally: Tally;
}
