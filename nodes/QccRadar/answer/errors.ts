import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { describeProblem, progress, whatHappened, type Output, type Tally } from './output';
import type { Failure } from '../send/outcome';
import type { Demand } from '../sync/sync';

type Failures = Output['failures'];

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
export function rejectedError(node: INode, tally: Tally, failures: Failures): NodeOperationError {
	return new NodeOperationError(
		node,
		`QCC rejected ${tally.rejected} of ${rowsIn(tally)} rows: ${commonWords(failures)}`,
		{
			description: `${progress(tally)} Switch “Fail on Rejected Rows” off to get each row with its own answer.`,
		},
	);
}

/** Counts what was not done, for the hint beside the output. Null where everything was. */
export function summary(tally: Tally, failures: Failures): string | null {
	const failed = rowsIn(tally) - tally.ok - tally.unchanged;
	if (failed === 0) return null;
	const words = commonWords(failures);
	// Where the run failed, its rows' own message has told already how far it came.
	const told = words.includes(progress(tally)) ? words : `${progress(tally)} ${words}`;
	return `Not done: ${failed} of ${rowsIn(tally)} rows. ${told}`;
}

function rowsIn(tally: Tally): number {
	return Object.values(tally).reduce((sum, rows) => sum + rows);
}

/** The commonest messages of failed rows, with how often each came. */
function commonWords(failures: Failures): string {
	return [...failures]
		.sort(([, a], [, b]) => b - a)
		.slice(0, MOST_WORDS_COUNTED)
		.map(([words, count]) => `${words} (${count})`)
		.join('; ');
}
