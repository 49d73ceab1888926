import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatted } from '../harness/page';
import { holds, type Figure } from './figures';
import { SCENARIOS } from './scenarios';

const PAGE = join(__dirname, '../../docs/faults.md');
const TABLE = /(<!-- table -->\n)[\s\S]*(<!-- \/table -->)/;

function numeral(value: number): string {
	return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

function boundOf({ least, most }: Figure): string {
	if (least !== undefined && least === most) return numeral(least);
	return [
		least === undefined ? [] : [`≥ ${numeral(least)}`],
		most === undefined ? [] : [`≤ ${numeral(most)}`],
	]
		.flat()
		.join(', ');
}

function line(...cells: readonly string[]): string {
	return `| ${cells.join(' | ')} |`;
}

/** Runs every scenario, prints the table of their figures and puts it into docs/faults.md. */
async function main(): Promise<void> {
	const lines = [
		line('Scenario', 'Figure', 'Measured', 'Wanted'),
		line('---', '---', '---:', '---:'),
	];
	let broken = 0;
	for (const { name, run } of SCENARIOS) {
		for (const [i, figure] of (await run()).entries()) {
			if (!holds(figure)) broken += 1;
			const value = numeral(figure.value);
			const measured = holds(figure) ? value : `**${value}**`;
			lines.push(line(i === 0 ? name : '', figure.what, measured, boundOf(figure)));
		}
	}
	const table = lines.join('\n');
	console.log(table);
	const page = await readFile(PAGE, 'utf8');
	await writeFile(
		PAGE,
		formatted(
			page.replace(TABLE, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`),
		),
	);
	process.exitCode = broken > 0 ? 1 : 0;
}

void main();
