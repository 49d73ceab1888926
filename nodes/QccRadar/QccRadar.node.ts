import { createHash } from 'node:crypto';
import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type IN8nHttpFullResponse,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { readAccount, type QccAccount } from '../../credentials/QccRadarApi.credentials';
import { joinAccount, urlLimitOf } from './accountWindow';
import { callUrl, MAX_CONCURRENCY, type Action } from './api';
import { assignmentDescription } from './description/assignment';
import { companyDescription } from './description/company';
import { optionsDescription } from './description/options';
import { userDescription } from './description/user';
import { inputError, rejectedError, runError, summary } from './errors';
import { exchange, type Send } from './exchange';
import { plannedRows, sentRows, tallyOf, toItems, type Answering } from './output';
import { PairTable } from './pairs';
import {
	numberCalls,
	planCalls,
	rowsPerCall,
	type CallLimits,
	type Grouping,
	type Star,
} from './planCalls';
import { currentSource, readPairs, type NameParameter, type ParameterSource } from './readPairs';
import { CANCELLED, sendCalls, unsent, type Failure, type Fate } from './sendCalls';
import { brake, DESIRED_UNREADABLE, difference, newTables, type Side } from './sync';
import { paced, realTiming } from './timing';

const CREDENTIAL = 'qccRadarApi';

/** The parameters of a resource that name users and companies, and how its pairs are grouped. */
interface Resource {
	readonly users: NameParameter;
	readonly companies: NameParameter;
	readonly grouping: Grouping;
}

const LOGIN_NAME = {
	name: 'loginName',
	displayName: 'Login Name',
	list: false,
};
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

/** A sync assigns and unassigns; what it is to do is told pair by pair. */
const ACTIONS: Readonly<Record<string, Action | 'none'>> = {
	assignCompanies: 'assign',
	assignUsers: 'assign',
	create: 'assign',
	unassignCompanies: 'unassign',
	unassignUsers: 'unassign',
	delete: 'unassign',
	sync: 'none',
};

const SYNC_INPUTS = ['Desired', 'Current'];
/** Assignments go first: a sync that is interrupted monitors too much, never too little. */
const PHASES = ['assign', 'unassign'] as const;

/** The `options` collection with its defaults (design: "Parameters"). */
interface Options {
	batchSize: number;
	dryRun: boolean;
	failOnRejectedRows: boolean;
	includeInputFields: boolean;
	maxConcurrency: number;
	maxRemovals: number;
	maxUrlLength: number;
	retryFor: number;
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

export class QccRadar implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'QCC Radar',
		name: 'qccRadar',
		icon: { light: 'file:qccRadar.svg', dark: 'file:qccRadar.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Assign companies to users for risk monitoring in QCC Pro (企查查专业版)',
		defaults: { name: 'QCC Radar' },
		usableAsTool: true,
		inputs: `={{ $parameter["operation"] === "sync" ? ${JSON.stringify(
			SYNC_INPUTS.map((displayName) => ({
				type: NodeConnectionTypes.Main,
				displayName,
			})),
		)} : ["${NodeConnectionTypes.Main}"] }}`,
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL, required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Assignment',
						value: 'assignment',
						description: 'Rows of one user and one company each',
					},
					{
						name: 'Company',
						value: 'company',
						description: 'One company and many users',
					},
					{
						name: 'User',
						value: 'user',
						description: 'One user and many companies',
					},
				],
				default: 'assignment',
			},
			...assignmentDescription,
			...companyDescription,
			...userDescription,
			...optionsDescription,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const node = this.getNode();
		const cancel = this.getExecutionCancelSignal();
		const options = readOptions(this);
		const stopOnError = !this.continueOnFail();
		const account = await accountOf(this);
		const { resource, sync, inputs, inputNames, action } = requestOf(this);

		const read = await paced(
			sync ? readSync(this, inputs, resource) : readOne(this, inputs, resource, action),
			realTiming,
			cancel,
		);
		if (!read) return [[]];
		const answering: Answering = { ...read, action, inputNames, sync };
		const { demands, tables } = answering;
		const unfit = stopOnError ? inputError(node, demands, inputNames) : null;
		if (unfit) throw unfit;

		const digest = digestOf(account);
		const urlLimit = urlLimitOf(digest);
		const keyBytes = `&key=${encodeURIComponent(account.appKey)}`.length;
		const maxUrlBytes = options.maxUrlLength || Infinity;
		const limitsOf = (phase: Action): CallLimits => ({
			rowsPerCall: rowsPerCall(options.batchSize),
			urlBytes: Math.min(maxUrlBytes, urlLimit.known()),
			urlBase: (shape, centre) =>
				callUrl(account.baseUrl, phase, shape, centre, []).length + keyBytes,
		});
		const plans: Record<Action, Star[]> = { assign: [], unassign: [] };
		for (const phase of PHASES) {
			const planning = planCalls(tables[phase], resource.grouping, limitsOf(phase));
			const stars = await paced(planning, realTiming, cancel);
			if (!stars) return [[]];
			plans[phase] = stars;
		}

		const shaping = {
			includeInputFields: options.includeInputFields,
			errorOutput: node.onError === 'continueErrorOutput',
		};
		if (options.dryRun) {
			const assign = numberCalls(tables.assign, plans.assign, limitsOf('assign'));
			const unassign = numberCalls(
				tables.unassign,
				plans.unassign,
				limitsOf('unassign'),
				assign.calls,
			);
			const callOf = { assign: assign.callOf, unassign: unassign.callOf };
			const planned = plannedRows(answering, callOf, unassign.calls);
			return [toItems(planned, demands, inputs, shaping)];
		}

		const fates: Record<Action, readonly Fate[]> = { assign: [], unassign: [] };
		let failure: Failure | null = sync ? tooManyRemovals(read, options.maxRemovals) : null;
		const lane = joinAccount(digest, realTiming);
		const send = sender(this, account);
		for (const phase of PHASES) {
			const held = heldBack(phase, failure, cancel, read.desiredUnreadable);
			if (held) {
				fates[phase] = unsent(tables[phase].size, held);
				continue;
			}
			const sent = await sendCalls(phase, tables[phase], plans[phase], {
				baseUrl: account.baseUrl,
				keyBytes,
				rowsPerCall: rowsPerCall(options.batchSize),
				maxUrlBytes,
				maxConcurrency: options.maxConcurrency,
				retryFor: options.retryFor * 1000,
				lane,
				urlLimit,
				timing: realTiming,
				cancel,
				exchange: (url, shape) =>
					exchange(send, url, shape, options.timeout, cancel, realTiming.now, (words) =>
						redact(words, account),
					),
			});
			fates[phase] = sent.fates;
			if (sent.failure) failure = sent.failure.stopped ? sent.failure : (failure ?? sent.failure);
		}
		lane.leave();

		const tally = tallyOf(demands, fates);
		if (stopOnError && failure) throw runError(node, failure, tally);
		const rows = sentRows(answering, fates, failure);
		if (stopOnError && options.failOnRejectedRows && tally.rejected > 0) {
			throw rejectedError(node, rows, tally);
		}
		const hint = summary(rows, tally);
		if (hint !== null) {
			this.addExecutionHints({
				message: hint,
				type: 'warning',
				location: 'outputPane',
			});
		}
		return [toItems(rows, demands, inputs, shaping)];
	}
}

/** What the node is asked to do, from its resource and operation. */
function requestOf(context: IExecuteFunctions) {
	const operation = context.getNodeParameter('operation', 0);
	const resource = RESOURCES[context.getNodeParameter('resource', 0)];
	const action = ACTIONS[operation];
	if (!resource || !action) {
		throw new NodeOperationError(context.getNode(), `The operation “${operation}” is unknown`, {
			description: 'Open the node and choose a resource and an operation.',
		});
	}
	const sync = action === 'none';
	const inputs = sync ? SYNC_INPUTS.map((_, i) => itemsOf(context, i)) : [context.getInputData()];
	return {
		resource,
		action,
		sync,
		inputs,
		inputNames: sync ? SYNC_INPUTS : [],
	};
}

/** An input that nothing was sent to, or that nothing is connected to, is empty. */
function itemsOf(context: IExecuteFunctions, input: number): INodeExecutionData[] {
	try {
		return context.getInputData(input);
	} catch {
		return [];
	}
}

/** Demands and their tables, as read from the input. */
type Read = Pick<Answering, 'demands' | 'tables'> & {
	/** Sync: pairs in Current. */
	readonly current: number;
	/** Sync: some row of Desired could not be read. */
	readonly desiredUnreadable: boolean;
};

function* readOne(
	context: IExecuteFunctions,
	[items]: readonly INodeExecutionData[][],
	{ users, companies }: Resource,
	action: Action | 'none',
): Generator<undefined, Read> {
	const tables = newTables();
	const source = parameterSource(context, items ?? []);
	const asks = yield* readPairs(source, users, companies, tables[action]);
	const demands = asks.map((ask) => ({ ...ask, action, input: 0 }));
	return { demands, tables, current: 0, desiredUnreadable: false };
}

function* readSync(
	context: IExecuteFunctions,
	[desiredItems = [], currentItems = []]: readonly INodeExecutionData[][],
	{ users, companies }: Resource,
): Generator<undefined, Read> {
	const source = parameterSource(context, desiredItems);
	const desired: Side = { table: new PairTable(), asks: [] };
	const desiredAsks = yield* readPairs(source, users, companies, desired.table);

	const ledger = currentItems.map(({ json }) => json);
	const current = new PairTable();
	const currentAsks = yield* readPairs(
		currentSource(source, ledger, LEDGER_FIELDS),
		users,
		companies,
		current,
		// A ledger may keep rows that do not stand: they say so themselves.
		(item) => ledger[item]?.assigned !== false,
	);
	const tables = newTables();
	const demands = difference(
		{ ...desired, asks: desiredAsks },
		{ table: current, asks: currentAsks },
		tables,
	);
	return {
		demands,
		tables,
		current: current.size,
		desiredUnreadable: desiredAsks.some(({ pair }) => typeof pair !== 'number'),
	};
}

/** The fields of this node's output that name a pair, by the parameters that do. */
const LEDGER_FIELDS = { loginName: 'loginName', company: 'keyWord' };

function tooManyRemovals({ tables, current }: Read, most: number): Failure | null {
	const reason = brake(tables.unassign.size, current, most);
	return reason && { reason, stopped: true };
}

/** Why the calls of a phase must not start at all. */
function heldBack(
	phase: Action,
	failure: Failure | null,
	cancel: AbortSignal | undefined,
	desiredUnreadable: boolean,
) {
	if (failure?.stopped) return failure.reason;
	if (cancel?.aborted) return CANCELLED;
	return phase === 'unassign' && desiredUnreadable ? DESIRED_UNREADABLE : null;
}

function readOptions(context: IExecuteFunctions): Options {
	const given = context.getNodeParameter('options', 0, {}) as Partial<Options>;
	const options = { ...DEFAULTS, ...given };
	return {
		...options,
		maxConcurrency: Math.min(MAX_CONCURRENCY, Math.max(1, Math.floor(options.maxConcurrency))),
	};
}

async function accountOf(context: IExecuteFunctions): Promise<QccAccount> {
	const credential = await context.getCredentials(CREDENTIAL);
	try {
		return readAccount(credential);
	} catch (error) {
		throw new NodeOperationError(context.getNode(), error as Error, {
			description: 'Nothing was sent. Open the credential of this node and correct the field.',
		});
	}
}

function parameterSource(
	context: IExecuteFunctions,
	inputs: readonly INodeExecutionData[],
): ParameterSource {
	return {
		raw: (parameter) => context.getNodeParameter(parameter, 0, '', { rawExpressions: true }),
		evaluate: (parameter, item) => context.getNodeParameter(parameter, item, ''),
		json: (item) => inputs[item]?.json,
		itemCount: inputs.length,
	};
}

/** Keeps accounts apart in this process's memory without holding their keys there. */
function digestOf({ baseUrl, appKey }: QccAccount): string {
	return createHash('sha256').update(`${baseUrl}\n${appKey}`).digest('hex');
}

const TOKEN = /\b[0-9A-Fa-f]{32}\b/g;

/** QCC's words may repeat what was sent to it; nobody else is to read it. */
function redact(words: string, { appKey, secretKey }: QccAccount): string {
	return words.replaceAll(secretKey, '***').replaceAll(appKey, '***').replace(TOKEN, '***');
}

/**
 * Sends through n8n's helper, which has the credential sign each attempt. The helper takes the signal
 * that ends a request from its context alone, so each request has a context of its own.
 */
function sender(context: IExecuteFunctions, account: QccAccount): Send {
	const credentialsDecrypted = {
		id: '',
		name: CREDENTIAL,
		type: CREDENTIAL,
		data: { ...account },
	};
	return async (options: IHttpRequestOptions, signal: AbortSignal) => {
		const own = Object.create(context, {
			getExecutionCancelSignal: { value: () => signal },
		}) as IExecuteFunctions;
		const response: unknown = await context.helpers.httpRequestWithAuthentication.call(
			own,
			CREDENTIAL,
			options,
			{ credentialsDecrypted },
		);
		return response as IN8nHttpFullResponse;
	};
}
