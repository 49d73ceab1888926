import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { anchorOf, tablesOf, targetsOf, withoutCode } from './markdown';

const ROOT = resolve(__dirname, '../..');
const ENGLISH = 'README.md';
const CHINESE = 'docs/zh-CN.md';

interface Section {
	readonly level: number;
	readonly heading: string;
	readonly text: string;
}

/** A page by its headings, from the title on. */
function sectionsOf(page: string): Section[] {
	const text = readFileSync(join(ROOT, page), 'utf8');
	return text.split(/^(?=#{1,6} )/m).map((section) => {
		const [, marks = '', heading = ''] = /^(#+) (.+)$/m.exec(section) ?? [];
		return { level: marks.length, heading, text: section };
	});
}

/** What a section has that is the same in every language. */
function factsOf(page: string, { level, text }: Section) {
	const targets = targetsOf(text)
		.filter((target) => !target.startsWith('#'))
		.map((target) =>
			/^https?:/.test(target) ? target : relative(ROOT, resolve(ROOT, dirname(page), target)),
		)
		// The one page leads to the other.
		.filter((target) => target !== ENGLISH && target !== CHINESE);
	const terms = [...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, term]) => term ?? '');
	return {
		level,
		targets: [...new Set(targets)].sort(),
		code: text.match(/^```[\s\S]*?^```$/gm) ?? [],
		terms: [...new Set(terms)].sort(),
		numbers: [...new Set(withoutCode(text).match(/\d+(?:[.,:-]\d+)*/g) ?? [])].sort(),
		tables: tablesOf(text).map((rows) => rows.map((cells) => cells.length)),
	};
}

test('README.md and docs/zh-CN.md say the same, section by section', () => {
	const factsIn = (page: string) => sectionsOf(page).map((section) => factsOf(page, section));
	expect(factsIn(CHINESE)).toEqual(factsIn(ENGLISH));
});

test.each([ENGLISH, CHINESE])('%s begins with its table of contents', (page) => {
	const [title, ...sections] = sectionsOf(page);
	const chapters = sections.filter(({ level }) => level === 2).map(({ heading }) => heading);
	const contents = title?.text.split('\n').find((line) => line.startsWith('[')) ?? '';
	expect(contents).toBe(chapters.map((name) => `[${name}](#${anchorOf(name)})`).join(' · '));
});
