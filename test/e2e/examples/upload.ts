import assert from 'node:assert/strict';

import type { IDataObject } from 'n8n-workflow';

import type { N8nServer } from '../n8nServer';
import {
	ANNA,
	assigned,
	BEN,
	HUAWEI,
	itemsOf,
	readExample,
	readExampleFile,
	refused,
	TENCENT,
	UNKNOWN,
	until,
	XIAOMI,
	type Bench,
} from './bench';

const ACME = 'Acme (China) Co., Ltd.';

interface Ending {
	readonly executionId: string;
	/** The heading of the last page. */
	readonly title: string;
	readonly html: string;
}

/** Submits a file to a form as a browser does, and reads the page it ends with. */
async function submitForm(server: N8nServer, path: string, file: File): Promise<Ending> {
	const form = new FormData();
	form.set('field-0', file);
	const submitted = await fetch(`${server.url}/form/${path}`, { method: 'POST', body: form });
	const answer = await submitted.text();
	assert(submitted.ok, answer);
	const page = new URL((JSON.parse(answer) as { formWaitingUrl: string }).formWaitingUrl);
	page.host = new URL(server.url).host;
	const executionId = page.pathname.split('/').at(-1) ?? '';
	const status = new URL(page);
	status.pathname += '/n8n-execution-status';
	await until('the end of the form', async () => {
		const text = (await (await fetch(status)).text()).trim();
		assert(!['error', 'crashed', 'success'].includes(text), `the form’s execution: ${text}`);
		return text === 'form-waiting' ? text : undefined;
	});
	const html = await (await fetch(page)).text();
	const title = /<h1[^>]*>([^<]*)<\/h1>/.exec(html)?.[1]?.trim();
	assert(title !== undefined, html);
	await (await fetch(page, { method: 'POST' })).text();
	return { executionId, title, html };
}

interface Download {
	readonly fileName: string;
	readonly content: Buffer;
}

/** The file that the last page hands over. */
function downloadOf({ html }: Ending): Download {
	const encoded = /JSON\.parse\(decodeURIComponent\("([^"]+)"\)\)/.exec(html)?.[1];
	assert(encoded !== undefined, html);
	const [binary] = JSON.parse(decodeURIComponent(encoded)) as {
		fileName: string;
		data: { data: number[] };
	}[];
	assert(binary, html);
	return { fileName: binary.fileName, content: Buffer.from(binary.data.data) };
}

/** Text in the encoding of Excel's CSV in China. */
function gbk(text: string): Buffer {
	const decoder = new TextDecoder('gbk');
	const bytesOf = new Map<string, readonly [number, number]>();
	for (let high = 0x81; high < 0xff; high++) {
		for (let low = 0x40; low < 0xff; low++) {
			bytesOf.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
		}
	}
	return Buffer.from(
		Array.from(text).flatMap((letter) => {
			if (letter < '\u0080') return [letter.charCodeAt(0)];
			const bytes = bytesOf.get(letter);
			assert(bytes, `${letter} is not in GBK`);
			return bytes;
		}),
	);
}

const csv = (rows: readonly (readonly string[])[]): string =>
	rows.map((cells) => `${cells.map((cell) => `"${cell}"`).join(',')}\r\n`).join('');

/** A workbook that Excel saves as XML; numbers become number cells, null leaves one out. */
function workbook(rows: readonly (readonly (string | number | null)[])[]): string {
	const cellOf = (value: string | number | null, column: number) =>
		value === null
			? ''
			: `<Cell ss:Index="${column + 1}"><Data ss:Type="${typeof value === 'number' ? 'Number' : 'String'}">${value}</Data></Cell>`;
	const body = rows.map((cells) => `<Row>${cells.map(cellOf).join('')}</Row>`).join('');
	return `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Sheet1"><Table>${body}</Table></Worksheet></Workbook>`;
}

/** A row as `Assign` answers it, the file's own cells first. */
interface Answered {
	readonly [field: string]: unknown;
	readonly success: boolean;
}

/** What comes of a row that is empty but for its number; the words are the node's. */
const UNFIT = {
	loginName: null,
	keyWord: null,
	outcome: 'notSent',
	success: false,
	status: null,
	keyNo: null,
	action: 'none',
};

function withoutWords({ msg, ...row }: IDataObject): IDataObject {
	if (row.outcome !== 'notSent') return { msg, ...row };
	assert(typeof msg === 'string');
	assert.match(msg, /is empty/);
	return row;
}

/** 01: spreadsheets as offices write them, each answered row by row, or in words where it cannot be. */
export async function spreadsheetUpload({ server, simulator }: Bench): Promise<void> {
	await server.publishWorkflow(await readExample('01-spreadsheet-upload'));
	const upload = async (name: string, content: string | Buffer) => {
		simulator.clear();
		simulator.resetStats();
		const file = new File([content], name, { type: 'application/vnd.ms-excel' });
		const ending = await submitForm(server, 'qcc-radar-upload', file);
		const execution = await server.finished(ending.executionId);
		assert.equal(execution.status, 'success');
		return { ending, execution };
	};
	/** Uploads a file whose rows get these answers, in the order of the file. */
	const answered = async (
		name: string,
		content: string | Buffer,
		rows: readonly Answered[],
	): Promise<Download> => {
		const { ending, execution } = await upload(name, content);
		const done = rows.filter(({ success }) => success);
		assert.equal(ending.title, `${done.length} of ${rows.length} rows done 行已完成`);
		assert.deepEqual(itemsOf(execution, 'Assign')?.map(withoutWords), rows);
		const sorted = [...rows.filter(({ success }) => !success), ...done];
		assert.deepEqual(itemsOf(execution, 'Failures first')?.map(withoutWords), sorted);
		const download = downloadOf(ending);
		assert.equal(download.fileName, 'qcc-radar-results.xlsx');
		return download;
	};
	const refusedInWords = async (name: string, content: string | Buffer, words: RegExp) => {
		const { ending } = await upload(name, content);
		assert.equal(ending.title, 'Nothing was sent 未提交任何数据');
		assert.match(ending.html, words);
		assert.equal(simulator.calls.length, 0);
	};

	const plain = [
		{ phone: ANNA, company: XIAOMI, note: '备注', ...assigned(ANNA, XIAOMI) },
		{ phone: BEN, company: UNKNOWN, note: '备注', ...refused(BEN, UNKNOWN) },
		{ phone: BEN, company: ACME, note: '备注', ...assigned(BEN, ACME), keyNo: null },
	];
	const table = [
		['phone', 'company', 'note'],
		...plain.map((row) => [row.phone, row.company, row.note]),
	];
	const results = await answered('relations.CSV', `\ufeff${csv(table)}`, plain);
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`, `${BEN} ${ACME}`]);
	await answered('utf8.csv', csv(table), plain);

	// The spreadsheet of results is one that can be uploaded: failures stand first in it.
	const [first, failed, last] = plain;
	const again = await answered(results.fileName, results.content, [
		failed,
		first,
		last,
	] as Answered[]);
	await answered(again.fileName, again.content, [failed, first, last] as Answered[]);

	// Excel's CSV in China, with a title above Chinese headings, and phones as a CRM writes them.
	const office = [
		['2026年监控名单', '', ''],
		['序号', '登录手机号', '公司名称'],
		['1', '+86 138-0013-8000', TENCENT],
		['2', '13900139000', HUAWEI],
		['3', '', ''],
		['4', BEN, UNKNOWN],
	];
	const officeRows = (numbers: boolean) => [
		{
			序号: numbers ? 1 : '1',
			登录手机号: '+86 138-0013-8000',
			公司名称: TENCENT,
			...assigned(ANNA, TENCENT),
		},
		{
			序号: numbers ? 2 : '2',
			登录手机号: numbers ? 13900139000 : BEN,
			公司名称: HUAWEI,
			...assigned(BEN, HUAWEI),
		},
		{ 序号: numbers ? 3 : '3', ...UNFIT },
		{
			序号: numbers ? 4 : '4',
			登录手机号: numbers ? 13900139000 : BEN,
			公司名称: UNKNOWN,
			...refused(BEN, UNKNOWN),
		},
	];
	await answered('名单.csv', gbk(csv(office)), officeRows(false));
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${TENCENT}`, `${BEN} ${HUAWEI}`]);
	const cells = office.map((row, i) =>
		row.map((cell) => (cell === '' ? null : i > 1 && /^\d+$/.test(cell) ? Number(cell) : cell)),
	);
	const back = await answered('名单.xls', workbook(cells), officeRows(true));
	const [one, two, three, four] = officeRows(true);
	await answered(back.fileName, back.content, [three, four, one, two] as Answered[]);

	// A file of one short row: nothing but its bytes tells its encoding.
	for (const heading of ['手机号,公司', 'phone,company']) {
		for (const company of [XIAOMI, '三一重工', '万科']) {
			const text = `${heading}\r\n${ANNA},${company}\r\n`;
			const [login = '', name = ''] = heading.split(',');
			const rows = [{ [login]: ANNA, [name]: company, ...assigned(ANNA, company) }];
			await answered('short.csv', gbk(text), rows);
			await answered('short.csv', text, rows);
		}
	}

	const template = await readExampleFile('template.csv');
	await answered('template.csv', template, [
		{ 登录手机号: ANNA, 企业名称: XIAOMI, ...assigned(ANNA, XIAOMI) },
		{ 登录手机号: BEN, 企业名称: TENCENT, ...assigned(BEN, TENCENT) },
	]);

	await refusedInWords(
		'none.csv',
		'\ufeff登录手机号,企业名称\r\n',
		/No row stands below the headings.*没有数据/,
	);
	await refusedInWords('empty.csv', '', /The first sheet is empty.*空的/);
	await refusedInWords('empty.xls', workbook([]), /The first sheet is empty.*空的/);
	await refusedInWords(
		'other.csv',
		gbk('负责人,客户\r\n张三,小米\r\n'),
		/没有找到表头.*负责人, 客户/,
	);
	await refusedInWords('ragged.csv', 'phone,company\r\n1,2,3,4\r\n', /文件无法读取/);
}
