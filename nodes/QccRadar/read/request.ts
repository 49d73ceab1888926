import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { ENDPOINTS, MAX_CONCURRENCY, type Action } from '../qcc/endpoints';
import { PairTable } from './pairs';
import type { Grouping } from '../plan/planCalls';
import { currentSource, readPairs, type NameParameter, type ParameterSource } from './readPairs';
import { difference, newTables, type Demand, type Tables } from '../sync/sync';
import { mapPaced } from '../timing';

/** The parameters of a resource that name users and companies, and how its pairs are grouped. */
interface Resource {
	readonly users: NameParameter;
	readonly companies: NameParameter;
	readonly grouping: Grouping;
}

const LOGIN_NAME = { name: 'loginName', displayName: 'Login Name', list: false };
const COMPANY = { name: 'company', displayName: 'Company', list: false };

const RESOURCES: Readonly<Record<string, Resource>> = {
	user: {
		users: LOGIN_NAME,
		companies: { name: 'companies', displayName: 'Companies', list: true },
		grouping: 'user',
	},
	company: {
		users: { name: 'loginNames', displayName: 'Login Names', list: true },
		companies: COMPANY,
		grouping: 'company',
	},
	assignment: { users: LOGIN_NAME, companies: COMPANY, grouping: 'fewest' },
};

/** A sync assigns and unassigns: what is to be done to a pair shows when it is read. */
const ACTIONS: Readonly<Record<string, Action | 'none'>> = {
	assignCompanies: 'assign',
	assignUsers: 'assign',
	create: 'assign',
	unassignCompanies: 'unassign',
	unassignUsers: 'unassign',
	delete: 'unassign',
	sync: 'none',
};

/** Names of a sync's inputs, in their order. */
export const SYNC_INPUTS = ['Desired', 'Current'];
/** The fields of this node's output that name a pair, by the parameters that do. */
const LEDGER_FIELDS = { loginName: 'loginName', company: 'keyWord' };

/** The `options` collection (README: "Options"). */
export interface Options {
	batchSize: number;
	dryRun: boolean;
	failOnRejectedRows: boolean;
	includeInputFields: boolean;
	maxConcurrency: number;
	/** Percent. */
	maxRemovals: number;
	/** Bytes; 0 leaves it to be learned. */
	maxUrlLength: number;
	/** Seconds. */
	retryFor: number;
	/** Milliseconds. */
	timeout: number;
}

const DEFAULTS: Options = {
	batchSize: 0,
	dryRun: false,
	failOnRejectedRows: false,
	includeInputFields: false,
	maxConcurrency: MAX_CONCURRENCY,
	maxRemovals: 30,
	maxUrlLength: 0,
	retryFor: 300,
	timeout: 60_000,
};

/** Least and most of each number. */
const RANGES = {
	batchSize: [0, ENDPOINTS.company.cap],
	maxConcurrency: [1, MAX_CONCURRENCY],
	maxRemovals: [0, 100],
	maxUrlLength: [0, Infinity],
	retryFor: [0, Infinity],
	// What a timer of Node can hold.
	timeout: [1, 2 ** 31 - 1],
} as const;

const WHOLE: ReadonlySet<string> = new Set([
	'batchSize',
	'maxConcurrency',
	'maxUrlLength',
	'timeout',
]);

function numberOf(value: unknown): number {
	if (typeof value === 'string' && value.trim() !== '') return Number(value);
	return typeof value === 'number' ? value : NaN;
}

/** An expression can yield anything: text that is a number is one, and what is none is left out. */
function readOptions(context: IExecuteFunctions): Options {
	const given: IDataObject = context.getNodeParameter('options', 0, {});
	const options = { ...DEFAULTS, ...(given as Partial<Options>) };
	for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
		const [least, most] = RANGES[name];
		const number = numberOf(given[name]);
		const value = Number.isNaN(number) ? DEFAULTS[name] : number;
		options[name] = Math.min(most, Math.max(least, WHOLE.has(name) ? Math.floor(value) : value));
	}
	return options;
}

/** What the node is asked to do, but for the rows. */
export interface Request {
	readonly resource: Resource;
	/** `none` for a sync. */
	readonly action: Action | 'none';
	readonly sync: boolean;
	readonly inputs: readonly (readonly INodeExecutionData[])[];
	/** Names of the inputs, where there are several. */
	readonly inputNames: readonly string[];
	readonly options: Options;
	/** On Error = Stop Workflow. */
	readonly stopOnError: boolean;
	/** On Error = Continue (using error output). */
	readonly errorOutput: boolean;
}

/** @throws NodeOperationError for a resource or operation that this version does not know */
export function readRequest(context: IExecuteFunctions): Request {
	const node = context.getNode();
	const operation = context.getNodeParameter('operation', 0);
	const resource = RESOURCES[context.getNodeParameter('resource', 0)];
	const action = ACTIONS[operation];
	if (!resource || !action) {
		throw new NodeOperationError(node, `The operation “${operation}” is unknown`, {
			description: 'Open the node and choose a resource and an operation.',
		});
	}
	const sync = action === 'none';
	return {
		resource,
		action,
		sync,
		inputs: sync ? SYNC_INPUTS.map((_, i) => itemsOf(context, i)) : [context.getInputData()],
		inputNames: sync ? SYNC_INPUTS : [],
		options: readOptions(context),
		stopOnError: !context.continueOnFail(),
		errorOutput: node.onError === 'continueErrorOutput',
	};
}

/** An input that nothing came by, or that nothing is connected to, is empty. */
function itemsOf(context: IExecuteFunctions, input: number): INodeExecutionData[] {
	try {
		return context.getInputData(input);
	} catch {
		return [];
	}
}

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
	const { resource, action, inputs } = request;
	const { users, companies } = resource;
	const [items = [], currentItems = []] = inputs;
	const source = parameterSource(context, items);
	const tables = newTables();
	if (action !== 'none') {
		const asks = yield* readPairs(source, users, companies, tables[action]);
		const demands = yield* mapPaced(asks, ({ item, pair }) => ({ item, pair, action, input: 0 }));
		return { demands, tables, current: 0, desiredUnreadable: false };
	}

	const desired = new PairTable();
	const desiredAsks = yield* readPairs(source, users, companies, desired);
	const ledger = currentItems.map(({ json }) => json);
	const current = new PairTable();
	const currentAsks = yield* readPairs(
		currentSource(source, ledger, LEDGER_FIELDS),
		users,
		companies,
		current,
		(item) => isLedgerRow(ledger[item]),
	);
	return {
		demands: yield* difference(
			{ asks: desiredAsks, table: desired },
			{ asks: currentAsks, table: current },
			tables,
		),
		tables,
		current: current.size,
		desiredUnreadable: desiredAsks.some(({ pair }) => typeof pair !== 'number'),
	};
}

/**
 * A ledger may keep rows that do not stand: they say so themselves. An item without any field is what
 * n8n's Always Output Data makes of an empty ledger.
 */
function isLedgerRow(json: IDataObject | undefined): boolean {
	return json !== undefined && json.assigned !== false && Object.keys(json).length > 0;
}

function parameterSource(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): ParameterSource {
	return {
		raw: (parameter) => context.getNodeParameter(parameter, 0, '', { rawExpressions: true }),
		evaluate: (parameter, item) => context.getNodeParameter(parameter, item, ''),
		json: (item) => items[item]?.json,
		itemCount: items.length,
	};
}
