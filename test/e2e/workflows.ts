import type { IDataObject, INode, INodeParameters, OnError } from 'n8n-workflow';

import { TEST_ACCOUNT, type Simulator } from '../simulator/simulator';
import type { Credential, Workflow } from './n8nApi';
import { NODE_TYPE } from '../harness/nodeType';

/** Name of the package's node in its workflows. */
export const NODE = 'QCC Radar';

export const QCC_CREDENTIAL = 'qccRadarApi';

/** A credential for the simulator's account. */
export function credentialFor(simulator: Simulator, name = 'QCC'): Omit<Credential, 'id'> {
	const data = { ...TEST_ACCOUNT, baseUrl: simulator.url };
	return { name, type: QCC_CREDENTIAL, data };
}

/** One workflow: a list of items for each input of the package's node, and the node. */
export interface QccWorkflow {
	readonly name: string;
	readonly inputs: readonly (readonly IDataObject[])[];
	readonly parameters: INodeParameters;
	readonly onError?: OnError;
	/** Id of the credential. */
	readonly credential: string;
}

/** A node of version 1 without parameters, unless told otherwise. */
export function nodeOf(name: string, type: string, more: Partial<INode> = {}): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {}, ...more };
}

/** The package's node. */
export function qccNode(
	parameters: INodeParameters,
	credential: string,
	more: Partial<INode> = {},
): INode {
	return nodeOf(NODE, NODE_TYPE, {
		parameters,
		credentials: { [QCC_CREDENTIAL]: { id: credential, name: 'QCC' } },
		...more,
	});
}

/** A production webhook, which answers once it has received, or with the items of the last node. */
export function webhookNode(path: string, responseMode: 'onReceived' | 'lastNode'): INode {
	return nodeOf('Webhook', 'n8n-nodes-base.webhook', {
		typeVersion: 2,
		parameters: {
			httpMethod: 'POST',
			path,
			responseMode,
			...(responseMode === 'lastNode' ? { responseData: 'allEntries' } : {}),
			options: {},
		},
		webhookId: path,
	});
}

export function codeNode(name: string, jsCode: string): INode {
	return nodeOf(name, 'n8n-nodes-base.code', { typeVersion: 2, parameters: { jsCode } });
}

/** A workflow of chains: in each, every node is connected to the next one's first input. */
export function chained(name: string, ...chains: readonly (readonly INode[])[]): Workflow {
	const connections: Workflow['connections'] = {};
	for (const chain of chains) {
		chain.forEach((node, i) => {
			const next = chain[i + 1];
			if (!next) return;
			const own = (connections[node.name] ??= { main: [[]] });
			own.main?.[0]?.push({ node: next.name, type: 'main', index: 0 });
		});
	}
	return { name, nodes: [...new Set(chains.flat())], connections, settings: V1 };
}

/** As every workflow made in the editor since 1.0; without it n8n runs nodes breadth-first. */
const V1 = { executionOrder: 'v1' } as const;

/** Start → one Code node per input → QCC Radar. */
export function qccWorkflow(options: QccWorkflow): Workflow {
	const { name, inputs, parameters, onError, credential } = options;
	const start = nodeOf('Start', 'n8n-nodes-base.manualTrigger');
	const sources = inputs.map((items, i) =>
		codeNode(`Rows ${i}`, `return ${JSON.stringify(items)}.map((json) => ({ json }));`),
	);
	const node = qccNode(parameters, credential, onError ? { onError } : {});
	const workflow = chained(name, ...sources.map((source) => [start, source, node]));
	sources.forEach((source, i) => {
		const [link] = workflow.connections[source.name]?.main?.[0] ?? [];
		if (link) link.index = i;
	});
	return workflow;
}
