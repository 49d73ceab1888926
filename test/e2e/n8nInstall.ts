import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { runCommand, runOrThrow } from './lifetime';
import { lockFolder, NODE_PACKAGES, TESTED } from './n8nVersions';

/** A real n8n server as npm installs it, with the Node it runs on. */
export interface N8nInstall {
	readonly version: string;
	/** The Node binary of the install, not the one this process runs on. */
	readonly node: string;
	/** `n8n`'s own start script, to be run with `node`. */
	readonly script: string;
}

type Log = (line: string) => void;

const CACHE = join(__dirname, '../../.cache/n8n');
const NATIVE_MODULES = ['sqlite3', 'isolated-vm'];
const PROGRESS_MS = 15_000;
const COMMAND_TIMEOUT_MS = 30 * 60_000;
const ATTEMPTS = 3;

/** A lock's two files, and where its packages are installed. */
interface Lock {
	readonly manifest: string;
	readonly packages: string;
	readonly folder: string;
}

/** @throws Error for a release without a lock */
async function readLock(version: string): Promise<Lock> {
	const source = lockFolder(version);
	if (!existsSync(source)) {
		const named = TESTED.map((tested) => tested.version).join(', ');
		throw new Error(
			`No lock for n8n ${version}, but for ${named}. For another, name it in test/e2e/n8nVersions.ts, then: npm run e2e:lock -- ${version}`,
		);
	}
	const manifest = await readFile(join(source, 'package.json'), 'utf8');
	const packages = await readFile(join(source, 'package-lock.json'), 'utf8');
	const hash = createHash('sha256').update(manifest).update(packages).digest('hex');
	return { manifest, packages, folder: join(CACHE, `${version}-${hash.slice(0, 12)}`) };
}

/**
 * The lock with each package's address at a registry, where all of them keep it. It holds none, as
 * registries differ, and npm would then fetch and read every package's list of versions for it.
 */
function withAddresses(packages: string, registry: string): string {
	interface Entry {
		readonly name?: string;
		readonly version?: string;
		readonly integrity?: string;
	}
	const lock = JSON.parse(packages) as { readonly packages: Record<string, Entry> };
	const entries = Object.entries(lock.packages).map(([path, entry]) => {
		if (entry.integrity === undefined) return [path, entry] as const;
		const name = entry.name ?? path.split('node_modules/').at(-1) ?? '';
		const file = `${basename(name)}-${entry.version ?? ''}.tgz`;
		const resolved = `${registry.replace(/\/$/, '')}/${name}/-/${file}`;
		return [path, { ...entry, resolved }] as const;
	});
	return JSON.stringify({ ...lock, packages: Object.fromEntries(entries) });
}

/** Removes what other locks of a release were installed into, 3 GB each. */
async function removeOthers(version: string, folder: string): Promise<void> {
	const others = (await readdir(CACHE)).filter(
		(name) => name.startsWith(`${version}-`) && name !== basename(folder),
	);
	for (const name of others) await rm(join(CACHE, name), { recursive: true, force: true });
}

async function folderSize(folder: string): Promise<string> {
	const { stdout } = await runCommand('du', ['-sk', folder], {
		cwd: folder,
		env: process.env,
		timeoutMs: PROGRESS_MS,
	});
	return `${Math.round(Number.parseInt(stdout, 10) / 1024)} MB`;
}

/** Says every 15 s that the work goes on, and how far the folder has grown. */
async function withProgress<T>(
	what: string,
	folder: string,
	log: Log,
	work: () => Promise<T>,
): Promise<T> {
	const began = Date.now();
	const elapsed = () => `${Math.round((Date.now() - began) / 1000)} s`;
	log(`${what} …`);
	const timer = setInterval(() => {
		void folderSize(folder).then(
			(size) => {
				log(`${what}: ${elapsed()}, ${size}`);
			},
			// npm moves files while du walks them: the size is a courtesy.
			() => {
				log(`${what}: ${elapsed()}`);
			},
		);
	}, PROGRESS_MS);
	try {
		const result = await work();
		log(`${what}: done in ${elapsed()}`);
		return result;
	} finally {
		clearInterval(timer);
	}
}

/**
 * Installs an n8n release from its lock into the git-ignored `.cache/n8n/<version>-<lock's hash>/`,
 * or finds it there.
 *
 * The stamp is written last, so a folder without it is unfinished, and npm does it again. Downloads
 * are tried three times. One process at a time may install a version. It needs 3 GB.
 *
 * @throws Error for a release or a platform that has no lock; with npm's last lines when the packages
 *   cannot be had, or when the native modules neither come prebuilt nor compile (then: python3, make
 *   and a C++ compiler are missing)
 */
export async function installN8n(version: string, log: Log = console.log): Promise<N8nInstall> {
	const nodePackage = NODE_PACKAGES[`${process.platform}-${process.arch}`];
	if (nodePackage === undefined) {
		throw new Error(`The locks know no Node for ${process.platform}-${process.arch}`);
	}
	const { manifest, packages, folder } = await readLock(version);
	const modules = join(folder, 'node_modules');
	const stampFile = join(folder, 'complete');
	const nodeHome = join(modules, nodePackage);
	const install: N8nInstall = {
		version,
		node: join(nodeHome, 'bin/node'),
		script: join(modules, 'n8n/bin/n8n'),
	};
	if (existsSync(stampFile)) return install;

	const began = Date.now();
	await mkdir(folder, { recursive: true });
	await removeOthers(version, folder);
	await writeFile(join(folder, 'package.json'), manifest);

	// `npm run` hands its own settings on as npm_config_*: flags outrank them.
	const npm = async (args: readonly string[], env: NodeJS.ProcessEnv) =>
		await runOrThrow(
			'npm',
			[...args, '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'],
			{ cwd: folder, env, timeoutMs: COMMAND_TIMEOUT_MS },
		);

	await withProgress(`n8n ${version}: downloading`, folder, log, async () => {
		const { stdout } = await npm(['config', 'get', 'registry'], process.env);
		for (let attempt = 1; ; attempt++) {
			try {
				// An unusual registry may keep them elsewhere, and is asked then.
				const lock = attempt === 1 ? withAddresses(packages, stdout.trim()) : packages;
				await writeFile(join(folder, 'package-lock.json'), lock);
				await npm(['ci', '--ignore-scripts'], process.env);
				return;
			} catch (error) {
				if (attempt === ATTEMPTS) throw error;
				log(`n8n ${version}: attempt ${attempt} of ${ATTEMPTS} failed\n${String(error)}`);
				await delay(5_000 * 3 ** (attempt - 1));
			}
		}
	});

	await withProgress(`n8n ${version}: native modules`, folder, log, async () => {
		const present = NATIVE_MODULES.filter((name) => existsSync(join(modules, name)));
		const env: NodeJS.ProcessEnv = {
			...process.env,
			PATH: `${dirname(install.node)}:${process.env.PATH ?? ''}`,
		};
		// The headers lie beside the binary: node-gyp then needs no download.
		if (existsSync(join(nodeHome, 'include/node/node.h'))) env.npm_config_nodedir = nodeHome;
		await npm(['rebuild', '--ignore-scripts=false', ...present], env);
		const load = present.map((name) => `require(${JSON.stringify(name)})`).join(';');
		await runOrThrow(install.node, ['-e', load], { cwd: folder, env, timeoutMs: 60_000 });
	});

	await writeFile(stampFile, '');
	log(`n8n ${version}: installed in ${Math.round((Date.now() - began) / 1000)} s`);
	return install;
}
