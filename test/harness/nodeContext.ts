import './n8nHome';
import 'reflect-metadata';
import { ExecuteContext } from 'n8n-core';
import {
	Workflow,
	createRunExecutionData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeParameters,
	type INodeTypes,
	type IWorkflowExecuteAdditionalData,
	type OnError,
} from 'n8n-workflow';
import { QccRadar } from '../../nodes/QccRadar/QccRadar.node';

const TYPE = new QccRadar();
const nodeTypes: INodeTypes = {
	getByName: () => TYPE,
	getByNameAndVersion: () => TYPE,
	getKnownTypes: () => ({}),
};

/** n8n's own context of this node before its inputs' items, without running it. */
export function nodeContext(
	parameters: INodeParameters,
	inputs: readonly (readonly IDataObject[])[],
	onError?: OnError,
): IExecuteFunctions {
	const node: INode = {
		id: '1',
		name: 'QCC Radar',
		type: 'qccRadar',
		typeVersion: 1,
		position: [0, 0],
		parameters: { resource: 'assignment', operation: 'create', ...parameters },
		...(onError ? { onError } : {}),
	};
	const data = {
		main: inputs.map((items) => items.map((json, item) => ({ json, pairedItem: { item } }))),
	};
	const context = new ExecuteContext(
		new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes }),
		node,
		{
			variables: {},
			webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
			formWaitingBaseUrl: 'http://localhost/form-waiting',
		} as unknown as IWorkflowExecuteAdditionalData,
		'manual',
		createRunExecutionData({}),
		0,
		data.main[0] ?? [],
		data,
		{ node, data, source: null },
		[],
	);
	// As n8n-core hands it to nodes: the two packages' types differ in what they leave out.
	return context as unknown as IExecuteFunctions;
}
