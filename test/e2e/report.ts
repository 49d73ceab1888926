import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { formatted } from '../harness/page';
import { printFacts, type Verdict } from './scenario';

const FILE = join(__dirname, '../../docs/tested.md');
const BEGIN = '<!-- e2e: written by `npm run e2e -- --write` -->';
const END = '<!-- /e2e -->';
const HEAD = ['| Scenario | n8n | Result | Counts |', '|---|---|---|---|'];
const INTRODUCTION = `# What was tested

## In real n8n servers

Each scenario packs the package, installs it into a fresh n8n server and drives it against the QCC simulator. The table is written by the tests.

`;

function rowOf({ scenario, version, facts }: Verdict): string {
	const result = facts ? 'passed' : '**failed**';
	return `| ${scenario} | ${version} | ${result} | ${facts ? printFacts(facts) : ''} |`;
}

/** Rows are kept apart by their scenario and version. */
function keyOf(row: string): string {
	return row
		.split('|')
		.slice(1, 3)
		.map((cell) => cell.trim())
		.join('|');
}

/**
 * Puts the verdicts into docs/tested.md, between the markers: a scenario's row for the same n8n is
 * replaced, the others stay.
 */
export async function writeReport(verdicts: readonly Verdict[]): Promise<void> {
	const empty = `${INTRODUCTION}${BEGIN}\n${END}\n`;
	const text = existsSync(FILE) ? await readFile(FILE, 'utf8') : empty;
	const [before, table, after] = splitAtMarkers(text) ?? splitAtMarkers(`${text}\n${empty}`) ?? [];
	if (before === undefined || table === undefined || after === undefined) {
		throw new Error(`${FILE} has no place for the table`);
	}
	const rows = new Map(
		[
			...table
				.split('\n')
				.filter((line) => line.startsWith('|'))
				.slice(HEAD.length),
			...verdicts.map(rowOf),
		].map((row) => [keyOf(row), row]),
	);
	const lines = [BEGIN, '', ...HEAD, ...rows.values(), '', END];
	await writeFile(FILE, formatted(before + lines.join('\n') + after));
}

function splitAtMarkers(text: string): [string, string, string] | null {
	const begin = text.indexOf(BEGIN);
	const end = text.indexOf(END, begin);
	if (begin < 0 || end < 0) return null;
	return [
		text.slice(0, begin),
		text.slice(begin + BEGIN.length, end),
		text.slice(end + END.length),
	];
}
