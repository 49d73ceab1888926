import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import type { INode, OnError } from 'n8n-workflow';

import { keyNoOf } from '../simulator/ledger';
import { startSimulator, TEST_ACCOUNT, type Simulator } from '../simulator/simulator';
import { Editor } from './editor';
import type { Workflow } from './n8nApi';
import { N8nServer } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import { codeNode, NODE, nodeOf, qccNode } from './workflows';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = join(__dirname, '../../.cache/screenshots');
const PAGE_SIZE = 25;

const ACTIONS = [
	'Create assignments',
	'Delete assignments',
	'Sync assignments',
	'Assign users to company',
	'Unassign users from company',
	'Assign companies to user',
	'Unassign companies from user',
];

/** What the form of each operation shows: its fields in their order, and words of its notice. */
const FORMS = [
	['Assignment', 'Create', ['Login Name', 'Company'], null],
	['Assignment', 'Delete', ['Login Name', 'Company'], 'removing a company stops following it'],
	['Assignment', 'Sync', ['Login Name', 'Company'], 'Input 1, Desired: what should be monitored'],
	['Company', 'Assign Users', ['Company', 'Login Names'], null],
	[
		'Company',
		'Unassign Users',
		['Company', 'Login Names'],
		'removing a company stops following it',
	],
	['User', 'Assign Companies', ['Login Name', 'Companies'], null],
	[
		'User',
		'Unassign Companies',
		['Login Name', 'Companies'],
		'removing a company stops following it',
	],
] as const;

const COLUMNS = ['loginName', 'keyWord', 'outcome', 'msg', 'success', 'status', 'keyNo', 'action'];

/** Words that people look for it by, as the package tells them to n8n. */
const { alias: WORDS } = JSON.parse(
	readFileSync(join(__dirname, '../../nodes/QccRadar/QccRadar.node.json'), 'utf8'),
) as { alias: readonly string[] };

interface Row {
	readonly phone: string;
	readonly company: string;
}

const UNKNOWN = '不存在有限公司';
const TOO_SHORT = '米';
/** Item of the sheet that no call can carry. */
const UNFIT = 200;

/** 300 relations, three of them of companies that QCC does not know and one too short to be sent. */
function sheet(): Row[] {
	const relations = parse<Row>(readFileSync(join(__dirname, '../demo/relations.csv')), {
		columns: true,
		to: 300,
	});
	return relations.map(({ phone, company }, i) => {
		if (i === UNFIT) return { phone, company: TOO_SHORT };
		return { phone, company: i === 5 || i === 150 ? UNKNOWN : company };
	});
}

/** The simulator's register knows every name but those that say so. */
const isUnknown = ({ company }: Row) => company.includes('不存在');
const isUnfit = ({ company }: Row) => company === TOO_SHORT;

const start = nodeOf('Start', 'n8n-nodes-base.manualTrigger');
const byRow = { loginName: '={{ $json.phone }}', company: '={{ $json.company }}' };

function rowsNode(name: string, rows: readonly object[], position: [number, number]): INode {
	const node = codeNode(name, `return ${JSON.stringify(rows)}.map((json) => ({ json }));`);
	return { ...node, position };
}

function link(node: INode, index = 0) {
	return { node: node.name, type: 'main' as const, index };
}

/** Start → Sheet → QCC Radar, whose two branches end in a node each where it has an error branch. */
function sheetWorkflow(
	name: string,
	rows: readonly Row[],
	credential: string,
	onError: OnError,
): Workflow {
	const source = rowsNode('Sheet', rows, [220, 0]);
	const parameters = { resource: 'assignment', operation: 'create', ...byRow, options: {} };
	const node = qccNode(parameters, credential, { position: [440, 0], onError });
	const monitored = nodeOf('Monitored', 'n8n-nodes-base.noOp', { position: [700, -100] });
	const toCorrect = nodeOf('To Correct', 'n8n-nodes-base.noOp', { position: [700, 100] });
	const branches = onError === 'continueErrorOutput' ? [monitored, toCorrect] : [];
	return {
		name,
		nodes: [start, source, node, ...branches],
		connections: {
			[start.name]: { main: [[link(source)]] },
			[source.name]: { main: [[link(node)]] },
			[node.name]: { main: branches.map((branch) => [link(branch)]) },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** Start → CRM and Ledger → the two inputs of a sync. */
function syncWorkflow(credential: string): Workflow {
	const phone = '13800138000';
	const kept = '小米科技有限责任公司';
	const added = '腾讯科技（深圳）有限公司';
	const removed = '广东小米科技有限责任公司';
	const desired = [kept, added].map((company) => ({ phone, company }));
	const current = [kept, removed].map((keyWord) => ({ loginName: phone, keyWord }));
	const crm = rowsNode('CRM', desired, [220, -100]);
	const ledger = rowsNode('Ledger', current, [220, 100]);
	const parameters = {
		resource: 'assignment',
		operation: 'sync',
		...byRow,
		options: { maxRemovals: 50 },
	};
	const node = qccNode(parameters, credential, { position: [520, 0] });
	return {
		name: 'Sync',
		nodes: [start, crm, ledger, node],
		connections: {
			[start.name]: { main: [[link(crm), link(ledger)]] },
			[crm.name]: { main: [[link(node)]] },
			[ledger.name]: { main: [[link(node, 1)]] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** A part of the visit, told by its screenshot's name. */
type Show = (name: string) => Promise<void>;

async function findTheNode(editor: Editor, show: Show): Promise<void> {
	await editor.openWorkflow('new');
	for (const words of WORDS) await editor.searchNode(words, NODE);
	for (const words of ['企查查', 'monitoring', 'QCC']) {
		await editor.searchNode(words, NODE);
		await show(`search ${words}`);
	}
	await (await editor.searchNode('QCC', NODE)).click();
	const creator = editor.page.getByTestId('node-creator');
	await editor.reads('Actions (7)', creator);
	const shown = await creator.getByTestId('node-creator-item-name').allInnerTexts();
	assert.deepEqual(
		shown.filter((name) => ACTIONS.includes(name)),
		ACTIONS,
	);
	await show('actions');
	await creator.getByText('Create assignments', { exact: true }).click();
	await editor.page.getByTestId('ndv').waitFor();
}

async function createCredential(editor: Editor, show: Show, simulator: Simulator): Promise<void> {
	const { page } = editor;
	await page.getByTestId('ndv').getByText('Connect to QCC Radar (企查查)').click();
	const dialog = page
		.getByRole('dialog')
		.filter({ has: page.getByTestId('credential-edit-dialog') });
	const type = async (name: string, value: string) => {
		const field = dialog.getByTestId(`parameter-input-${name}`).locator('input');
		await field.fill(value);
		assert.equal(await field.getAttribute('type'), name === 'secretKey' ? 'password' : 'text');
	};
	await type('appKey', TEST_ACCOUNT.appKey);
	await type('secretKey', 'of another account');
	await type('baseUrl', simulator.url);
	const save = dialog.getByTestId('credential-save-button');
	await save.click();
	await dialog.getByText('More details').click();
	await editor.reads(/QCC code 107: .*the credential’s SecretKey belongs to its AppKey/, dialog);
	await show('credential refused');
	await type('secretKey', TEST_ACCOUNT.secretKey);
	await save.click();
	// n8n closes what has passed its test, and tests again what is opened.
	await dialog.waitFor({ state: 'hidden' });
	await page.getByTestId('ndv').getByTestId('credential-edit-button').click();
	await editor.reads('Connection tested successfully', dialog);
	await show('credential tested');
	await dialog.getByRole('button', { name: 'Close' }).first().click();
	await dialog.waitFor({ state: 'hidden' });
}

async function setEachOperation(editor: Editor, show: Show): Promise<void> {
	const parameters = editor.page.getByTestId('node-parameters');
	for (const [resource, operation, fields, notice] of FORMS) {
		if ((await editor.chosen('resource')) !== resource) await editor.choose('resource', resource);
		if ((await editor.chosen('operation')) !== operation) {
			await editor.choose('operation', operation);
		}
		await editor.reads(fields[1], parameters);
		if (notice) await editor.reads(notice, parameters);
		const labels = await parameters
			.getByTestId('input-label')
			.filter({ visible: true })
			.allInnerTexts();
		assert.deepEqual(
			labels.map((label) => label.trim().split('\n')[0]),
			['Resource', 'Operation', ...fields, 'Options'],
		);
		await show(`${resource} ${operation}`);
	}
}

async function runTheSheet(
	editor: Editor,
	show: Show,
	workflow: string,
	rows: readonly Row[],
): Promise<void> {
	const { page, output } = editor;
	await editor.openWorkflow(workflow);
	await editor.reads('Create: assignment', editor.node(NODE));
	await page.getByTestId('execute-workflow-button').click();
	await editor.reads('296 items');
	await editor.reads('4 items');
	await show('300 rows on the canvas');

	await editor.openNode(NODE);
	await editor.widenOutput();
	await editor.reads(/Assigned 296, rejected 3, not sent 1, in \d+ calls, \d+\.\d s/, output);
	await editor.reads(
		`Not done: 4 of 300 rows. 关键字不存在 (3); “Company” is shorter than 2 characters (1)`,
		output,
	);
	await editor.reads('Success Branch (296 items)', output);
	assert.deepEqual(await editor.outputTable(), {
		head: COLUMNS,
		rows: rows
			.filter((row) => !isUnknown(row))
			.slice(0, PAGE_SIZE)
			.map(({ phone, company }) => [
				...[phone, company, 'ok', '保存成功'],
				...['true', '200', keyNoOf(company), 'assign'],
			]),
	});
	await show('300 rows in the table');

	await output.getByText('Error Branch (4 items)').click();
	await editor.reads('关键字不存在', output);
	const { head, rows: refused } = await editor.outputTable();
	assert.deepEqual(head, ['phone', 'company', 'error']);
	assert.deepEqual(
		refused.map(([phone, company]) => ({ phone, company })),
		rows.filter((row) => isUnknown(row) || isUnfit(row)),
	);
	await show('error branch');
}

const XIAOMI = '小米科技有限责任公司';
/** Of a user whose call is locked, and of one whose answer bears a code that no table lists. */
const LOCKED = '13900139000';
const UNCLEAR = '13700137000';
const LOCKED_MSG = '当前相同查询连续出错，请等 2小时后重试';

/** Of a row in n8n's table. */
const MOST_LINES = 4;

/** A row for each thing that can become of one, the worst first; a name as long as they come. */
const FAILURES: readonly (Row & { readonly outcome: string; readonly msg: string })[] = [
	{
		phone: '13800138000',
		company: UNKNOWN,
		outcome: 'rejected',
		msg: '关键字不存在',
	},
	{
		phone: LOCKED,
		company: '中国（上海）自由贸易试验区国际供应链有限公司',
		outcome: 'notSent',
		msg: LOCKED_MSG,
	},
	{
		phone: '13800138000',
		company: TOO_SHORT,
		outcome: 'notSent',
		msg: '“Company” is shorter than 2 characters',
	},
	{
		phone: '13800138000',
		company: '',
		outcome: 'notSent',
		msg: '“Company” is empty',
	},
	{ phone: UNCLEAR, company: XIAOMI, outcome: 'unknown', msg: '系统异常' },
	{ phone: '13800138000', company: XIAOMI, outcome: 'ok', msg: '保存成功' },
];

/** As they come out of the box: panels as wide as n8n makes them, nothing scrolled. */
async function readTheFailures(
	editor: Editor,
	show: Show,
	simulator: Simulator,
	workflow: string,
): Promise<void> {
	simulator.faults = ({ centre }) => {
		if (centre === LOCKED) return { kind: 'code', code: 110, msg: LOCKED_MSG };
		if (centre === UNCLEAR) return { kind: 'code', code: 999, msg: '系统异常' };
		return undefined;
	};
	await editor.openWorkflow(workflow);
	await editor.openNode(NODE);
	await editor.executeStep();
	await editor.reads('Not done: 5 of 6 rows.', editor.output);
	await editor.reads('Assigned 1, rejected 1, unknown 1, not sent 3,', editor.output);
	const { head, rows } = await editor.outputTable();
	assert.deepEqual(head, COLUMNS);
	assert.deepEqual(
		rows.map(([phone, company, outcome, msg]) => ({ phone, company, outcome, msg })),
		// n8n's own word for a text without characters.
		FAILURES.map((row) => ({ ...row, company: row.company || 'empty' })),
	);
	await show('failures in sight');
	const { columns, lines } = await editor.tableInSight();
	assert.deepEqual(columns.slice(0, 4), ['loginName', 'keyWord', 'outcome', 'msg']);
	assert(lines.length >= 4, `${lines.length} rows are in sight`);
	assert.deepEqual(
		lines.filter((count) => count > MOST_LINES),
		[],
		`rows of ${lines.join(', ')} lines`,
	);
	simulator.faults = undefined;
}

async function readTheBadInput(editor: Editor, show: Show, workflow: string): Promise<void> {
	await editor.openWorkflow(workflow);
	await editor.openNode(NODE);
	await editor.executeStep();
	await editor.reads(
		`The parameter “Company” of item ${UNFIT} is shorter than 2 characters`,
		editor.output,
	);
	await editor.reads(/Nothing was sent\. Correct the input, or set On Error to Continue/);
	await show('bad input');
}

async function readTheDryRun(
	editor: Editor,
	show: Show,
	workflow: string,
	rows: readonly Row[],
): Promise<void> {
	const { page } = editor;
	await editor.openWorkflow(workflow);
	await editor.openNode(NODE);
	await page.getByTestId('collection-parameter-add').click();
	await editor.option('Max URL Length').waitFor();
	await show('options');
	await editor.option('Dry Run').click();
	await editor.parameter('dryRun').locator('.el-switch').click();
	await editor.executeStep();
	await editor.widenOutput();
	const { head, rows: planned } = await editor.outputTable();
	assert.deepEqual(head, [...COLUMNS, 'call']);
	assert.equal(planned.length, PAGE_SIZE);
	planned.forEach((cells, i) => {
		const call = cells.at(-1) ?? '';
		assert.match(call, /^\d+$/);
		const { phone, company } = rows[i] ?? { phone: '', company: '' };
		const [, , , msg = ''] = cells;
		assert.match(msg, new RegExp(`^Would be sent in call ${call} of \\d+$`));
		assert.deepEqual(cells, [
			...[phone, company, 'planned', msg],
			...['null', 'null', 'null', 'assign', call],
		]);
	});
	await editor.reads(/Would assign \d+, in \d+ calls/, editor.output);
	await show('dry run');
}

async function syncTwoInputs(editor: Editor, show: Show, workflow: string): Promise<void> {
	const { page } = editor;
	await editor.openWorkflow(workflow);
	await editor.reads('Sync: assignment', editor.node(NODE));
	const handles = page.getByTestId('canvas-node-input-handle');
	await editor.reads('Desired', handles);
	await editor.reads('Current', handles);
	await page.getByTestId('execute-workflow-button').click();
	await editor.reads('3 items');
	await show('sync on the canvas');
	await editor.openNode(NODE);
	await editor.widenOutput();
	const { head, rows } = await editor.outputTable();
	assert.deepEqual(head, [...COLUMNS, 'assigned']);
	assert.deepEqual(
		rows.map(([, keyWord, outcome, , , , , action, assigned]) => [
			keyWord,
			outcome,
			action,
			assigned,
		]),
		[
			['小米科技有限责任公司', 'unchanged', 'none', 'true'],
			['腾讯科技（深圳）有限公司', 'ok', 'assign', 'true'],
			['广东小米科技有限责任公司', 'ok', 'unassign', 'false'],
		],
	);
	await editor.reads(/Assigned 1, removed 1, unchanged 1, in \d calls/, editor.output);
	await show('sync in the table');
	await editor.closeNode();
}

async function lookInTheDark(editor: Editor, show: Show): Promise<void> {
	const icon = (file: string) => editor.node(NODE).locator(`img[src$="/${file}"]`);
	await icon('qccRadar.svg').waitFor();
	await editor.page.emulateMedia({ colorScheme: 'dark' });
	await icon('qccRadar.dark.svg').waitFor();
	await show('dark theme');
}

async function run(context: Context): Promise<Facts> {
	const { step, defer } = context;
	await rm(SCREENSHOTS, { recursive: true, force: true });
	const simulator = await startSimulator();
	defer(async () => {
		await simulator.close();
	});
	const home = await newHome(context);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(async () => {
		await server.stop();
	});
	const editor = await step('sign in', async () => await Editor.open(server, CHROMIUM));
	defer(async () => {
		await editor.close();
	});

	let screenshots = 0;
	const show = async (name: string) => {
		screenshots += 1;
		const file = `${String(screenshots).padStart(2, '0')} ${name}`.replaceAll(' ', '-');
		await editor.screenshot(SCREENSHOTS, file);
	};
	/** Where a part fails, what was to be seen then is kept too. */
	const visit = async (name: string, work: () => Promise<void>) => {
		await step(name, async () => {
			try {
				await work();
			} catch (error) {
				await show(`failed ${name}`);
				throw error;
			}
		});
	};
	const save = async (workflow: Workflow) =>
		(await server.rest<{ id: string }>('POST', '/workflows', workflow)).id;

	await visit('find the node', async () => {
		await findTheNode(editor, show);
	});
	await visit('create the credential', async () => {
		await createCredential(editor, show, simulator);
	});
	await visit('set each operation', async () => {
		await setEachOperation(editor, show);
	});

	const [credential] = await server.rest<{ id: string }[]>('GET', '/credentials');
	assert(credential, 'the credential was not saved');
	const rows = sheet();
	const good = rows.filter((row) => !isUnknown(row) && !isUnfit(row));
	const { id } = credential;

	await visit('read the failures', async () => {
		const given = FAILURES.map(({ phone, company }) => ({ phone, company }));
		const saved = await save(sheetWorkflow('Failures', given, id, 'continueRegularOutput'));
		await readTheFailures(editor, show, simulator, saved);
	});
	simulator.clear();
	await visit('run 300 rows', async () => {
		simulator.resetStats();
		const saved = await save(sheetWorkflow('Sheet', rows, id, 'continueErrorOutput'));
		await runTheSheet(editor, show, saved, rows);
	});
	const { calls } = simulator.stats();
	const pairs = good.map(({ phone, company }) => `${phone} ${company}`);
	assert.deepEqual(simulator.pairs(), [...new Set(pairs)].sort());

	simulator.resetStats();
	await visit('read the bad input', async () => {
		const saved = await save(sheetWorkflow('Bad input', rows, id, 'stopWorkflow'));
		await readTheBadInput(editor, show, saved);
	});
	await visit('read the dry run', async () => {
		const saved = await save(sheetWorkflow('Dry run', good, id, 'stopWorkflow'));
		await readTheDryRun(editor, show, saved, good);
	});
	assert.equal(simulator.stats().calls, 0);

	await visit('sync two inputs', async () => {
		await syncTwoInputs(editor, show, await save(syncWorkflow(id)));
	});
	await visit('dark theme', async () => {
		await lookInTheDark(editor, show);
	});
	return { rows: rows.length, calls, screenshots };
}

/**
 * The package as a person meets it in n8n's editor: found, given a credential, set, run and read in
 * a browser. `CHROMIUM` names the browser; the screenshots are kept in .cache/screenshots.
 */
export const browser: Scenario = { name: 'browser', run };
