import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { CREDENTIAL, openAccount, unusable, type Account } from './account/account';
import { urlLimitOf } from './account/shared';
import { callUrl, type Action } from './qcc/endpoints';
import { assignmentDescription } from './description/assignment';
import { companyDescription } from './description/company';
import { optionsDescription } from './description/options';
import { userDescription } from './description/user';
import { inputError, rejectedError, runError, summary } from './answer/errors';
import { exchange } from './qcc/exchange';
import { answerPlanned, answerSent, tallyOf, toItems } from './answer/output';
import type { CallLimits } from './plan/fill';
import { numberCalls, planCalls, rowsPerCall, type Star } from './plan/planCalls';
import { readRequest, SYNC_INPUTS, type Request } from './read/request';
import { readLedger } from './read/ledger';
import { readRows } from './read/rows';
import { answerSynced, demandsOf, syncTally } from './answer/syncRows';
import type { SyncInput } from './sync/books';
import { readDemands, type Demands } from './sync/demands';
import { planSync } from './sync/planSync';
import { runSync, type SendPairs } from './sync/runSync';
import { newTables } from './sync/sync';
import { CANCELLED, type Reason } from './qcc/verdict';
import { noneSent, type Failure, type PairOutcome } from './send/outcome';
import { sendPairs } from './send/sendPairs';
import type { RunSettings } from './send/run';
import { brake, DESIRED_UNREADABLE } from './sync/sync';
import { paced, realTiming } from './timing';

/** Assignments go first: a sync that is interrupted monitors too much, never too little. */
const PHASES = ['assign', 'unassign'] as const;

export class QccRadar implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'QCC Radar',
		name: 'qccRadar',
		icon: { light: 'file:qccRadar.svg', dark: 'file:qccRadar.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"].replace(/[A-Z]/, " $&").toSentenceCase() + ": " + $parameter["resource"] }}',
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
		const request = readRequest(this);

		if (request.sync) return [await executeSync(this, request, cancel)];
		const read = await paced(readDemands(this, request), realTiming, cancel);
		if (!read) return [[]];
		const { demands, tables } = read;
		const answering = { ...request, demands, tables };
		const unfit = request.stopOnError ? inputError(node, demands, request.inputNames) : null;
		if (unfit) throw unfit;

		const account = await openAccount(this).catch(unusable);
		let result: Result;
		if ('advice' in account) result = nothingSent(tables, account);
		else {
			const plan = await planPhases(tables, request, account, cancel);
			if (!plan) return [[]];
			if (request.options.dryRun) {
				const rowOf = answerPlanned(answering, plan.callOf, plan.calls);
				const { items } = await paced(toItems(answering, rowOf), realTiming);
				return [items];
			}
			result = await sendPhases(read, plan.stars, request, account, cancel);
		}

		const { outcomes, failure } = result;
		const tally = await paced(tallyOf(demands, outcomes), realTiming);
		const rowOf = await paced(answerSent(answering, outcomes, failure, tally), realTiming);
		const { items, failures } = await paced(toItems(answering, rowOf), realTiming);
		if (request.stopOnError) {
			if (failure) throw runError(node, failure, tally);
			const fail = request.options.failOnRejectedRows && tally.rejected > 0;
			if (fail) throw rejectedError(node, tally, failures);
		}
		const message = summary(tally, failures);
		if (message !== null) {
			this.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		}
		return [items];
	}
}

function* readSync(context: IExecuteFunctions, request: Request): Generator<undefined, SyncInput> {
	return {
		desired: yield* readRows(context, request),
		current: yield* readLedger(context, request),
	};
}

async function executeSync(
	context: IExecuteFunctions,
	request: Request,
	cancel: AbortSignal | undefined,
): Promise<INodeExecutionData[]> {
	const node = context.getNode();
	const { options, resource, inputNames, stopOnError } = request;
	const input = await paced(readSync(context, request), realTiming, cancel);
	if (!input) return [];
	if (stopOnError) {
		const asked = [
			...input.desired.rows.map((row) => ({ ...row, input: 0, action: 'none' as const })),
			...input.current.rows
				.filter(({ stands }) => stands !== false)
				.map((row) => ({ ...row, input: 1, action: 'none' as const })),
		];
		const unfit = inputError(node, asked, inputNames);
		if (unfit) throw unfit;
	}
	const account = await openAccount(context).catch(unusable);
	const send: SendPairs = async (action, pairs, grouping) => {
		if ('advice' in account) {
			const failure = { reason: account, stopped: true };
			return { outcomes: noneSent(pairs.size, account), failure, calls: 0 };
		}
		const limits = limitsOf(action, options, account);
		const stars = await paced(planCalls(pairs, grouping, limits), realTiming);
		return await sendPairs(
			{ action, pairs, stars, grouping },
			{
				baseUrl: account.baseUrl,
				keyBytes: account.keyBytes,
				id: account.digest,
				signer: account.digest,
			},
			runSettings(options, account, cancel),
			realTiming,
		);
	};
	const settings = {
		maxRemovals: options.maxRemovals,
		grouping: resource.grouping,
		send,
		pace: async <T>(work: Generator<undefined, T>) => await paced(work, realTiming),
	};
	const planned = options.dryRun ? await planSync(input, settings) : null;
	const callOf: Int32Array[] = [];
	let calls = 0;
	for (const { action, pairs, grouping } of planned && !('advice' in account)
		? planned.steps
		: []) {
		if ('advice' in account) break;
		const limits = limitsOf(action, options, account);
		const stars = await paced(planCalls(pairs, grouping, limits), realTiming);
		const numbered = await paced(numberCalls(pairs, stars, limits, calls), realTiming);
		callOf.push(numbered.callOf);
		calls = numbered.calls;
	}
	const withCalls = planned && {
		...planned,
		rows: planned.rows.map((row) => {
			const call = row.place && callOf[row.place.step]?.[row.place.pair];
			return call ? { ...row, call, msg: `Would be sent in call ${call} of ${calls}` } : row;
		}),
	};
	const result = withCalls ?? (await runSync(input, settings));
	const { failure } = result;
	const rows = options.leaveOutUnchanged ? result.rows.filter((row) => !row.asBefore) : result.rows;
	const demands = demandsOf(rows);
	const tally = syncTally(result.rows);
	const rowOf = answerSynced(rows, demands, { inputNames, failure, tally });
	const answering = { ...request, demands, tables: newTables() };
	const { items, failures } = await paced(toItems(answering, rowOf), realTiming);
	if (stopOnError && !options.dryRun) {
		if (failure) throw runError(node, failure, tally);
		const fail = options.failOnRejectedRows && tally.rejected > 0;
		if (fail) throw rejectedError(node, tally, failures);
	}
	const message = summary(tally, failures);
	if (message !== null) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return items;
}

function limitsOf(
	action: Action,
	{ batchSize, maxUrlLength }: Request['options'],
	{ baseUrl, digest, keyBytes }: Account,
): CallLimits {
	return {
		rowsPerCall: rowsPerCall(batchSize),
		urlBytes: Math.min(maxUrlLength || Infinity, urlLimitOf(digest).known()),
		urlBase: (shape, centre) => callUrl(baseUrl, action, shape, centre, []).length + keyBytes,
	};
}

function runSettings(
	options: Request['options'],
	{ send, redact }: Account,
	cancel: AbortSignal | undefined,
): RunSettings {
	return {
		rowsPerCall: rowsPerCall(options.batchSize),
		maxUrlBytes: options.maxUrlLength || Infinity,
		maxConcurrency: options.maxConcurrency,
		timeout: options.timeout,
		retryFor: options.retryFor * 1000,
		cancel,
		exchange: (url, shape, timeout, signal) =>
			exchange(send, url, shape, timeout, signal, realTiming.now, redact),
	};
}

interface Plan {
	readonly stars: Readonly<Record<Action, readonly Star[]>>;
	/** Dry run: for each pair the number of its call, through both phases. */
	readonly callOf: Readonly<Record<Action, Int32Array>>;
	readonly calls: number;
}

/** Null when the execution was cancelled. */
async function planPhases(
	tables: Demands['tables'],
	{ resource, options }: Request,
	{ baseUrl, digest, keyBytes }: Account,
	cancel: AbortSignal | undefined,
): Promise<Plan | null> {
	const stars: Record<Action, Star[]> = { assign: [], unassign: [] };
	const callOf: Record<Action, Int32Array> = {
		assign: new Int32Array(),
		unassign: new Int32Array(),
	};
	let calls = 0;
	for (const phase of PHASES) {
		const limits: CallLimits = {
			rowsPerCall: rowsPerCall(options.batchSize),
			urlBytes: Math.min(options.maxUrlLength || Infinity, urlLimitOf(digest).known()),
			urlBase: (shape, centre) => callUrl(baseUrl, phase, shape, centre, []).length + keyBytes,
		};
		const planning = planCalls(tables[phase], resource.grouping, limits);
		const planned = await paced(planning, realTiming, cancel);
		if (!planned) return null;
		stars[phase] = planned;
		if (!options.dryRun) continue;
		const numbering = numberCalls(tables[phase], planned, limits, calls);
		const numbered = await paced(numbering, realTiming);
		callOf[phase] = numbered.callOf;
		calls = numbered.calls;
	}
	return { stars, callOf, calls };
}

/** What became of every pair, and what failed as far as it is a fault of the run. */
interface Result {
	readonly outcomes: Readonly<Record<Action, readonly PairOutcome[]>>;
	readonly failure: Failure | null;
}

function nothingSent({ assign, unassign }: Demands['tables'], reason: Reason): Result {
	const outcomes = {
		assign: noneSent(assign.size, reason),
		unassign: noneSent(unassign.size, reason),
	};
	return { outcomes, failure: { reason, stopped: true } };
}

/** Sends one phase after the other, as long as nothing holds the next one back. */
async function sendPhases(
	{ tables, current, desiredUnreadable }: Demands,
	stars: Plan['stars'],
	{ options, sync, resource }: Request,
	{ baseUrl, keyBytes, digest, send, redactor }: Account,
	cancel: AbortSignal | undefined,
): Promise<Result> {
	const outcomes: Record<Action, readonly PairOutcome[]> = { assign: [], unassign: [] };
	const tooMany = sync ? brake(tables.unassign.size, current, options.maxRemovals) : null;
	let failure: Failure | null = tooMany && { reason: tooMany, stopped: true };

	const heldBack = (phase: Action) => {
		if (failure?.stopped) return failure.reason;
		if (cancel?.aborted) return CANCELLED;
		return phase === 'unassign' && desiredUnreadable ? DESIRED_UNREADABLE : null;
	};
	for (const phase of PHASES) {
		const reason = heldBack(phase);
		if (reason) {
			outcomes[phase] = noneSent(tables[phase].size, reason);
			continue;
		}
		const sent = await sendPairs(
			{
				action: phase,
				pairs: tables[phase],
				stars: stars[phase],
				grouping: resource.grouping,
			},
			{ baseUrl, keyBytes, id: digest, signer: digest },
			{
				rowsPerCall: rowsPerCall(options.batchSize),
				maxUrlBytes: options.maxUrlLength || Infinity,
				maxConcurrency: options.maxConcurrency,
				timeout: options.timeout,
				retryFor: options.retryFor * 1000,
				cancel,
				exchange: (url, shape, timeout, signal) =>
					exchange({ send, redactor }, { url, shape, timeout, cancel: signal }, Date.now),
			},
			realTiming,
		);
		outcomes[phase] = sent.outcomes;
		if (sent.failure) failure = sent.failure.stopped ? sent.failure : (failure ?? sent.failure);
	}
	return { outcomes, failure };
}
