import assert from 'node:assert/strict';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

import {
	ANNA,
	assigned,
	MCP_TOKEN,
	readExample,
	refused,
	removed,
	TENCENT,
	UNKNOWN,
	XIAOMI,
	type Bench,
} from './bench';

/** 06: an agent calls the tools over MCP. */
export async function mcpServer({ server, simulator }: Bench): Promise<void> {
	await server.publishWorkflow(await readExample('06-mcp-server'));
	const connect = async (token: string) => {
		const client = new Client({ name: 'agent', version: '1.0.0' });
		const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/qcc-radar`), {
			requestInit: { headers: { Authorization: `Bearer ${token}` } },
		});
		await client.connect(transport);
		return client;
	};
	await assert.rejects(connect('guessed'), /Authorization data is wrong/);

	const client = await connect(MCP_TOKEN);
	try {
		const { tools } = await client.listTools();
		assert.deepEqual(
			tools.map(({ name, inputSchema }) => [name, inputSchema.required]).sort(),
			['assign_companies', 'remove_companies'].map((name) => [name, ['loginName', 'companies']]),
		);
		const call = async (name: string, companies: readonly string[]) => {
			const given = { loginName: ANNA, companies: companies.join('\n') };
			const { content } = CallToolResultSchema.parse(
				await client.callTool({ name, arguments: given }),
			);
			const [part] = content;
			assert(part?.type === 'text', JSON.stringify(content));
			return JSON.parse(part.text) as unknown;
		};
		assert.deepEqual(await call('assign_companies', [XIAOMI, UNKNOWN, TENCENT]), [
			assigned(ANNA, XIAOMI),
			refused(ANNA, UNKNOWN),
			assigned(ANNA, TENCENT),
		]);
		assert.deepEqual(await call('remove_companies', [XIAOMI]), [removed(ANNA, XIAOMI)]);
		assert.deepEqual(simulator.pairs(), [`${ANNA} ${TENCENT}`]);
	} finally {
		await client.close();
	}
}
