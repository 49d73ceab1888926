import assert from 'node:assert/strict';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { INode, INodeParameters } from 'n8n-workflow';

import { row } from '../harness/rows';
import { startSimulator } from '../simulator/simulator';
import type { Workflow } from './n8nApi';
import { N8nServer } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import { credentialFor, nodeOf, QCC_CREDENTIAL } from './workflows';
import { NODE_TYPE } from '../harness/nodeType';

const TRIGGER = 'MCP Server Trigger';
const PATH = 'qcc';

const PHONE = '13800138000';
const XIAOMI = '小米科技有限责任公司';
const TENCENT = '腾讯科技（深圳）有限公司';
const HUAWEI = '华为技术有限公司';

const LOGIN_NAME = 'Mobile number of the user';
const COMPANIES = 'Names of the companies, one a line';
const COMPANY = 'Name of the company';

/** A parameter that the model fills, as the editor writes it. */
const fromAi = (key: string, description: string) =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', '${description}', 'string') }}`;

function tool(name: string, parameters: INodeParameters, credential: string): INode {
	return nodeOf(name, `${NODE_TYPE}Tool`, {
		parameters: { descriptionType: 'auto', options: {}, ...parameters },
		credentials: { [QCC_CREDENTIAL]: { id: credential, name: 'QCC' } },
	});
}

function toolWorkflow(tools: readonly INode[]): Workflow {
	return {
		name: 'MCP',
		nodes: [
			nodeOf(TRIGGER, '@n8n/n8n-nodes-langchain.mcpTrigger', {
				typeVersion: 2,
				parameters: { path: PATH },
				webhookId: PATH,
			}),
			...tools,
		],
		connections: Object.fromEntries(
			tools.map(({ name }) => [
				name,
				{ ai_tool: [[{ node: TRIGGER, type: 'ai_tool', index: 0 }]] },
			]),
		),
		settings: { executionOrder: 'v1' },
	};
}

/** The tools, in the order of their names, as a client sees them. */
const LISTED = [
	{
		name: 'follow',
		description: 'Assign companies to user in QCC Radar',
		arguments: { loginName: LOGIN_NAME, companies: COMPANIES },
	},
	{
		name: 'sync',
		description: 'Sync assignments in QCC Radar',
		arguments: { loginName: LOGIN_NAME, company: COMPANY },
	},
];

/** The text that a model reads as a tool's answer. */
async function call(
	client: Client,
	name: string,
	given: Record<string, unknown>,
): Promise<{ isError: boolean; text: string }> {
	const { content, isError } = CallToolResultSchema.parse(
		await client.callTool({ name, arguments: given }),
	);
	const [part] = content;
	assert(part?.type === 'text' && content.length === 1, JSON.stringify(content));
	return { isError: isError ?? false, text: part.text };
}

const assigned = (keyWord: string) => row(PHONE, keyWord);

async function run(context: Context): Promise<Facts> {
	const { step, defer } = context;
	const simulator = await startSimulator();
	defer(() => simulator.close());
	const home = await newHome(context);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(() => server.stop());
	const credential = await server.createCredential(credentialFor(simulator));
	await server.publishWorkflow(
		toolWorkflow([
			tool(
				'follow',
				{
					resource: 'user',
					operation: 'assignCompanies',
					loginName: fromAi('loginName', LOGIN_NAME),
					companies: fromAi('companies', COMPANIES),
				},
				credential,
			),
			tool(
				'sync',
				{
					resource: 'assignment',
					operation: 'sync',
					loginName: fromAi('loginName', LOGIN_NAME),
					company: fromAi('company', COMPANY),
				},
				credential,
			),
		]),
	);
	const client = new Client({ name: 'qcc-radar-test', version: '1.0.0' });
	const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/${PATH}`));
	await client.connect(transport);
	defer(() => client.close());

	await step('list of tools', async () => {
		const { tools } = await client.listTools();
		const seen = tools.map(({ name, description, inputSchema }) => {
			const entries = Object.entries(inputSchema.properties ?? {}).map(([key, schema]) => [
				key,
				'description' in schema ? schema.description : undefined,
			]);
			assert.deepEqual(
				inputSchema.required,
				entries.map(([key]) => key),
			);
			return { name, description, arguments: Object.fromEntries(entries) as unknown };
		});
		assert.deepEqual(
			seen.sort((one, other) => one.name.localeCompare(other.name)),
			LISTED,
		);
	});

	let calls = 0;
	const answer = async (name: string, given: Record<string, unknown>) => {
		calls += 1;
		return await call(client, name, given);
	};

	await step('a call', async () => {
		const { isError, text } = await answer('follow', {
			loginName: PHONE,
			companies: `${XIAOMI}\n${TENCENT}`,
		});
		assert.equal(isError, false, text);
		assert.deepEqual(JSON.parse(text), [XIAOMI, TENCENT].map(assigned));
		assert.deepEqual(simulator.pairs(), [`${PHONE} ${XIAOMI}`, `${PHONE} ${TENCENT}`]);
	});

	await step('a row that QCC refuses', async () => {
		const companies = '不存在有限公司';
		const { isError, text } = await answer('follow', { loginName: PHONE, companies });
		assert.equal(isError, false, text);
		assert.deepEqual(JSON.parse(text), [
			{
				...assigned(companies),
				keyNo: null,
				success: false,
				outcome: 'rejected',
				status: 500,
				msg: '关键字不存在',
			},
		]);
	});

	await step('a sync, which as a tool has no second input', async () => {
		const { isError, text } = await answer('sync', { loginName: PHONE, company: HUAWEI });
		assert.equal(isError, false, text);
		assert.deepEqual(JSON.parse(text), [{ ...assigned(HUAWEI), assigned: true }]);
	});

	await step('bad arguments', async () => {
		const before = simulator.calls.length;
		assert.deepEqual(await answer('follow', { loginName: PHONE, companies: '米' }), {
			isError: true,
			text: 'NodeOperationError: The parameter “Companies” of item 0 is shorter than 2 characters\n\nDetails: Nothing was sent. Correct the input, or set On Error to Continue to send the other rows.',
		});
		const { isError, text } = await answer('follow', { loginName: PHONE });
		assert.equal(isError, true);
		assert.match(text, /companies/);
		assert.equal(simulator.calls.length, before);
	});

	await step('an account without quota', async () => {
		simulator.faults = () => ({ kind: 'code', code: 112 });
		assert.deepEqual(await answer('follow', { loginName: PHONE, companies: HUAWEI }), {
			isError: true,
			text: 'NodeOperationError: QCC answered with code 112: the account’s quota is used up (当前账户购买额度已用完)\n\nDetails: Buy quota in QCC Pro, then run again: only what is missing needs to be sent. Rows done: 0, rejected: 0, unknown: 0, not sent: 1.',
		});
	});

	return { tools: LISTED.length, 'tool calls': calls };
}

/** The node as a tool of n8n's MCP server, in the hands of a real MCP client. */
export const mcp: Scenario = { name: 'mcp', run };
