import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { formatted } from '../harness/page';
import { codesPage } from './codesPage';

const ROOT = resolve(__dirname, '../..');
const PAGES = [
	...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
	...readdirSync(join(ROOT, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => join('docs', name)),
];

/** A heading's anchor as GitHub makes it. */
function anchorOf(heading: string): string {
	return heading
		.trim()
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.replace(/\s/g, '-');
}

function anchorsOf(page: string): Set<string> {
	const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
	return new Set(
		[...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? '')),
	);
}

test('docs/codes.md is what the node’s own table says', () => {
	expect(readFileSync(join(ROOT, 'docs/codes.md'), 'utf8')).toBe(formatted(codesPage()));
});

test.each(PAGES)('%s links to files and headings that are there', (page) => {
	const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
	const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
		([, markdown, html]) => markdown ?? html ?? '',
	);
	const broken = targets.filter((target) => {
		if (/^(https?:|mailto:)/.test(target)) return false;
		const [path = '', anchor] = target.split('#');
		const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
		if (!existsSync(file)) return true;
		return anchor !== undefined && !anchorsOf(file).has(decodeURIComponent(anchor));
	});
	expect(broken).toEqual([]);
});
