import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { optionsDescription } from '../../nodes/QccRadar/description/options';
import { DEFAULTS } from '../../nodes/QccRadar/read/options';
import { tablesOf } from './markdown';

const ROOT = join(__dirname, '../..');
const OPTIONS = optionsDescription.flatMap(({ options = [] }) => options as INodeProperties[]);

/** Names and defaults of the table whose head has these two words. */
function tableOf(page: string, option: string, initial: string): string[][] {
	const table = tablesOf(readFileSync(join(ROOT, page), 'utf8')).find(
		([head]) => head?.[0] === option && head[1] === initial,
	);
	expect(table).toBeDefined();
	return (table ?? []).slice(1).map(([name = '', value = '']) => [name, value]);
}

test.each([
	['README.md', 'Option', 'Default', 'on', 'off'],
	['docs/zh-CN.md', '选项', '默认', '开', '关'],
])('the options and defaults of %s are the description’s', (page, option, initial, on, off) => {
	const described = OPTIONS.map(({ displayName, default: value }) => [
		displayName,
		typeof value === 'boolean' ? (value ? on : off) : JSON.stringify(value),
	]);
	expect(tableOf(page, option, initial)).toEqual(described);
});

test('the node reads the options that are described, and no others', () => {
	expect(DEFAULTS).toEqual(
		Object.fromEntries(OPTIONS.map(({ name, default: value }) => [name, value])),
	);
});
