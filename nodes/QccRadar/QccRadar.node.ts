import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { CREDENTIAL, openAccount } from './account/account';
import { inputError, rejectedError, runError } from './answer/errors';
import { toItems } from './answer/items';
import { plannedRows, plannedSyncRows, sentRows, type AnsweredRow } from './answer/rows';
import { summaryOf, totals, warning } from './answer/words';
import { assignmentDescription } from './description/assignment';
import { companyDescription } from './description/company';
import { optionsDescription } from './description/options';
import { userDescription } from './description/user';
import type { Batch, Planned } from './plan/planCalls';
import { readLedger, type LedgerRow } from './read/ledger';
import { readRequest, SYNC_INPUTS, type Request } from './read/request';
import { readRows, type Rows } from './read/rows';
import type { Failure } from './send/outcome';
import { noneSender, senderFor, type Sender } from './send/sender';
import { planSync } from './sync/planSync';
import { runSync } from './sync/runSync';
import { paced, realTiming } from './timing';

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
		const since = realTiming.now();
		const cancel = this.getExecutionCancelSignal();
		const request = readRequest(this);
		const input = await paced(readInput(this, request), realTiming, cancel);
		if (!input) return [[]];
		const { stopOnError, inputNames, options } = request;
		const unfit = stopOnError ? inputError(this.getNode(), rowsOf(input), inputNames) : null;
		if (unfit) throw unfit;

		const opened = await openAccount(this);
		const result = opened.account
			? await carryOut(
					input,
					request,
					senderFor(opened.account, {
						options,
						cancel,
						timing: realTiming,
						log: (line) => {
							this.logger.info(line);
						},
					}),
				)
			: await sent(input, request, noneSender(opened.unusable));
		return await answer(this, request, result, realTiming.now() - since);
	}
}

/** What the node is given: rows asked for, and for a sync the ledger of what stands. */
interface Input {
	readonly asked: Rows;
	readonly ledger: Rows<LedgerRow> | null;
}

function* readInput(context: IExecuteFunctions, request: Request): Generator<undefined, Input> {
	return {
		asked: yield* readRows(context, request),
		ledger: request.sync ? yield* readLedger(context, request) : null,
	};
}

/** The rows of each input that must be readable: what does not stand in a ledger need not be. */
function rowsOf({ asked, ledger }: Input) {
	return [asked.rows, ledger?.rows.filter(({ stands }) => stands !== false) ?? []];
}

/** What there is to answer. */
interface Result {
	readonly rows: readonly AnsweredRow[];
	/** Those of the rows that are put out. */
	readonly shown: readonly AnsweredRow[];
	/** What failed, as far as it is a fault of the run. */
	readonly failure: Failure | null;
	readonly calls: number;
	/** Dry run: some removals may turn out to be none. */
	readonly removalsAtMost?: boolean;
}

const pace = async <T>(work: Generator<undefined, T>): Promise<T> => await paced(work, realTiming);

async function carryOut(input: Input, request: Request, sender: Sender): Promise<Result> {
	return request.options.dryRun
		? await planned(input, request, sender)
		: await sent(input, request, sender);
}

async function sent(
	{ asked, ledger }: Input,
	{ action, options, resource }: Request,
	sender: Sender,
): Promise<Result> {
	const { maxRemovals, leaveOutUnchanged } = options;
	const { grouping } = resource;
	if (ledger) {
		const settings = { maxRemovals, grouping, sender, pace };
		const synced = await runSync({ desired: asked, current: ledger }, settings);
		const changed = synced.rows.filter(({ asBefore }) => !asBefore);
		return { ...synced, shown: leaveOutUnchanged ? changed : synced.rows };
	}
	// An operation that is unknown has no pairs: each row tells why.
	const plan =
		action === 'none' ? null : await sender.plan({ action, pairs: asked.pairs, grouping });
	const { outcomes, failure, calls } = plan
		? await sender.send(plan)
		: { outcomes: [], failure: null, calls: 0 };
	const rows = await pace(sentRows(asked, action, outcomes));
	return { rows, shown: rows, failure, calls };
}

async function planned(
	{ asked, ledger }: Input,
	{ action, options, resource }: Request,
	sender: Sender,
): Promise<Result> {
	const { maxRemovals, leaveOutUnchanged } = options;
	const { grouping } = resource;
	if (ledger) {
		const settings = { maxRemovals, grouping, pace };
		const {
			rows: plan,
			steps,
			upperBound,
		} = await planSync({ desired: asked, current: ledger }, settings);
		const numbered = await sender.number(await planEach(sender, steps));
		const rows = await pace(plannedSyncRows(plan, numbered));
		const changed = rows.filter((_, i) => plan[i]?.asBefore !== true);
		return {
			rows,
			shown: leaveOutUnchanged ? changed : rows,
			failure: null,
			calls: numbered.at(-1)?.calls ?? 0,
			removalsAtMost: upperBound,
		};
	}
	const batches = action === 'none' ? [] : [{ action, pairs: asked.pairs, grouping }];
	const plans = await planEach(sender, batches);
	const [numbered = { callOf: new Int32Array(), calls: 0 }] = await sender.number(plans);
	const rows = await pace(plannedRows(asked, action, numbered));
	return { rows, shown: rows, failure: null, calls: numbered.calls };
}

async function planEach(sender: Sender, batches: readonly Batch[]): Promise<Planned[]> {
	const plans: Planned[] = [];
	for (const batch of batches) plans.push(await sender.plan(batch));
	return plans;
}

async function answer(
	context: IExecuteFunctions,
	request: Request,
	{ rows, shown, failure, calls, removalsAtMost = false }: Result,
	ms: number,
): Promise<INodeExecutionData[][]> {
	const node = context.getNode();
	const { stopOnError, inputNames, options } = request;
	const summary = await pace(summaryOf(rows, inputNames));
	if (stopOnError) {
		if (failure) throw runError(node, failure, summary);
		if (options.failOnRejectedRows && summary.tally.rejected > 0)
			throw rejectedError(node, summary);
	}
	const { dryRun } = options;
	context.addExecutionHints({
		message: totals(summary, { calls, ms, dryRun, removalsAtMost }),
		type: 'info',
		location: 'outputPane',
	});
	const message = warning(summary);
	if (message !== null) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return [await pace(toItems(shown, request))];
}
