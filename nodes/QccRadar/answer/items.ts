import type { INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import type { Request } from '../read/request';
import { mapPaced } from '../timing';
import type { AnsweredRow } from './rows';
import { isUndone, msgOf } from './words';

/** One row of the node's output, its fields in the order that n8n's table shows them. */
export interface OutputRow {
	readonly loginName: string | null;
	readonly keyWord: string | null;
	readonly outcome: AnsweredRow['outcome'];
	readonly msg: string | null;
	/** The pair is as it was asked to be: outcome `ok` or `unchanged`. Null in a dry run. */
	readonly success: boolean | null;
	readonly status: number | null;
	readonly keyNo: string | null;
	readonly action: AnsweredRow['action'];
	readonly call?: number;
	readonly assigned?: boolean | null;
}

type Mutable<T> = { -readonly [field in keyof T]: T[field] };

function outputRow(row: AnsweredRow, { inputNames, options }: Request): Mutable<OutputRow> {
	const { loginName, keyWord, outcome, status, keyNo, action, call, assigned } = row;
	const success = outcome === 'ok' || outcome === 'unchanged';
	const output: Mutable<OutputRow> = {
		loginName,
		keyWord,
		outcome,
		msg: msgOf(row, inputNames),
		success: options.dryRun ? null : success,
		status,
		keyNo,
		action,
	};
	if (call !== undefined) output.call = call;
	if (assigned !== undefined) output.assigned = assigned;
	return output;
}

/**
 * One item for each row, in the same order, paired with the input item that asked for it.
 *
 * A row that was not done, on its way to the error branch, is `{ error: { message, …row } }`, one key
 * and no more: n8n 1.x and 2.x both route that shape there with its details, and add the input's fields
 * themselves.
 */
export function* toItems(
	rows: readonly AnsweredRow[],
	request: Request,
): Generator<undefined, INodeExecutionData[]> {
	const { inputs, options, errorOutput } = request;
	return yield* mapPaced(rows, (answered): INodeExecutionData => {
		const { item, input } = answered;
		const row = outputRow(answered, request);
		const pairedItem: IPairedItemData = input === 0 ? { item } : { item, input };
		if (errorOutput && isUndone(row)) {
			const message = row.msg ?? `QCC rejected the row with status ${row.status ?? 'unknown'}`;
			return { json: { error: { message, ...row } }, pairedItem };
		}
		if (!options.includeInputFields) return { json: row, pairedItem };
		const own = { ...inputs[input]?.[item]?.json };
		// An item from an error branch: by this key n8n would take the row for a failed one.
		delete own.error;
		// The row's fields stand first, and win where names meet.
		return { json: { ...row, ...own, ...row }, pairedItem };
	});
}
