import { keyNoOf } from '../simulator/ledger';
import { startSimulator } from '../simulator/simulator';
import { groupMessage } from './examples/alert';
import {
	ADMINISTRATOR,
	createCredentials,
	playOutside,
	XIAOMI,
	XIAOMI_CODE,
	type Bench,
} from './examples/bench';
import { mcpServer } from './examples/mcpServer';
import { scheduledSync } from './examples/nightly';
import { googleSheets } from './examples/sheets';
import { spreadsheetUpload } from './examples/upload';
import { crmWebhook } from './examples/webhook';
import { N8nServer } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';

const EXAMPLES: readonly (readonly [string, (bench: Bench) => Promise<void>])[] = [
	['01 spreadsheet upload', spreadsheetUpload],
	['02 scheduled sync', scheduledSync],
	['03 CRM webhook', crmWebhook],
	['04 Google Sheets', googleSheets],
	['05 Feishu and WeCom', groupMessage],
	['06 MCP server', mcpServer],
];

async function run(context: Context): Promise<Facts> {
	const { step, defer } = context;
	const simulator = await startSimulator({
		companies: [{ name: XIAOMI, creditCode: XIAOMI_CODE, keyNo: keyNoOf(XIAOMI) }],
		administrators: [ADMINISTRATOR],
	});
	defer(async () => {
		await simulator.close();
	});
	const { outside, internet } = await playOutside();
	defer(internet.close);
	const home = await newHome(context, internet.env);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(async () => {
		await server.stop();
	});
	await createCredentials(server, simulator.url);

	for (const [name, example] of EXAMPLES) {
		simulator.clear();
		simulator.resetStats();
		await step(name, async () => {
			await example({ server, simulator, outside });
		});
	}
	return { examples: EXAMPLES.length };
}

/**
 * The workflows of `examples/`, imported as they stand: n8n finds their credentials by name, and their
 * services, played on loopback, by their own hosts.
 */
export const examples: Scenario = { name: 'examples', run };
