/** A table of the benchmark: what it shows, its columns, and a row of cells for each case. */
export interface Table {
	readonly title: string;
	/** How the figures were taken, and how to read them. */
	readonly about: string;
	readonly columns: readonly string[];
	readonly rows: readonly (readonly (string | number)[])[];
}

/** The table in Markdown, numbers to the right, thousands apart. */
export function toMarkdown({ title, about, columns, rows }: Table): string {
	const isNumber = columns.map((_, i) => rows.some((row) => Number.isFinite(Number(row[i]))));
	const line = (cells: readonly (string | number)[]): string =>
		`| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)).join(' | ')} |`;
	return [
		`## ${title}`,
		'',
		about,
		'',
		line(columns),
		line(isNumber.map((right) => (right ? '---:' : '---'))),
		...rows.map(line),
		'',
	].join('\n');
}

/** The middle of some figures; of an even number, the greater of the two in the middle. */
export function median(figures: readonly number[]): number {
	return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}
