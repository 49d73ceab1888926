import './n8nHome';
import 'reflect-metadata';
import { resolve } from 'node:path';
import { ExecutionLifecycleHooks, PackageDirectoryLoader, WorkflowExecute } from 'n8n-core';
import {
	ICredentialsHelper,
	NodeConnectionTypes,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
	type OnError,
} from 'n8n-workflow';
import { NODE_TYPE } from './nodeType';

/** Name of the node under test in its workflow. */
export const NODE = 'QCC Radar';
const SOURCE_TYPE = 'test.source';

interface BuiltPackage {
	readonly node: INodeType;
	readonly credential: ICredentialType;
}

let built: Promise<BuiltPackage> | undefined;

/** The package as n8n loads it: from package.json and dist. */
export async function loadPackage(): Promise<BuiltPackage> {
	return await (built ??= load());
}

async function load(): Promise<BuiltPackage> {
	const loader = new PackageDirectoryLoader(resolve(__dirname, '../..'));
	await loader.loadAll();
	return {
		node: loader.getNode('qccRadar').type as INodeType,
		credential: loader.getCredential('qccRadarApi').type,
	};
}

/** Emits what it is given by name: without a source n8n merges no input into error items. */
function sourceNode(itemsOf: ReadonlyMap<string, readonly IDataObject[]>): INodeType {
	return {
		description: {
			displayName: 'Source',
			name: 'source',
			group: ['input'],
			version: 1,
			description: 'Emits items',
			defaults: { name: 'Source' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
			const items = itemsOf.get(this.getNode().name) ?? [{}];
			return Promise.resolve([items.map((json, item) => ({ json, pairedItem: { item } }))]);
		},
	};
}

/** Hands out one credential, and has its type sign as a real n8n does. */
class OneCredential extends ICredentialsHelper {
	constructor(
		private readonly type: ICredentialType,
		private readonly data: ICredentialDataDecryptedObject,
	) {
		super();
	}
	getParentTypes = () => [];
	isCredentialUsableByNode = () => true;
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		_type: string,
		options: IHttpRequestOptions,
	) => {
		if (typeof this.type.authenticate !== 'function')
			throw new Error('authenticate is no function');
		return await this.type.authenticate(credentials, options);
	};
	preAuthentication = () => Promise.resolve(undefined);
	runPreAuthentication = () => Promise.resolve(undefined);
	getCredentials = () => Promise.reject(new Error('The engine asks for no encrypted credential'));
	getDecrypted = () => Promise.resolve({ ...this.data });
	updateCredentials = () => Promise.resolve();
	updateCredentialsOauthTokenData = () => Promise.resolve();
	getCredentialsProperties = () => this.type.properties;
}

export interface NodeRun {
	/** Items' JSON, for each input of the node. */
	readonly inputs: readonly (readonly IDataObject[])[];
	readonly parameters: INodeParameters;
	readonly credential: ICredentialDataDecryptedObject;
	readonly onError?: OnError;
	/** In the place of the package's node. */
	readonly node?: INodeType;
}

export interface NodeResult {
	readonly status: IRun['status'];
	/** Items by output, the second being the error branch; empty where the node threw. */
	readonly outputs: readonly (readonly INodeExecutionData[])[];
	/** What the node threw. */
	readonly error: Error | undefined;
	readonly hints: readonly NodeExecutionHint[];
	/** All that n8n would save and show of this execution. */
	readonly run: IRun;
}

export interface StartedNode {
	readonly result: Promise<NodeResult>;
	cancel(): void;
}

function buildWorkflow(
	{ inputs, parameters, onError }: NodeRun,
	types: Readonly<Record<string, INodeType>>,
): Workflow {
	const getType = (name: string) => {
		const type = types[name];
		if (!type) throw new Error(`Unknown node type ${name}`);
		return type;
	};
	const nodeTypes: INodeTypes = {
		getByName: getType,
		getByNameAndVersion: getType,
		getKnownTypes: () => ({}),
	};
	const node = (name: string, type: string, more: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		...more,
	});
	const link = (to: string, index: number) => ({ node: to, type: NodeConnectionTypes.Main, index });
	const sources = inputs.map((_, i) => `Source ${i}`);
	return new Workflow({
		id: 'engine-test',
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
		nodes: [
			node('Start', SOURCE_TYPE),
			...sources.map((name) => node(name, SOURCE_TYPE)),
			node(NODE, NODE_TYPE, {
				parameters,
				credentials: { qccRadarApi: { id: '1', name: 'QCC' } },
				...(onError ? { onError } : {}),
			}),
		],
		connections: {
			Start: { main: [sources.map((name) => link(name, 0))] },
			...Object.fromEntries(sources.map((name, i) => [name, { main: [[link(NODE, i)]] }])),
		},
	});
}

/** Starts a workflow of one source per input and the node under test, in n8n's own engine. */
export async function startNode(nodeRun: NodeRun): Promise<StartedNode> {
	const { node, credential } = await loadPackage();
	const itemsOf = new Map(nodeRun.inputs.map((items, i) => [`Source ${i}`, items]));
	const workflow = buildWorkflow(nodeRun, {
		[NODE_TYPE]: nodeRun.node ?? node,
		[SOURCE_TYPE]: sourceNode(itemsOf),
	});
	const additionalData = {
		credentialsHelper: new OneCredential(credential, nodeRun.credential),
		currentNodeExecutionIndex: 0,
		executionId: '1',
		variables: {},
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
		hooks: new ExecutionLifecycleHooks('manual', '1', {} as IWorkflowBase),
	} as unknown as IWorkflowExecuteAdditionalData;

	const start = workflow.getNode('Start');
	if (!start) throw new Error('The workflow has no start');
	const running = new WorkflowExecute(additionalData, 'manual').run({ workflow, startNode: start });
	return {
		cancel: () => {
			running.cancel();
		},
		result: running.then((run) => {
			const task = run.data.resultData.runData[NODE]?.[0];
			return {
				status: run.status,
				outputs: (task?.data?.main ?? []).map((items) => items ?? []),
				error: task?.error ?? run.data.resultData.error,
				hints: task?.hints ?? [],
				run,
			};
		}),
	};
}

export async function runNode(nodeRun: NodeRun): Promise<NodeResult> {
	return await (
		await startNode(nodeRun)
	).result;
}
