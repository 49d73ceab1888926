import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';
import { assignmentDescription } from '../description/assignment';
import { companyDescription } from '../description/company';
import { userDescription } from '../description/user';
import type { Action, Shape } from '../qcc/endpoints';
import { readOptions, type Options } from './options';
import type { NameParameters, Problem } from './parameters';

/** What may stand in the centre: one kind by the operation's nature, or whichever is cheaper. */
export type Grouping = Shape | 'fewest';

/** The parameters of a resource that name users and companies, and how its pairs are grouped. */
interface Resource extends NameParameters {
	readonly grouping: Grouping;
}

function parameter(properties: readonly INodeProperties[], name: string, list = false) {
	const property = properties.find((one) => one.name === name);
	if (!property) throw new TypeError(`There is no parameter ${name}`);
	return { name, displayName: property.displayName, list };
}

const ASSIGNMENT: Resource = {
	users: parameter(assignmentDescription, 'loginName'),
	companies: parameter(assignmentDescription, 'company'),
	grouping: 'fewest',
};

const RESOURCES: Readonly<Record<string, Resource>> = {
	user: {
		users: parameter(userDescription, 'loginName'),
		companies: parameter(userDescription, 'companies', true),
		grouping: 'user',
	},
	company: {
		users: parameter(companyDescription, 'loginNames', true),
		companies: parameter(companyDescription, 'company'),
		grouping: 'company',
	},
	assignment: ASSIGNMENT,
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
	/** On Error = Continue: what keeps every row from being sent, as each of them will say. */
	readonly problem: Problem | null;
	/** On Error = Stop Workflow. */
	readonly stopOnError: boolean;
	/** On Error = Continue (using error output). */
	readonly errorOutput: boolean;
}

/**
 * Reads what the node is asked to do. Under Continue nothing here throws: n8n would hand the input on
 * as if it had succeeded.
 * @throws NodeOperationError under On Error = Stop, for a resource or operation that this version does
 * not know, and for an option that cannot be read
 */
export function readRequest(context: IExecuteFunctions): Request {
	const node = context.getNode();
	const stopOnError = !context.continueOnFail();
	const operation = chosen(context, 'operation');
	const resourceName = chosen(context, 'resource');
	const resource = Object.hasOwn(RESOURCES, resourceName) ? RESOURCES[resourceName] : undefined;
	const action = Object.hasOwn(ACTIONS, operation) ? ACTIONS[operation] : undefined;
	const known = resource !== undefined && action !== undefined;
	if (!known && stopOnError) {
		throw new NodeOperationError(node, `The operation “${operation}” is unknown`, {
			description: 'Open the node and choose a resource and an operation.',
		});
	}

	const { options, problem } = readOptions(context, operation);
	if (problem && stopOnError) {
		throw new NodeOperationError(node, `The option “${problem.parameter}” ${problem.what}`, {
			description: 'Nothing was sent. Open the node and correct the option.',
		});
	}
	const sync = known && action === 'none';
	return {
		resource: resource ?? ASSIGNMENT,
		action: action ?? 'none',
		sync,
		inputs: sync ? SYNC_INPUTS.map((_, i) => itemsOf(context, i)) : [itemsOf(context, 0)],
		inputNames: sync ? SYNC_INPUTS : [],
		options,
		problem: known ? problem : { parameter: 'Operation', what: `is unknown: “${operation}”` },
		stopOnError,
		errorOutput: node.onError === 'continueErrorOutput',
	};
}

/** A choice that a workflow lacks is an unknown one. */
function chosen(context: IExecuteFunctions, parameter: string): string {
	const value = context.getNodeParameter(parameter, 0, '');
	return typeof value === 'string' ? value : '';
}

/** An input that nothing came by, or that nothing is connected to, is empty. */
function itemsOf(context: IExecuteFunctions, input: number): readonly INodeExecutionData[] {
	try {
		return context.getInputData(input);
	} catch {
		return [];
	}
}
