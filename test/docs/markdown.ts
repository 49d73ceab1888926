/** A page's text without what is fenced off as code. */
export function withoutCode(text: string): string {
	return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** A heading's anchor as GitHub makes it. */
export function anchorOf(heading: string): string {
	return heading
		.trim()
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.replace(/\s/g, '-');
}

/** Where the links and pictures of a text lead, in its order. */
export function targetsOf(text: string): string[] {
	return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
		([, markdown, html]) => markdown ?? html ?? '',
	);
}

/** The tables of a text: the cells of their rows, the head first. */
export function tablesOf(text: string): string[][][] {
	const tables = withoutCode(text).match(/^\|.*\|\n\|[ :|-]+\|\n(?:\|.*\|\n?)*/gm) ?? [];
	return tables.map((table) =>
		table
			.trim()
			.split('\n')
			.filter((_, i) => i !== 1)
			.map((line) =>
				line
					.slice(1, -1)
					.split('|')
					.map((cell) => cell.trim()),
			),
	);
}
