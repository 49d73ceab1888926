/**
 * The benchmark: `npm run bench -- [--write] [table …]`.
 *
 * Measures the named tables, or all, one after the other, and prints them. `--write` puts them into
 * docs/benchmarks.md, each with its chart; tables that were not measured stay as they are.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installN8n } from '../e2e/n8nInstall';
import { formatted } from '../harness/page';
import { N8N } from '../e2e/n8nVersions';
import { benchBursts } from './bursts';
import { benchCalls } from './calls';
import { toSvg, type Chart } from './chart';
import { benchNight } from './night';
import { benchOwnCost, benchPauses } from './ownCost';
import { toMarkdown, type Table } from './table';
import { benchUsers } from './users';
import { benchWall } from './wall';

const ROOT = join(__dirname, '../..');
const PAGE = join(ROOT, 'docs/benchmarks.md');
const IMAGES = join(ROOT, 'docs/images');

interface Bench {
	readonly measure: () => Promise<Table>;
	readonly chart: Chart;
}

const server = () => installN8n(N8N, print);

/** In the order of the page. */
const BENCHES: Readonly<Record<string, Bench>> = {
	calls: {
		measure: () => benchCalls(),
		chart: {
			title: 'Calls for 100,000 pairs',
			labels: ['family'],
			bars: ['by user', 'by company', 'ours', 'lower bound'],
			logarithmic: true,
			only: { pairs: 100_000 },
		},
	},
	wall: {
		measure: async () => await benchWall((await server()).node),
		chart: {
			title: 'Wall time beside the limit of five calls in flight',
			labels: ['calls'],
			bars: ['wall ÷ limit', 'first ÷ limit'],
		},
	},
	bursts: {
		measure: async () => await benchBursts((await server()).node),
		chart: {
			title: 'Rounds until the slowest of executions that start at once is over',
			labels: ['rows'],
			bars: ['slowest, rounds', 'slowest by itself, rounds'],
		},
	},
	own: {
		measure: async () => await benchOwnCost((await server()).node),
		chart: {
			title: 'µs of CPU time per item above a node that hands its input on',
			labels: ['expressions', 'items'],
			bars: ['µs per item, sending', 'µs per item, dry run'],
		},
	},
	pauses: {
		measure: async () => await benchPauses((await server()).node),
		chart: {
			title: 'Longest block of the event loop over 100,000 items, ms',
			labels: ['expressions', 'Company'],
			bars: ['longest block, ms'],
		},
	},
	users: {
		measure: async () => await benchUsers(await server(), ROOT),
		chart: {
			title: 'Time per row, ours = 1',
			labels: ['workflow'],
			bars: ['time per row ÷ ours'],
			logarithmic: true,
		},
	},
	night: {
		measure: async () => await benchNight(await server(), ROOT),
		chart: {
			title: 'Seconds of a night of example 02',
			labels: ['night'],
			bars: ['seconds'],
		},
	},
};

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench -- --write\`: ratios first, whole figures second. Tables bear the machine they were measured on.
`;

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

const begin = (name: string): string => `<!-- bench: ${name} -->`;
const end = (name: string): string => `<!-- /bench: ${name} -->`;

/** The part of the page between a table's markers, markers included; empty where it has none. */
function sectionIn(page: string, name: string): string {
	const from = page.indexOf(begin(name));
	const to = page.indexOf(end(name), from);
	return from < 0 || to < 0 ? '' : page.slice(from, to + end(name).length);
}

function machine(): string {
	const gigabytes = Math.round(totalmem() / 2 ** 30);
	return `${cpus().length} cores, ${gigabytes} GB; Node ${process.versions.node} where no other is named; n8n ${N8N}`;
}

async function write(name: string, table: Table, chart: Chart): Promise<void> {
	await mkdir(IMAGES, { recursive: true });
	await writeFile(join(IMAGES, `bench-${name}.svg`), toSvg(table, chart));
	const section = [
		begin(name),
		'',
		toMarkdown(table),
		`Machine: ${machine()}.`,
		'',
		`![${chart.title}](images/bench-${name}.svg)`,
		'',
		end(name),
	].join('\n');
	const page = existsSync(PAGE) ? await readFile(PAGE, 'utf8') : '';
	const sections = Object.keys(BENCHES).map((other) =>
		other === name ? section : sectionIn(page, other),
	);
	await writeFile(PAGE, formatted([INTRODUCTION, ...sections.filter(Boolean)].join('\n')));
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { write: { type: 'boolean', default: false } },
	});
	const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
	for (const name of names) {
		if (!BENCHES[name]) {
			throw new Error(`No table ${name}; there are ${Object.keys(BENCHES).join(', ')}`);
		}
	}
	for (const name of names) {
		const bench = BENCHES[name];
		if (!bench) continue;
		const table = await bench.measure();
		print(toMarkdown(table));
		if (values.write) await write(name, table, bench.chart);
	}
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
