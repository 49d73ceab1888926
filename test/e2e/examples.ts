import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { IDataObject } from 'n8n-workflow';

import { keyNoOf } from '../harness/keyNoOf';
import { startSimulator, TEST_ACCOUNT, type Simulator } from '../simulator/simulator';
import type { Execution } from './execution';
import { playInternet, type Visit } from './internet';
import { N8nServer, type Workflow } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import { QCC_CREDENTIAL } from './workflows';

const ANNA = '13800138000';
const BEN = '13900139000';
const XIAOMI = '小米科技有限责任公司';
const TENCENT = '腾讯科技（深圳）有限公司';
const HUAWEI = '华为技术有限公司';
const UNKNOWN = '测试不存在的公司';

const TIMEOUT_MS = 60_000;
const POLL_MS = 100;

const HEADER = { name: 'X-CRM-Key', value: 'from-n8n' };
const WEBHOOK_HEADER = { name: 'X-CRM-Key', value: 'from-the-crm' };
const MCP_TOKEN = 'token-of-an-agent';

const LEDGER = 'qcc-radar-ledger';

async function readExample(name: string): Promise<Workflow> {
	const file = join(__dirname, '../../examples', `${name}.json`);
	return JSON.parse(await readFile(file, 'utf8')) as Workflow;
}

const assigned = (loginName: string, keyWord: string) => ({
	action: 'assign',
	loginName,
	keyWord,
	keyNo: keyNoOf(keyWord),
	success: true,
	outcome: 'ok',
	status: 200,
	msg: '保存成功',
});

const removed = (loginName: string, keyWord: string) => ({
	...assigned(loginName, keyWord),
	action: 'unassign',
	msg: '删除成功',
});

const refused = (loginName: string, keyWord: string) => ({
	...assigned(loginName, keyWord),
	keyNo: null,
	success: false,
	outcome: 'rejected',
	status: 500,
	msg: '关键字不存在',
});

/** The items of a node's first output, or of the one told. */
function itemsOf({ nodes }: Execution, name: string, output = 0): IDataObject[] | undefined {
	return nodes[name]?.[0]?.outputs[output]?.map(({ json }) => json);
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
	const deadline = Date.now() + TIMEOUT_MS;
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (Date.now() > deadline) throw new Error(`${what} did not come`);
		await delay(POLL_MS);
	}
}

/** The last execution of a published workflow, when it has ended. */
async function lastExecution(server: N8nServer, workflowId: string): Promise<Execution> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const { results } = await server.rest<{ results: { id: string }[] }>(
		'GET',
		`/executions?filter=${filter}&limit=1`,
	);
	const [last] = results;
	assert(last, 'no execution');
	return await server.finished(last.id);
}

interface Download {
	readonly fileName: string;
	readonly content: Buffer;
	/** The page that hands it over. */
	readonly title: string;
}

/** Submits a file to a form as a browser does, and takes the file that its ending hands over. */
async function submitForm(server: N8nServer, path: string, file: File): Promise<Download> {
	const form = new FormData();
	form.set('field-0', file);
	const submitted = await fetch(`${server.url}/form/${path}`, { method: 'POST', body: form });
	const answer = await submitted.text();
	assert(submitted.ok, answer);
	const page = new URL((JSON.parse(answer) as { formWaitingUrl: string }).formWaitingUrl);
	page.host = new URL(server.url).host;
	const status = new URL(page);
	status.pathname += '/n8n-execution-status';
	await until('the end of the form', async () => {
		const text = (await (await fetch(status)).text()).trim();
		assert(!['error', 'crashed', 'success'].includes(text), `the form’s execution: ${text}`);
		return text === 'form-waiting' ? text : undefined;
	});
	const html = await (await fetch(page)).text();
	const encoded = /JSON\.parse\(decodeURIComponent\("([^"]+)"\)\)/.exec(html)?.[1];
	const title = /<h1[^>]*>([^<]*)<\/h1>/.exec(html)?.[1]?.trim();
	assert(encoded !== undefined && title !== undefined, html);
	const [binary] = JSON.parse(decodeURIComponent(encoded)) as {
		fileName: string;
		data: { data: number[] };
	}[];
	assert(binary, html);
	await (await fetch(page, { method: 'POST' })).text();
	return { fileName: binary.fileName, content: Buffer.from(binary.data.data), title };
}

interface Bench {
	readonly server: N8nServer;
	readonly simulator: Simulator;
	readonly internet: Outside;
}

/** What the outside world holds, and what has reached it. */
interface Outside {
	/** The CRM's list of relations. */
	relations: { readonly phone: string; readonly company: string }[];
	/** Cells of the spreadsheet, row by row. */
	cells: unknown[][];
	/** What the WeCom bot answers. */
	wecom: IDataObject;
	readonly visits: Visit[];
}

/** Google's interface to spreadsheets, as far as n8n's node needs it to read and to write cells. */
function sheets(outside: Outside, { method, url, body }: Visit): unknown {
	const path = decodeURIComponent(url.pathname);
	if (path === '/v4/spreadsheets/YOUR_SPREADSHEET_ID_FROM_ITS_URL') {
		return { sheets: [{ properties: { sheetId: 0, title: 'Sheet1' } }] };
	}
	if (method === 'GET') return { range: 'Sheet1', values: outside.cells };
	const { data } = JSON.parse(body) as { data: { range: string; values: [[unknown]] }[] };
	for (const { range, values } of data) {
		const [, column = '', row = ''] = /!([A-Z])(\d+)$/.exec(range) ?? [];
		const cells = outside.cells[Number(row) - 1];
		assert(cells, range);
		cells[column.charCodeAt(0) - 'A'.charCodeAt(0)] = values[0][0];
	}
	return { totalUpdatedCells: data.length };
}

async function spreadsheetUpload({ server, simulator }: Bench): Promise<void> {
	const workflowId = await server.publishWorkflow(await readExample('01-spreadsheet-upload'));
	const rows = [
		{ phone: ANNA, company: XIAOMI },
		{ phone: BEN, company: UNKNOWN },
		{ phone: BEN, company: 'Acme (China) Co., Ltd.' },
	];
	const results = [
		assigned(ANNA, XIAOMI),
		refused(BEN, UNKNOWN),
		{ ...assigned(BEN, 'Acme (China) Co., Ltd.'), keyNo: null },
	];
	const csv = `\ufeffphone,company,note\r\n${rows.map(({ phone, company }) => `${phone},"${company}",备注`).join('\r\n')}\r\n`;
	const upload = async (name: string, content: string | Buffer) => {
		const download = await submitForm(
			server,
			'qcc-radar-upload',
			new File([content], name, { type: 'application/vnd.ms-excel' }),
		);
		assert.equal(download.title, '2 of 3 rows done');
		assert.equal(download.fileName, 'qcc-radar-results.xlsx');
		const execution = await lastExecution(server, workflowId);
		assert.equal(execution.status, 'success');
		return { download, execution };
	};

	const first = await upload('relations.CSV', csv);
	const withInput = rows.map((row, i) => ({ ...row, note: '备注', ...results[i] }));
	assert.deepEqual(itemsOf(first.execution, 'Assign'), withInput);
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`, `${BEN} Acme (China) Co., Ltd.`]);

	// The spreadsheet of results is one that can be uploaded: n8n itself reads it back.
	const second = await upload(first.download.fileName, first.download.content);
	assert.deepEqual(
		itemsOf(second.execution, 'Read Excel'),
		withInput.map((row) =>
			Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
		),
	);
	assert.deepEqual(itemsOf(second.execution, 'Assign'), withInput);
}

async function readLedger(server: N8nServer): Promise<string[]> {
	const { id: projectId } = await server.rest<{ id: string }>('GET', '/projects/personal');
	const tables = await server.rest<{ data: { id: string; name: string }[] }>(
		'GET',
		`/projects/${projectId}/data-tables`,
	);
	const table = tables.data.find(({ name }) => name === LEDGER);
	assert(table, 'no ledger');
	const { data } = await server.rest<{ data: { loginName: string; keyWord: string }[] }>(
		'GET',
		`/projects/${projectId}/data-tables/${table.id}/rows?take=100`,
	);
	return data.map(({ loginName, keyWord }) => `${loginName} ${keyWord}`).sort();
}

async function scheduledSync({ server, simulator, internet }: Bench): Promise<void> {
	const workflow = await readExample('02-scheduled-sync');
	const night = async () => {
		simulator.resetStats();
		internet.visits.length = 0;
		const execution = await server.runWorkflow(workflow);
		assert.equal(execution.status, 'success', JSON.stringify(execution.error));
		const told = internet.visits.filter(({ url }) => url.hostname === 'hooks.example.com');
		return {
			calls: simulator.calls.length,
			pairs: simulator.pairs(),
			ledger: await readLedger(server),
			told: told.map(({ body }) => (JSON.parse(body) as { text: string }).text),
		};
	};
	const head = (count: number) => `${count} rows of the QCC sync were not done 同步未完成`;
	const rejected = `assign ${BEN} ${UNKNOWN} 关键字不存在`;

	internet.relations = [
		{ phone: ANNA, company: XIAOMI },
		{ phone: ANNA, company: TENCENT },
		{ phone: ANNA, company: HUAWEI },
		{ phone: BEN, company: XIAOMI },
	];
	const all = internet.relations.map(({ phone, company }) => `${phone} ${company}`).sort();
	assert.deepEqual(await night(), { calls: 2, pairs: all, ledger: all, told: [] });
	assert.equal(internet.visits[0]?.headers[HEADER.name.toLowerCase()], HEADER.value);

	assert.deepEqual(await night(), { calls: 0, pairs: all, ledger: all, told: [] });

	internet.relations = internet.relations.filter(({ company }) => company !== TENCENT);
	internet.relations.push({ phone: BEN, company: HUAWEI }, { phone: BEN, company: UNKNOWN });
	const changed = internet.relations
		.filter(({ company }) => company !== UNKNOWN)
		.map(({ phone, company }) => `${phone} ${company}`)
		.sort();
	assert.deepEqual(await night(), {
		calls: 2,
		pairs: changed,
		ledger: changed,
		told: [`${head(1)}\n${rejected}`],
	});

	internet.relations = [];
	const { told, ...rest } = await night();
	assert.deepEqual(rest, { calls: 0, pairs: changed, ledger: changed });
	assert.equal(told.length, 1);
	assert.equal(told[0]?.split('\n')[0], head(4));
	assert.match(told[0], /The sync would remove 4 of the 4 current assignments/);
}

async function crmWebhook({ server, simulator }: Bench): Promise<void> {
	simulator.assign(ANNA, XIAOMI);
	await server.publishWorkflow(await readExample('03-crm-webhook'));
	const tell = async (body: IDataObject, key = WEBHOOK_HEADER.value) => {
		const response = await fetch(`${server.url}/webhook/qcc-radar-owner`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', [WEBHOOK_HEADER.name]: key },
			body: JSON.stringify(body),
		});
		return { status: response.status, body: await response.text() };
	};

	const answer = async (body: IDataObject) => {
		const { status, body: text } = await tell(body);
		return { status, body: JSON.parse(text) as unknown };
	};

	const change = { company: XIAOMI, oldLoginName: ANNA, newLoginName: BEN };
	assert.equal((await tell(change, 'guessed')).status, 403);
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`]);

	assert.deepEqual(await answer(change), {
		status: 200,
		body: { success: true, assigned: assigned(BEN, XIAOMI), removed: removed(ANNA, XIAOMI) },
	});
	assert.deepEqual(simulator.pairs(), [`${BEN} ${XIAOMI}`]);

	assert.deepEqual(await answer({ company: TENCENT, newLoginName: ANNA }), {
		status: 200,
		body: { success: true, assigned: assigned(ANNA, TENCENT), removed: null },
	});
	assert.deepEqual(await answer({ ...change, company: UNKNOWN }), {
		status: 502,
		body: { success: false, assigned: refused(BEN, UNKNOWN), removed: null },
	});
	const pairs = [`${ANNA} ${TENCENT}`, `${BEN} ${XIAOMI}`];
	assert.deepEqual(simulator.pairs(), pairs);

	simulator.faults = () => ({ kind: 'code', code: 103 });
	const { status, body } = await tell({ ...change, oldLoginName: BEN, newLoginName: ANNA });
	simulator.faults = undefined;
	assert.equal(status, 502, body);
	assert.deepEqual(simulator.pairs(), pairs);
}

async function googleSheets({ server, simulator, internet }: Bench): Promise<void> {
	const workflow = await readExample('04-google-sheets');
	const head = ['id', 'company', 'phone', 'msg', 'outcome', 'keyNo'];
	internet.cells = [
		head,
		[1, XIAOMI, 13800138000],
		[2, TENCENT, ANNA, '保存成功', 'ok', keyNoOf(TENCENT)],
		[3, UNKNOWN, BEN],
		[4, HUAWEI, BEN, 'No answer', 'unknown'],
	];
	const results = [
		head,
		[1, XIAOMI, 13800138000, '保存成功', 'ok', keyNoOf(XIAOMI)],
		[2, TENCENT, ANNA, '保存成功', 'ok', keyNoOf(TENCENT)],
		[3, UNKNOWN, BEN, '关键字不存在', 'rejected', ''],
		[4, HUAWEI, BEN, '保存成功', 'ok', keyNoOf(HUAWEI)],
	];
	for (const pairs of [[`${ANNA} ${XIAOMI}`, `${BEN} ${HUAWEI}`], []]) {
		simulator.clear();
		const execution = await server.runWorkflow(workflow);
		assert.equal(execution.status, 'success', JSON.stringify(execution.error));
		assert.deepEqual(internet.cells, results);
		// The second time every row has its result: nothing is sent.
		assert.deepEqual(simulator.pairs(), pairs);
	}
}

async function groupMessage({ server, simulator, internet }: Bench): Promise<void> {
	const workflow = await readExample('05-feishu-wecom-alert');
	const run = async () => {
		internet.visits.length = 0;
		const { status, error } = await server.runWorkflow(workflow);
		const messages = internet.visits.map(({ url, body }) => [
			url.href,
			JSON.parse(body) as unknown,
		]);
		return { status, error: error?.message, messages };
	};
	const text = `企查查监控：1 行未完成 (rows not done)\n${ANNA} 测试不存在 关键字不存在`;
	const messages = [
		[
			'https://open.feishu.cn/open-apis/bot/v2/hook/YOUR_BOT',
			{ msg_type: 'text', content: { text } },
		],
		[
			'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=YOUR_BOT',
			{ msgtype: 'text', text: { content: text } },
		],
	];
	assert.deepEqual(await run(), { status: 'success', error: undefined, messages });
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`]);

	internet.wecom = { errcode: 93000, errmsg: 'invalid webhook url' };
	assert.deepEqual(await run(), {
		status: 'error',
		error: 'The bot refused the message: invalid webhook url',
		messages,
	});
}

async function mcpServer({ server, simulator }: Bench): Promise<void> {
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

async function createCredentials(server: N8nServer, simulator: Simulator): Promise<void> {
	const credentials = [
		['QCC Radar account', QCC_CREDENTIAL, { ...TEST_ACCOUNT, baseUrl: simulator.url }],
		['CRM', 'httpHeaderAuth', HEADER],
		['CRM webhook', 'httpHeaderAuth', WEBHOOK_HEADER],
		['MCP clients', 'httpBearerAuth', { token: MCP_TOKEN }],
		[
			'Google Sheets account',
			'googleSheetsOAuth2Api',
			{
				clientId: 'id',
				clientSecret: 'secret',
				oauthTokenData: { access_token: 'google', token_type: 'Bearer' },
			},
		],
	] as const;
	for (const [name, type, data] of credentials) {
		await server.createCredential({ name, type, data });
	}
}

async function run(context: Context): Promise<Facts> {
	const { step, defer } = context;
	const simulator = await startSimulator();
	defer(async () => {
		await simulator.close();
	});
	const outside: Outside = {
		relations: [],
		cells: [],
		wecom: { errcode: 0, errmsg: 'ok' },
		visits: [],
	};
	const visited = (answer: (visit: Visit) => unknown) => (visit: Visit) => {
		outside.visits.push(visit);
		return answer(visit);
	};
	const internet = await playInternet({
		'crm.example.com': visited(() => outside.relations),
		'hooks.example.com': visited(() => ({})),
		'sheets.googleapis.com': visited((visit) => sheets(outside, visit)),
		'open.feishu.cn': visited(() => ({ code: 0, msg: 'success', data: {} })),
		'qyapi.weixin.qq.com': visited(() => outside.wecom),
	});
	defer(internet.close);
	const home = await newHome(context, internet.env);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(async () => {
		await server.stop();
	});
	await createCredentials(server, simulator);

	const bench = { server, simulator, internet: outside };
	const examples = [
		['01 spreadsheet upload', spreadsheetUpload],
		['02 scheduled sync', scheduledSync],
		['03 CRM webhook', crmWebhook],
		['04 Google Sheets', googleSheets],
		['05 Feishu and WeCom', groupMessage],
		['06 MCP server', mcpServer],
	] as const;
	for (const [name, example] of examples) {
		simulator.clear();
		await step(name, async () => {
			await example(bench);
		});
	}
	return { examples: examples.length };
}

/**
 * The workflows of `examples/`, imported as they stand: n8n finds their credentials by name, and their
 * services, played on loopback, by their own hosts.
 */
export const examples: Scenario = { name: 'examples', run };
