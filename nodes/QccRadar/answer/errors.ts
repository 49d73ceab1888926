import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import type { Row } from '../read/rows';
import type { Failure } from '../send/outcome';
import { commonCauses, describeProblem, progress, whatHappened, type Summary } from './words';

const MOST_ITEMS_NAMED = 5;

/**
 * Input that no call can carry, under On Error = Stop: found before anything was sent.
 * @param inputs the rows of each input
 */
export function inputError(
	node: INode,
	inputs: readonly (readonly Row[])[],
	inputNames: readonly string[],
): NodeOperationError | null {
	const unfit = inputs.flatMap((rows, input) =>
		rows.flatMap(({ item, pair }) => (typeof pair === 'number' ? [] : [{ item, input, pair }])),
	);
	const [first] = unfit;
	if (!first) return null;
	const items = new Set(unfit.map(({ item }) => item));
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
	summary: Summary,
): NodeApiError | NodeOperationError {
	const { status, msg, advice } = reason;
	const message = whatHappened(reason);
	const description = `${advice} ${progress(summary)}`;
	if (status === null) return new NodeOperationError(node, message, { description });
	const httpCode = status.toString();
	return new NodeApiError(node, { code: status, msg }, { message, description, httpCode });
}

/** Rejected rows, for those who would rather have the workflow fail. All calls were made. */
export function rejectedError(node: INode, summary: Summary): NodeOperationError {
	const { tally } = summary;
	const rows = Object.values(tally).reduce((sum, count) => sum + count);
	return new NodeOperationError(
		node,
		`QCC rejected ${tally.rejected} of ${rows} rows: ${commonCauses(summary)}`,
		{
			description: `${progress(summary)} Switch “Fail on Rejected Rows” off to get each row with its own answer.`,
		},
	);
}
