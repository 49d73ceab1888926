import { execFileSync } from 'node:child_process';

/** A page as `npm run format` would leave it. Prettier is asked as a command: Jest cannot load it. */
export function formatted(page: string): string {
	return execFileSync(
		process.execPath,
		[require.resolve('prettier/bin/prettier.cjs'), '--stdin-filepath', 'docs/page.md'],
		{ encoding: 'utf8', input: page, maxBuffer: 2 ** 26 },
	);
}
