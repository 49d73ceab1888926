import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A shell block with a name: `<!-- install: docker -->`, and the block right below. */
const NAMED = /^<!-- install: (\S+) -->\n\n?```sh\n([\s\S]*?)^```$/gm;

/**
 * The installation commands of a page, by the name that stands above each block.
 * @param page below the repository's root, e.g. `README.md`
 */
export function installCommands(page: string): ReadonlyMap<string, string> {
	const text = readFileSync(join(ROOT, page), 'utf8');
	return new Map([...text.matchAll(NAMED)].map(([, name = '', commands = '']) => [name, commands]));
}
