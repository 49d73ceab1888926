import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium, selectors, type Browser, type Locator, type Page } from 'playwright-core';

import type { N8nServer } from './n8nServer';

const FLAGS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];
const TIMEOUT_MS = 20_000;
/** n8n fades and slides what it opens. */
const SETTLE_MS = 600;
/** A line of text in a cell of n8n's table, and the padding and border around the lines. */
const CELL_LINE_PX = 18;
const CELL_FRAME_PX = 9;

selectors.setTestIdAttribute('data-test-id');

/** The cells of a table as they stand in the page. */
export interface Table {
	readonly head: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

export interface InSight {
	readonly columns: readonly string[];
	/** How many lines of text high each row is. */
	readonly lines: readonly number[];
}

/** n8n's editor in a browser, signed in as the owner: what a person clicks, types and reads. */
export class Editor {
	private constructor(
		private readonly browser: Browser,
		readonly page: Page,
		private readonly url: string,
	) {}

	/** @param executablePath a Chromium */
	static async open(server: N8nServer, executablePath: string): Promise<Editor> {
		const browser = await chromium.launch({ executablePath, args: FLAGS });
		const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
		page.setDefaultTimeout(TIMEOUT_MS);
		await page.goto(`${server.url}/signin`);
		await page.getByLabel('Email').fill(server.owner.email);
		await page.getByLabel('Password').fill(server.owner.password);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.waitForURL(/\/home\//);
		return new Editor(browser, page, server.url);
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	/** Writes what is to be seen, but for passing notifications, to `<folder>/<name>.png`. */
	async screenshot(folder: string, name: string): Promise<void> {
		await mkdir(folder, { recursive: true });
		await this.page.waitForTimeout(SETTLE_MS);
		await this.page.screenshot({
			path: join(folder, `${name}.png`),
			style: '.el-notification { visibility: hidden }',
		});
	}

	/** @param id of a saved workflow, or `new` */
	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.page.getByTestId('node-creator-plus-button').waitFor();
		if (id !== 'new') await this.page.getByTestId('canvas-node').first().waitFor();
	}

	node(name: string): Locator {
		return this.page.getByTestId('canvas-node').filter({ hasText: name });
	}

	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.page.getByTestId('ndv').waitFor({ state: 'hidden' });
	}

	/** Types into the panel of nodes, and waits for `expected` to be among what it finds. */
	async searchNode(words: string, expected: string): Promise<Locator> {
		const search = this.page.getByTestId('node-creator-search-bar');
		if (!(await search.isVisible()))
			await this.page.getByTestId('node-creator-plus-button').click();
		await search.fill(words);
		const found = this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: expected })
			.first();
		await found.waitFor();
		return found;
	}

	parameter(name: string): Locator {
		return this.page.getByTestId('ndv').getByTestId(`parameter-input-${name}`);
	}

	/** Chooses from a list, by the words the list shows. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.parameter(parameter).click();
		await this.option(option).click();
		await this.option(option).waitFor({ state: 'hidden' });
	}

	/** What a list of choices shows as chosen. */
	async chosen(parameter: string): Promise<string> {
		return await this.parameter(parameter).locator('input').inputValue();
	}

	/** The entry of the list that is open. */
	option(words: string): Locator {
		return this.page
			.getByRole('option')
			.filter({ has: this.page.getByText(words, { exact: true }), visible: true });
	}

	/** Runs the open node after what comes before it, and waits for its end. */
	async executeStep(): Promise<void> {
		const button = this.page.getByTestId('node-execute-button');
		await button.click();
		await this.page.getByTestId('ndv-executing').waitFor({ state: 'hidden' });
		await button.and(this.page.locator(':enabled')).waitFor();
	}

	/** Waits for words to be seen, wherever on the page, or in a part of it. */
	async reads(words: string | RegExp, within: Page | Locator = this.page): Promise<void> {
		const place = within.getByText(words).filter({ visible: true }).first();
		await place.waitFor().catch((error: unknown) => {
			throw new Error(`The page does not say “${String(words)}”`, { cause: error });
		});
	}

	/** Pushes the open node's parameters to the left, for a wider output. */
	async widenOutput(): Promise<void> {
		const handle = this.page.getByTestId('panel-drag-button');
		await handle.hover();
		await this.page.mouse.down();
		await this.page.mouse.move(240, 60, { steps: 5 });
		await this.page.mouse.up();
	}

	get output(): Locator {
		return this.page.getByTestId('output-panel');
	}

	async outputTable(): Promise<Table> {
		return await readTable(this.output);
	}

	/** What of the output's table is wholly to be seen, as the page is now, without scrolling. */
	async tableInSight(): Promise<InSight> {
		return await readInSight(this.output);
	}
}

async function readTable(output: Locator): Promise<Table> {
	const table = output.locator('table').filter({ visible: true }).first();
	await table.waitFor();
	const textOf = async (cells: string) =>
		(await table.locator(cells).allInnerTexts()).map((text) => text.trim());
	const head = (await textOf('thead th')).filter((text) => text !== '');
	const cells = await textOf('tbody td');
	const columns = await table.locator('tbody tr').first().locator('td').count();
	assert(columns >= head.length, `${columns} columns under ${head.length} heads`);
	const rows = Array.from({ length: cells.length / columns }, (_, i) =>
		cells.slice(i * columns, i * columns + head.length),
	);
	return { head, rows };
}

async function readInSight(output: Locator): Promise<InSight> {
	const table = output.locator('table').filter({ visible: true }).first();
	const panel = await output.boundingBox();
	assert(panel, 'the output is not to be seen');
	const right = panel.x + panel.width;
	const bottom = panel.y + panel.height;
	const columns: string[] = [];
	for (const cell of await table.locator('thead th').all()) {
		const box = await cell.boundingBox();
		if (box && box.x >= panel.x && box.x + box.width <= right) {
			columns.push((await cell.innerText()).trim());
		}
	}
	const lines: number[] = [];
	for (const row of await table.locator('tbody tr').all()) {
		const box = await row.boundingBox();
		if (box && box.y >= panel.y && box.y + box.height <= bottom) {
			lines.push(Math.ceil((box.height - CELL_FRAME_PX) / CELL_LINE_PX));
		}
	}
	return { columns, lines };
}
