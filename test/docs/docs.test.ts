import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { formatted } from '../harness/page';
import { codesPage } from './codesPage';
import { anchorOf, targetsOf, withoutCode } from './markdown';

const ROOT = resolve(__dirname, '../..');
const PAGES = [
	...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
	...readdirSync(join(ROOT, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => join('docs', name)),
];

function anchorsOf(page: string): Set<string> {
	const text = withoutCode(readFileSync(page, 'utf8'));
	return new Set(
		[...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? '')),
	);
}

test('docs/codes.md is what the node’s own table says', () => {
	expect(readFileSync(join(ROOT, 'docs/codes.md'), 'utf8')).toBe(formatted(codesPage()));
});

test.each(PAGES)('%s links to files and headings that are there', (page) => {
	const broken = targetsOf(readFileSync(join(ROOT, page), 'utf8')).filter((target) => {
		if (/^(https?:|mailto:)/.test(target)) return false;
		const [path = '', anchor] = target.split('#');
		const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
		if (!existsSync(file)) return true;
		return anchor !== undefined && !anchorsOf(file).has(decodeURIComponent(anchor));
	});
	expect(broken).toEqual([]);
});
