/**
 * Renews the lock of an n8n release that n8nVersions.ts names: `npm run e2e:lock -- <version> …`.
 *
 * Resolves its 2,300 packages anew, as of now, for every platform; takes minutes. Nothing else does.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runOrThrow, temporaryFolder } from './lifetime';
import { lockFolder, NODE_PACKAGES, TESTED, type TestedN8n } from './n8nVersions';

const TIMEOUT_MS = 30 * 60_000;

function manifestOf({ version, node, overrides }: TestedN8n): object {
	const binaries = Object.values(NODE_PACKAGES).map((name) => [name, String(node)]);
	return {
		name: `n8n-${version}`,
		private: true,
		dependencies: { n8n: version },
		optionalDependencies: Object.fromEntries(binaries) as Record<string, string>,
		...(overrides ? { overrides } : {}),
	};
}

async function renew(tested: TestedN8n): Promise<void> {
	// In a folder with node_modules, npm would lock this platform's packages alone.
	const folder = await temporaryFolder('n8n-lock');
	await writeFile(
		join(folder.path, 'package.json'),
		`${JSON.stringify(manifestOf(tested), null, 2)}\n`,
	);
	await runOrThrow(
		'npm',
		[
			...['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
			...['--prefix', folder.path, '--omit-lockfile-registry-resolved', '--loglevel=error'],
		],
		{ cwd: folder.path, env: process.env, timeoutMs: TIMEOUT_MS },
	);
	const target = lockFolder(tested.version);
	await mkdir(target, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		await copyFile(join(folder.path, file), join(target, file));
	}
	await folder.remove();
}

async function main(): Promise<void> {
	const versions = process.argv.slice(2);
	const named = TESTED.map(({ version }) => version).join(', ');
	if (versions.length === 0) throw new Error(`Which n8n? n8nVersions.ts names ${named}`);
	for (const version of versions) {
		const tested = TESTED.find((one) => one.version === version);
		if (!tested) throw new Error(`n8nVersions.ts does not name ${version}, but ${named}`);
		const began = Date.now();
		console.log(`n8n ${version}: resolving …`);
		await renew(tested);
		console.log(`n8n ${version}: locked in ${Math.round((Date.now() - began) / 1000)} s`);
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
});
