import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import type { AskedRow } from '../read/rows';
import type { Failure } from '../send/outcome';
import { commonCauses, describeProblem, progress, whatHappened, type Summary } from './words';

const MOST_ITEMS_NAMED = 5;

/**
 * Input that no call can carry, under On Error = Stop: found before anything was sent.
 * @param inputs the rows of each input
 */
export function inputError(
	node: INode,
	inputs: readonly (readonly AskedRow[])[],
	inputNames: readonly string[],
): NodeOperationError | null {
	const unfit = inputs.flatMap((rows, input) =>
		rows.flatMap(({ item, pair }) => (typeof pair === 'number' ? [] : [{ item, input, pair }])),
	);
	const [first] = unfit;
	if (!first) return null;
	const others = inputs.map((_, input) => {
		const items = new Set(unfit.flatMap((one) => (one.input === input ? [one.item] : [])));
		if (input === first.input) items.delete(first.item);
		return [...items];
	});
	const named = others.flatMap((items, input) => namedOf(items, inputNames[input]));
	const also = named.length > 0 ? ` Unfit as well: ${named.join('; ')}.` : '';
	const message = describeProblem(first.pair, first.item, inputNames[first.input]);
	const description = `Nothing was sent.${also} Correct the input, or set On Error to Continue to send the other rows.`;
	return saying(
		message,
		new NodeOperationError(node, message, { itemIndex: first.item, description }),
	);
}

/** `items 3, 5 of Current and 7 more`. */
function namedOf(items: readonly number[], input: string | undefined): string[] {
	if (items.length === 0) return [];
	const named = items.slice(0, MOST_ITEMS_NAMED).join(', ');
	const more = items.length - MOST_ITEMS_NAMED;
	return [`items ${named}${input ? ` of ${input}` : ''}${more > 0 ? ` and ${more} more` : ''}`];
}

/** A fault of the run, under On Error = Stop. */
export function runError(
	node: INode,
	{ reason }: Failure,
	summary: Summary,
): NodeApiError | NodeOperationError {
	const { status, msg, advice } = reason;
	const message = whatHappened(reason);
	const description = `${advice} ${progress(summary)}`;
	if (status === null) {
		return saying(message, new NodeOperationError(node, message, { description }));
	}
	const options = { message, description, httpCode: status.toString() };
	return saying(message, new NodeApiError(node, { code: status, msg }, options));
}

/** Rejected rows, for those who would rather have the workflow fail. All calls were made. */
export function rejectedError(node: INode, summary: Summary): NodeOperationError {
	const { tally, causes } = summary;
	const rows = Object.values(tally).reduce((sum, count) => sum + count);
	const refusals = causes
		.flatMap((cause) => (cause.rejected > 0 ? [{ ...cause, rows: cause.rejected }] : []))
		.sort((one, other) => other.rows - one.rows);
	const message = `QCC rejected ${tally.rejected} of ${rows} rows: ${commonCauses(refusals)}`;
	const description = `${progress(summary)} Switch “Fail on Rejected Rows” off to get each row with its own answer.`;
	return saying(message, new NodeOperationError(node, message, { description }));
}

/**
 * n8n puts a text of its own in the place of a message that holds a word like ECONNRESET (`NodeError`'s
 * table of common errors), and counsels Retry On Fail.
 */
function saying<E extends NodeApiError | NodeOperationError>(message: string, error: E): E {
	error.message = message;
	error.messages = [];
	return error;
}
