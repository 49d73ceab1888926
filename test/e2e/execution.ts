import { parse } from 'flatted';
import type {
	IDataObject,
	INodeExecutionData,
	IRun,
	ITaskData,
	NodeExecutionHint,
} from 'n8n-workflow';

/** One run of one node in an execution. */
export interface NodeRun {
	/** The items of each output, in the outputs' order. */
	readonly outputs: readonly (readonly INodeExecutionData[])[];
	readonly error: IDataObject | undefined;
	readonly hints: readonly NodeExecutionHint[];
	/** ms */
	readonly time: number;
}

/** An execution of a workflow, as n8n recorded it. */
export interface Execution {
	/** n8n's word: `success`, `error`, `canceled` or `crashed`. */
	readonly status: IRun['status'];
	/** What ended the execution, as n8n serialised it. */
	readonly error: IDataObject | undefined;
	/** The runs of each node, by the node's name. */
	readonly nodes: Readonly<Record<string, readonly NodeRun[]>>;
	readonly raw: IRun['data'];
}

/** Errors have been through JSON: plain objects, whatever class their type names. */
function plainError(error: unknown): IDataObject | undefined {
	return error === undefined || error === null ? undefined : (error as IDataObject);
}

function nodeRun(task: ITaskData): NodeRun {
	return {
		outputs: (task.data?.main ?? []).map((items) => items ?? []),
		error: plainError(task.error),
		hints: task.hints ?? [],
		time: task.executionTime,
	};
}

function toExecution(status: IRun['status'], raw: IRun['data']): Execution {
	const { error, runData } = raw.resultData;
	const nodes = Object.entries(runData).map(([name, tasks]) => [name, tasks.map(nodeRun)] as const);
	return { status, error: plainError(error), nodes: Object.fromEntries(nodes), raw };
}

function parseObject(text: string): IDataObject | undefined {
	if (!text.startsWith('{')) return undefined;
	try {
		return JSON.parse(text) as IDataObject;
	} catch {
		return undefined;
	}
}

function isRun(value: unknown): value is IRun {
	const data = (value as { data?: Partial<IRun['data']> } | undefined)?.data;
	return typeof data?.resultData?.runData === 'object';
}

/**
 * Finds the execution in what `n8n execute` printed with N8N_LOG_FORMAT=json: each line is a log
 * entry, and the execution, as JSON, is the `message` of one of them, whatever stands around it.
 */
export function readCliRun(stdout: string): Execution | undefined {
	for (const line of stdout.split('\n')) {
		const message = parseObject(line)?.message;
		const run = typeof message === 'string' ? parseObject(message) : undefined;
		if (isRun(run)) return toExecution(run.status, run.data);
	}
	return undefined;
}

/**
 * Reads an answer of `GET /rest/executions/:id`, whose data is `flatted`.
 * @returns undefined while n8n has saved the status but not the data, which n8n 1.x does in two steps
 */
export function readRestRun({
	status,
	data,
}: {
	status: IRun['status'];
	data: string;
}): Execution | undefined {
	const run: unknown = { status, data: parse(data) as unknown };
	return isRun(run) ? toExecution(status, run.data) : undefined;
}
