import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const MADE = new Set(['.cache', '.git', 'coverage', 'dist', 'node_modules']);
const EXTENSIONS = 'cjs|csv|js|json|md|mjs|svg|ts|yml';

/** Files and folders (with a slash at the end), from the root, each with a slash before it. */
function pathsIn(folder: string): string[] {
	const pathOf = (entry: Dirent) => `/${relative(ROOT, join(folder, entry.name))}`;
	return readdirSync(folder, { withFileTypes: true })
		.filter(({ name }) => !MADE.has(name))
		.flatMap((entry) =>
			entry.isDirectory()
				? [`${pathOf(entry)}/`, ...pathsIn(join(folder, entry.name))]
				: [pathOf(entry)],
		);
}

const PATHS = pathsIn(ROOT);

/** Whatever stands in backticks and looks like a file or a folder. */
function namesIn(page: string): string[] {
	const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
	const looksSo = new RegExp(String.raw`^[\w.][\w./-]*(\.(${EXTENSIONS})|/)$`);
	return [...text.matchAll(/`([^`\n]+)`/g)]
		.map(([, name]) => name ?? '')
		.filter((name) => looksSo.test(name));
}

test.each(['CONTRIBUTING.md', 'docs/design.md', 'docs/faults.md'])(
	'%s names files that are there',
	(page) => {
		const names = namesIn(page);
		expect(names.length).toBeGreaterThan(0);
		expect(names.filter((name) => !PATHS.some((path) => path.endsWith(`/${name}`)))).toEqual([]);
	},
);

test('test/unit has the folders of nodes/QccRadar, and the credentials', () => {
	const foldersIn = (folder: string) =>
		readdirSync(join(ROOT, folder), { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map(({ name }) => name);
	const known = [...foldersIn('nodes/QccRadar'), 'credentials'];
	expect(foldersIn('test/unit').filter((name) => !known.includes(name))).toEqual([]);
});

test('every address of the repository is the one of package.json', () => {
	const { homepage } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
		homepage: string;
	};
	const named = PATHS.filter((path) => /\.(json|md|ts|yml)$/.test(path))
		.filter((path) => !path.includes('package-lock') && !path.startsWith('/test/'))
		.flatMap((path) => {
			const text = readFileSync(join(ROOT, path), 'utf8');
			return text.match(/https:\/\/github\.com\/[\w./#-]*n8n-nodes-qcc-radar[\w./#-]*/g) ?? [];
		});
	expect(named.length).toBeGreaterThan(4);
	expect(named.filter((address) => !address.startsWith(homepage))).toEqual([]);
});
