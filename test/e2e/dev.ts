/**
 * n8n for development: `npm run dev -- [--port <n>] [--simulator-port <n>]`.
 *
 * A real server with the node of the working tree, a QCC simulator, a credential for it and the
 * workflows of examples/. What changes in nodes/ or credentials/ is built into the running server,
 * whose open editors follow; nothing is kept when it ends.
 */
import { watch } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startSimulator } from '../simulator/simulator';
import { runCommand } from './lifetime';
import { installN8n } from './n8nInstall';
import type { Workflow } from './n8nApi';
import { createN8nHome, N8nServer, type N8nHome } from './n8nServer';
import { N8N } from './n8nVersions';
import { credentialFor, QCC_CREDENTIAL } from './workflows';
import { NODE_TYPE } from '../harness/nodeType';

const ROOT = join(__dirname, '../..');
const SOURCES = ['nodes', 'credentials'];
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const BUILD_TIMEOUT_MS = 120_000;
/** Editors write a file in several steps. */
const QUIET_MS = 200;

function print(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** Builds the working tree into a folder, which is not the project's own dist. */
async function build(dist: string): Promise<boolean> {
	const { code, output } = await runCommand(
		process.execPath,
		[TSC, '--project', ROOT, '--outDir', dist],
		{ cwd: ROOT, env: process.env, timeoutMs: BUILD_TIMEOUT_MS },
	);
	if (code !== 0) {
		print(output.trimEnd());
		return false;
	}
	for (const source of SOURCES) {
		await cp(join(ROOT, source), join(dist, source), {
			recursive: true,
			filter: (file) => !file.endsWith('.ts'),
		});
	}
	return true;
}

/** Puts the package where n8n's installer would. @returns the folder to build into */
async function installWorkingTree(home: N8nHome): Promise<string> {
	const manifest = await readFile(join(ROOT, 'package.json'), 'utf8');
	const { name, version } = JSON.parse(manifest) as { name: string; version: string };
	const nodes = join(home.folder, '.n8n/nodes');
	const target = join(nodes, 'node_modules', name);
	await mkdir(target, { recursive: true });
	await writeFile(join(target, 'package.json'), manifest);
	const installed = { name: 'installed-nodes', private: true, dependencies: { [name]: version } };
	await writeFile(join(nodes, 'package.json'), JSON.stringify(installed, null, 2));
	return join(target, 'dist');
}

/**
 * Calls `change` after each burst of changes in the sources, one at a time.
 *
 * Each folder is watched by itself: Node 20 loses a file that an editor replaces from a recursive watch.
 */
async function onChange(change: () => Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	let last = Promise.resolve();
	const changed = () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			last = last.then(change).catch((error: unknown) => {
				print(String(error));
			});
		}, QUIET_MS);
	};
	for (const source of SOURCES) {
		const folder = join(ROOT, source);
		const entries = await readdir(folder, { recursive: true, withFileTypes: true });
		const below = entries.filter((entry) => entry.isDirectory());
		watch(folder, changed);
		for (const { parentPath, name } of below) watch(join(parentPath, name), changed);
	}
}

/** Saves the workflows of examples/ with the credential in their nodes. @returns their names */
async function loadExamples(server: N8nServer, credential: string): Promise<string[]> {
	const folder = join(ROOT, 'examples');
	const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'));
	const names: string[] = [];
	for (const file of files.sort()) {
		const workflow = JSON.parse(await readFile(join(folder, file), 'utf8')) as Workflow;
		const nodes = workflow.nodes.map((node) =>
			node.type === NODE_TYPE || node.credentials?.[QCC_CREDENTIAL]
				? {
						...node,
						credentials: { [QCC_CREDENTIAL]: { id: credential, name: 'QCC Radar account' } },
					}
				: node,
		);
		const { name, connections, settings = {} } = workflow;
		const { pinData } = workflow;
		await server.rest('POST', '/workflows', {
			...{ name, nodes, connections, settings },
			...(pinData ? { pinData } : {}),
		});
		names.push(name);
	}
	return names;
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '5678' },
			'simulator-port': { type: 'string', default: '7788' },
		},
	});
	const n8n = await installN8n(N8N, print);
	const home = await createN8nHome(n8n);
	const dist = await installWorkingTree(home);
	print('building …');
	if (!(await build(dist))) throw new Error('The working tree does not build');
	const simulator = await startSimulator({ port: Number(values['simulator-port']) });
	print('starting n8n …');
	const server = await N8nServer.start(home, {
		port: Number(values.port),
		env: { NODE_ENV: 'development', N8N_DEV_RELOAD: 'true' },
	});
	const credential = await server.createCredential(credentialFor(simulator, 'QCC Radar account'));
	const examples = await loadExamples(server, credential);
	await onChange(async () => {
		const began = Date.now();
		if (await build(dist)) print(`rebuilt in ${((Date.now() - began) / 1000).toFixed(1)} s`);
	});

	print();
	print(`n8n        ${server.url}`);
	print(`  email    ${server.owner.email}`);
	print(`  password ${server.owner.password}`);
	print(`simulator  ${simulator.url}`);
	print(`workflows  ${examples.join(', ') || 'none'}`);
	print();
	print('Changes in nodes/ and credentials/ are built and loaded. Ctrl-C ends it all.');
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
});
