import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { IDataObject } from 'n8n-workflow';

import { keyNoOf } from '../../simulator/ledger';
import { TEST_ACCOUNT, type Simulator } from '../../simulator/simulator';
import type { Execution } from '../execution';
import { playInternet, type Internet, type Visit } from '../internet';
import type { Workflow } from '../n8nApi';
import type { N8nServer } from '../n8nServer';
import { QCC_CREDENTIAL } from '../workflows';

export const ANNA = '13800138000';
export const BEN = '13900139000';
/** Whose removal ends the company for everybody, as QCC's document can be read. */
export const ADMINISTRATOR = '13600136000';
export const XIAOMI = '小米科技有限责任公司';
export const XIAOMI_CODE = '91110108551385082Q';
export const TENCENT = '腾讯科技（深圳）有限公司';
export const HUAWEI = '华为技术有限公司';
export const UNKNOWN = '测试不存在的公司';

/** What the CRM asks of those who read its list. */
export const CRM_KEY = { name: 'X-CRM-Key', value: 'from-n8n' };
/** What the CRM shows when it tells of a change. */
export const WEBHOOK_KEY = { name: 'X-CRM-Key', value: 'from-the-crm' };
export const MCP_TOKEN = 'token-of-an-agent';

const EXAMPLES = join(__dirname, '../../../examples');
const TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** What an example is tried against. */
export interface Bench {
	readonly server: N8nServer;
	readonly simulator: Simulator;
	readonly outside: Outside;
}

/** What the outside world holds, and what has reached it. */
export interface Outside {
	/** The CRM's list of relations; undefined: it is out of order. */
	relations: readonly { readonly phone: string; readonly company: string }[] | undefined;
	/** Cells of the spreadsheet, row by row. */
	cells: unknown[][];
	/** What the WeCom bot answers. */
	wecom: IDataObject;
	readonly visits: Visit[];
}

export async function readExample(name: string): Promise<Workflow> {
	return JSON.parse((await readExampleFile(`${name}.json`)).toString()) as Workflow;
}

export async function readExampleFile(name: string): Promise<Buffer> {
	return await readFile(join(EXAMPLES, name));
}

export const assigned = (loginName: string, keyWord: string) => ({
	loginName,
	keyWord,
	outcome: 'ok',
	msg: '保存成功',
	success: true,
	status: 200,
	keyNo: keyNoOf(keyWord),
	action: 'assign',
});

export const removed = (loginName: string, keyWord: string) => ({
	...assigned(loginName, keyWord),
	action: 'unassign',
	msg: '删除成功',
});

export const refused = (loginName: string, keyWord: string) => ({
	...assigned(loginName, keyWord),
	keyNo: null,
	success: false,
	outcome: 'rejected',
	status: 500,
	msg: '关键字不存在',
});

/** The items of a node's first output, or of the one told. */
export function itemsOf({ nodes }: Execution, name: string, output = 0): IDataObject[] | undefined {
	return nodes[name]?.[0]?.outputs[output]?.map(({ json }) => json);
}

export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
	const deadline = Date.now() + TIMEOUT_MS;
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (Date.now() > deadline) throw new Error(`${what} did not come`);
		await delay(POLL_MS);
	}
}

interface ExecutionSummary {
	readonly id: string;
	readonly mode: string;
}

/** The executions of a published workflow, the latest first; those of its own Error Trigger apart. */
export async function executionsOf(
	server: N8nServer,
	workflowId: string,
): Promise<{ readonly own: readonly string[]; readonly ofErrors: readonly string[] }> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const { results } = await server.rest<{ results: readonly ExecutionSummary[] }>(
		'GET',
		`/executions?filter=${filter}&limit=100`,
	);
	const idsOf = (ofErrors: boolean) =>
		results.filter(({ mode }) => (mode === 'error') === ofErrors).map(({ id }) => id);
	return { own: idsOf(false), ofErrors: idsOf(true) };
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

/** The hosts that the examples name, played on loopback. */
export async function playOutside(): Promise<{ outside: Outside; internet: Internet }> {
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
		'crm.example.com': visited(() => {
			if (!outside.relations) throw new Error('The CRM is out of order');
			return outside.relations;
		}),
		'hooks.example.com': visited(() => ({})),
		'sheets.googleapis.com': visited((visit) => sheets(outside, visit)),
		'open.feishu.cn': visited(() => ({ code: 0, msg: 'success', data: {} })),
		'qyapi.weixin.qq.com': visited(() => outside.wecom),
	});
	return { outside, internet };
}

/** The credentials that the examples name. */
export async function createCredentials(server: N8nServer, qccUrl: string): Promise<void> {
	const credentials = [
		['QCC Radar account', QCC_CREDENTIAL, { ...TEST_ACCOUNT, baseUrl: qccUrl }],
		['CRM', 'httpHeaderAuth', CRM_KEY],
		['CRM webhook', 'httpHeaderAuth', WEBHOOK_KEY],
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
