import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { runOrThrow, temporaryFolder } from './lifetime';
import type { N8nHome } from './n8nServer';

export interface Tarball {
	readonly path: string;
	/** Paths inside the package, in npm's order. */
	readonly files: readonly string[];
	/** Packed size. */
	readonly bytes: number;
	readonly remove: () => Promise<void>;
}

interface PackReport {
	readonly filename: string;
	readonly size: number;
	readonly files: readonly { readonly path: string }[];
}

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly main?: string;
	readonly dependencies?: Readonly<Record<string, string>>;
}

async function readJson<T>(path: string): Promise<T> {
	return JSON.parse(await readFile(path, 'utf8')) as T;
}

/**
 * Packs a built project as `npm publish` would, its scripts left aside.
 * @throws Error when the package's `main` is not in the tarball: the project has not been built
 */
export async function packNode(projectRoot: string): Promise<Tarball> {
	const folder = await temporaryFolder('n8n-package');
	const { stdout } = await runOrThrow(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', folder.path],
		{ cwd: projectRoot, env: process.env, timeoutMs: 60_000 },
	);
	const [report] = JSON.parse(stdout) as readonly PackReport[];
	if (report === undefined) throw new Error(`npm packed nothing in ${projectRoot}`);
	const files = report.files.map(({ path }) => path);
	const { main } = await readJson<Manifest>(join(projectRoot, 'package.json'));
	if (main !== undefined && !files.includes(main)) {
		throw new Error(`${main} is not in the tarball: build the project first`);
	}
	return {
		path: join(folder.path, report.filename),
		files,
		bytes: report.size,
		remove: folder.remove,
	};
}

/**
 * Installs a package into a home as n8n's own installer does (CommunityPackagesService: unpack,
 * drop dev and peer dependencies, name it in the package.json beside), without its entry in the
 * database, which only lists it under Settings.
 * @throws Error for a package with runtime dependencies, which a community node may not have
 */
export async function installTarball(home: N8nHome, tarball: Tarball): Promise<string> {
	const nodesFolder = join(home.folder, '.n8n/nodes');
	const unpacked = join(nodesFolder, 'unpacked');
	await mkdir(unpacked, { recursive: true });
	await runOrThrow('tar', ['-xzf', tarball.path, '-C', unpacked, '--strip-components=1'], {
		cwd: nodesFolder,
		env: home.env,
		timeoutMs: 60_000,
	});

	const manifestFile = join(unpacked, 'package.json');
	const manifest = await readJson<Manifest>(manifestFile);
	if (Object.keys(manifest.dependencies ?? {}).length > 0) {
		throw new Error(`${manifest.name} has runtime dependencies`);
	}
	const DROPPED = ['devDependencies', 'peerDependencies', 'optionalDependencies'];
	const kept = Object.entries(manifest).filter(([key]) => !DROPPED.includes(key));
	await writeFile(manifestFile, JSON.stringify(Object.fromEntries(kept), null, 2));

	const target = join(nodesFolder, 'node_modules', manifest.name);
	await rm(target, { recursive: true, force: true });
	await mkdir(dirname(target), { recursive: true });
	await rename(unpacked, target);
	await writeFile(
		join(nodesFolder, 'package.json'),
		JSON.stringify(
			{
				name: 'installed-nodes',
				private: true,
				dependencies: { [manifest.name]: manifest.version },
			},
			null,
			2,
		),
	);
	return target;
}
