import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { runCommand, runOrThrow } from './lifetime';

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

/** The platform package that the npm package `node` would fetch in its install script. */
function nodePackage(): string {
	const { platform, arch } = process;
	const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node';
	return `${prefix}-${platform}-${arch}`;
}

/**
 * The package.json of the cache folder, which is also what its stamp must hold.
 *
 * n8n from 2.39 on asks for Node 24; earlier ones run on Node 22. Up to about 2.20, n8n takes xlsx
 * from a host other than the registry, which is often out of reach; 0.18.5 is the registry's own.
 */
function manifestOf(version: string): string {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const node = major > 2 || (major === 2 && minor >= 39) ? '24' : '22';
	const foreignXlsx = major < 2 || (major === 2 && minor <= 20);
	const manifest = {
		name: 'n8n-cache',
		private: true,
		dependencies: { n8n: version, [nodePackage()]: node },
		...(foreignXlsx ? { overrides: { xlsx: '0.18.5' } } : {}),
	};
	return `${JSON.stringify(manifest, null, 2)}\n`;
}

async function readIfThere(path: string): Promise<string | undefined> {
	return existsSync(path) ? await readFile(path, 'utf8') : undefined;
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
 * Installs an n8n release into the git-ignored `.cache/n8n/<version>/`, or finds it there.
 *
 * The stamp is written last, so a folder without it is unfinished: npm resumes it when it was
 * begun for the same package.json, otherwise it is wiped. Downloads are tried three times. One
 * process at a time may install a version. 2.40.7 takes 3 to 5 minutes on two cores, and 2.8 GB.
 *
 * @throws Error with npm's last lines when the packages cannot be had, or when the native modules
 *   neither come prebuilt nor compile (then: python3, make and a C++ compiler are missing)
 */
export async function installN8n(version: string, log: Log = console.log): Promise<N8nInstall> {
	const folder = join(CACHE, version);
	const modules = join(folder, 'node_modules');
	const manifestFile = join(folder, 'package.json');
	const stampFile = join(folder, 'complete');
	const nodeHome = join(modules, nodePackage());
	const install: N8nInstall = {
		version,
		node: join(nodeHome, 'bin/node'),
		script: join(modules, 'n8n/bin/n8n'),
	};

	const manifest = manifestOf(version);
	if ((await readIfThere(stampFile)) === manifest) return install;
	await rm(stampFile, { force: true });
	if ((await readIfThere(manifestFile)) !== manifest) {
		await rm(folder, { recursive: true, force: true });
	}
	await mkdir(folder, { recursive: true });
	await writeFile(manifestFile, manifest);

	// `npm run` hands its own settings on as npm_config_*: flags outrank them.
	const npm = async (args: readonly string[], env: NodeJS.ProcessEnv) =>
		await runOrThrow(
			'npm',
			[...args, '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'],
			{ cwd: folder, env, timeoutMs: COMMAND_TIMEOUT_MS },
		);

	await withProgress(`n8n ${version}: downloading`, folder, log, async () => {
		for (let attempt = 1; ; attempt++) {
			try {
				await npm(['install', '--ignore-scripts'], process.env);
				return;
			} catch (error) {
				if (attempt === ATTEMPTS) throw error;
				log(`n8n ${version}: attempt ${attempt} of ${ATTEMPTS} failed\n${String(error)}`);
				// What a second attempt could not complete may be what stands in the way.
				if (attempt === ATTEMPTS - 1) await rm(modules, { recursive: true, force: true });
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

	await writeFile(stampFile, manifest);
	return install;
}
