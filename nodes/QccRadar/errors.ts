import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { describeProblem, progress, whatHappened, type Row, type Tally } from './output';
import type { Failure } from './sendCalls';
import type { Demand } from './sync';

const MOST_ITEMS_NAMED = 5;
const MOST_WORDS_COUNTED = 3;

/** Input that no call can carry, under On Error = Stop: found before anything was sent. */
export function inputError(
	node: INode,
	demands: readonly Demand[],
	inputNames: readonly string[],
): NodeOperationError | null {
	const [first, ...others] = demands.filter((demand) => typeof demand.pair !== 'number');
	if (!first || typeof first.pair === 'number') return null;
	const items = new Set(others.map(({ item }) => item));
	items.delete(first.item);
	const named = [...items].slice(0, MOST_ITEMS_NAMED).join(', ');
	const more = items.size > MOST_ITEMS_NAMED ? ` and ${items.size - MOST_ITEMS_NAMED} more` : '';
	const also = items.size > 0 ? ` Unfit as well: items ${named}${more}.` : '';
	return new NodeOperationError(
		node,
		describeProblem(first.pair, first.item, inputNames[first.input]),
		{
			itemIndex: first.item,
			description: `Nothing was sent.${also} Correct the input, or set On Error to Continue to send the other rows.`,
		},
	);
}

/** A fault of the run, under On Error = Stop. */
export function runError(
	node: INode,
	{ reason }: Failure,
	tally: Tally,
): NodeApiError | NodeOperationError {
	const { status, msg, advice } = reason;
	const message = whatHappened(reason);
	const description = `${advice} ${progress(tally)}`;
	if (status === null) return new NodeOperationError(node, message, { description });
	const httpCode = status.toString();
	return new NodeApiError(node, { code: status, msg }, { message, description, httpCode });
}

/** Rejected rows, for those who would rather have the workflow fail. All calls were made. */
export function rejectedError(node: INode, rows: readonly Row[], tally: Tally): NodeOperationError {
	return new NodeOperationError(
		node,
		`QCC rejected ${tally.rejected} of ${rows.length} rows: ${commonWords(rows)}`,
		{
			description: `${progress(tally)} Switch “Fail on Rejected Rows” off to get each row with its own answer.`,
		},
	);
}

/** Counts what was not done, for the hint beside the output. Null where everything was. */
export function summary(rows: readonly Row[], tally: Tally): string | null {
	const failed = rows.length - tally.ok - tally.unchanged;
	if (failed === 0) return null;
	const words = commonWords(rows);
	// Where the run failed, its rows' own message has told already how far it came.
	const told = words.includes(progress(tally)) ? words : `${progress(tally)} ${words}`;
	return `Not done: ${failed} of ${rows.length} rows. ${told}`;
}

/** The commonest messages of failed rows, with how often each came. */
function commonWords(rows: readonly Row[]): string {
	const counts = new Map<string, number>();
	for (const { success, msg, status } of rows) {
		const words = msg ?? `status ${status ?? 'unknown'}`;
		if (!success) counts.set(words, (counts.get(words) ?? 0) + 1);
	}
	return [...counts]
		.sort(([, a], [, b]) => b - a)
		.slice(0, MOST_WORDS_COUNTED)
		.map(([words, count]) => `${words} (${count})`)
		.join('; ');
}
