import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { optionsDescription } from '../../nodes/QccRadar/description/options';
import { DEFAULTS } from '../../nodes/QccRadar/read/options';

const ROOT = join(__dirname, '../..');
const OPTIONS = optionsDescription.flatMap(({ options = [] }) => options as INodeProperties[]);

/** Names and defaults of the table whose head has these two words. */
function tableOf(page: string, option: string, initial: string): string[][] {
	const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
	const head = lines.findIndex((line) => line.startsWith(`| ${option} | ${initial} |`));
	expect(head).toBeGreaterThan(-1);
	const end = lines.findIndex((line, i) => i > head && !line.startsWith('|'));
	return lines
		.slice(head + 2, end)
		.map((line) => line.split('|').map((cell) => cell.trim()))
		.map(([, name = '', value = '']) => [name, value]);
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
