import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { installCommands } from '../docs/commands';
import { paired, row } from '../harness/rows';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { Execution } from './execution';
import { findProgram, runOrThrow, temporaryFolder } from './lifetime';
import { RestError } from './n8nApi';
import { createN8nHome, N8nServer, startWorker, type N8nHome } from './n8nServer';
import type { Context, Facts, Scenario } from './scenario';
import { startPostgres, startRedis } from './services';
import { queueModeEnv } from './queueMode';
import { credentialFor, NODE, qccWorkflow } from './workflows';
import { NODE_TYPE, PACKAGE } from '../harness/nodeType';

const ROOT = join(__dirname, '../..');
const PACK_TIMEOUT_MS = 600_000;
const COMMAND_TIMEOUT_MS = 30_000;
/** What a checkout does not hold, or holds for others. */
const NOT_CHECKED_OUT = ['.git', '.cache', 'node_modules', 'dist', 'coverage'];
/** All that the commands find on PATH: nothing among it could use a network. */
const PROGRAMS = ['sh', 'rm', 'mkdir', 'tar', 'gzip'];

/** `docker` for containers that are folders: `exec` in one's home, and a list of restarts. */
const DOCKER = `#!/bin/sh
set -eu
verb=$1; shift
input=/dev/null
if [ "$1" = -i ]; then input=/dev/stdin; shift; fi
HOME=$CONTAINERS/$1; export HOME
if [ ! -d "$HOME" ]; then echo "No such container: $1" >&2; exit 1; fi
case $verb in
	exec) shift; exec "$@" < "$input" ;;
	restart) echo "$1" >> "$CONTAINERS/restarted" ;;
	*) exit 64 ;;
esac
`;

const PHONE = '13800138000';
const COMPANIES = ['小米科技有限责任公司', '腾讯科技（深圳）有限公司'];

/** A checkout of the working tree, and a place without network to install from it. */
interface Bench {
	/** What README's commands run in: `qcc-radar.tgz` lies here. */
	readonly checkout: string;
	/** Containers by their names. */
	readonly containers: string;
	readonly programs: string;
}

async function layBench({ defer }: Context): Promise<Bench> {
	const folder = await temporaryFolder('install');
	defer(folder.remove);
	const checkout = join(folder.path, 'checkout');
	const containers = join(folder.path, 'containers');
	const programs = join(folder.path, 'programs');
	const hidden = NOT_CHECKED_OUT.map((name) => join(ROOT, name));
	await cp(ROOT, checkout, {
		recursive: true,
		filter: (path) => !hidden.includes(path) && !path.endsWith('.tgz'),
	});
	await mkdir(containers);
	await mkdir(programs);
	for (const name of PROGRAMS) await symlink(findProgram(name), join(programs, name));
	await writeFile(join(programs, 'docker'), DOCKER);
	await chmod(join(programs, 'docker'), 0o755);
	return { checkout, containers, programs };
}

function commandsFor(name: string): string {
	const commands = installCommands('README.md').get(name);
	assert(commands, `README.md has no commands called ${name}`);
	return commands;
}

/** npm's own cache comes first: what is tested is README's commands, not the registry. */
const NPM_AT_HAND = {
	npm_config_prefer_offline: 'true',
	npm_config_audit: 'false',
	npm_config_fund: 'false',
};

async function pack({ checkout }: Bench, commands = commandsFor('pack')): Promise<void> {
	await runOrThrow('sh', ['-e', '-c', commands], {
		cwd: checkout,
		env: { ...process.env, ...NPM_AT_HAND },
		timeoutMs: PACK_TIMEOUT_MS,
	});
}

/** Runs README's commands of that name, as a user with this home, without network. */
async function follow(bench: Bench, name: string, home: string): Promise<void> {
	await runOrThrow('sh', ['-e', '-c', commandsFor(name)], {
		cwd: bench.checkout,
		env: { PATH: bench.programs, HOME: home, CONTAINERS: bench.containers },
		timeoutMs: COMMAND_TIMEOUT_MS,
	});
}

/** The containers that were restarted since this was last asked, in order. */
async function restarted({ containers }: Bench): Promise<string[]> {
	const file = join(containers, 'restarted');
	const names = (await readFile(file, 'utf8')).trim().split('\n');
	await rm(file);
	return names;
}

/** The version of the package that a server has loaded; undefined where it does not know the node. */
async function loadedVersion(server: N8nServer): Promise<string | undefined> {
	const nodeInfos = [{ name: NODE_TYPE, version: 1 }];
	try {
		const [node] = await server.rest<{ communityNodePackageVersion: string }[]>(
			'POST',
			'/node-types',
			{ nodeInfos },
		);
		return node?.communityNodePackageVersion;
	} catch (error) {
		if (error instanceof RestError && error.message.includes('Unrecognized node type')) {
			return undefined;
		}
		throw error;
	}
}

async function runOnce(server: N8nServer, credential: string): Promise<Execution> {
	return await server.runWorkflow(
		qccWorkflow({
			name: 'Installed',
			inputs: [COMPANIES.map((company) => ({ company }))],
			parameters: {
				resource: 'assignment',
				operation: 'create',
				loginName: PHONE,
				company: '={{ $json.company }}',
				options: {},
			},
			credential,
		}),
	);
}

function assertDone({ status, error, nodes }: Execution): void {
	assert.equal(status, 'success', JSON.stringify(error));
	const rows = COMPANIES.map((company, item) => paired(item, row(PHONE, company)));
	assert.deepEqual(nodes[NODE]?.[0]?.outputs, [rows]);
}

/** Starts a server, has it looked at, and stops it. */
async function withServer(
	home: N8nHome,
	look: (server: N8nServer) => Promise<void>,
): Promise<void> {
	const server = await N8nServer.start(home);
	try {
		await look(server);
	} finally {
		await server.stop();
	}
}

/** Where n8n finds the package. */
function packageIn(home: N8nHome): string {
	return join(home.folder, '.n8n/nodes/node_modules', PACKAGE);
}

/** A newer release, as `git pull` would bring it. @returns its version */
async function bringUpdate({ checkout }: Bench): Promise<string> {
	const file = join(checkout, 'package.json');
	const manifest = JSON.parse(await readFile(file, 'utf8')) as { version: string };
	const version = `${manifest.version}-next.1`;
	await writeFile(file, JSON.stringify({ ...manifest, version }, null, 2));
	return version;
}

async function byNpm(context: Context, bench: Bench, simulator: Simulator): Promise<void> {
	const { step, defer } = context;
	const home = await createN8nHome(context.n8n);
	defer(home.remove);
	let credential = '';

	await step('n8n by npm: install', async () => {
		await follow(bench, 'npm', home.folder);
		await withServer(home, async (server) => {
			credential = await server.createCredential(credentialFor(simulator));
			assertDone(await runOnce(server, credential));
		});
	});

	await step('remove', async () => {
		await follow(bench, 'remove', home.folder);
		await withServer(home, async (server) => {
			assert.equal(await loadedVersion(server), undefined);
		});
	});

	await step('install again, and upgrade', async () => {
		await follow(bench, 'npm', home.folder);
		const version = await bringUpdate(bench);
		// What the first of the commands installs is there already, and takes the most time.
		await pack(bench, commandsFor('pack').replace('npm ci\n', ''));
		const leftover = join(packageIn(home), 'dist/leftover.js');
		await writeFile(leftover, '');
		await follow(bench, 'npm', home.folder);
		assert(!existsSync(leftover), 'a file of the release before is still there');
		await withServer(home, async (server) => {
			assert.equal(await loadedVersion(server), version);
			assertDone(await runOnce(server, credential));
		});
	});
}

async function byDocker(context: Context, bench: Bench, simulator: Simulator): Promise<void> {
	const { step, defer } = context;
	const home = await createN8nHome(context.n8n);
	defer(home.remove);
	await symlink(home.folder, join(bench.containers, 'n8n'));

	await step('Docker: install, by its steps in a folder', async () => {
		await follow(bench, 'docker', bench.checkout);
		assert.deepEqual(await restarted(bench), ['n8n']);
		await withServer(home, async (server) => {
			const credential = await server.createCredential(credentialFor(simulator));
			assertDone(await runOnce(server, credential));
		});
	});
	await step('Docker: remove', async () => {
		await follow(bench, 'docker-remove', bench.checkout);
		assert.deepEqual(await restarted(bench), ['n8n']);
		// What a server makes of it is seen where n8n came by npm: the same folder is gone.
		assert(!existsSync(packageIn(home)), 'the package is still there');
	});
	await rm(join(bench.containers, 'n8n'));
}

/** A main process and a worker with homes of their own, as containers without a shared volume have. */
async function inQueueMode(context: Context, bench: Bench, simulator: Simulator): Promise<void> {
	const { step, defer } = context;
	const redis = await startRedis();
	defer(redis.stop);
	const postgres = await startPostgres();
	defer(postgres.stop);
	const env = {
		N8N_ENCRYPTION_KEY: 'one key for the whole instance',
		...queueModeEnv(redis, postgres),
		// What is run by hand would stay in the main process.
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	};
	const homes: N8nHome[] = [];
	const names = ['n8n', 'n8n-worker', 'n8n-webhook'];
	for (const name of names) {
		const home = await createN8nHome(context.n8n, env);
		defer(home.remove);
		homes.push(home);
		await symlink(home.folder, join(bench.containers, name));
	}
	const [main, other] = homes;
	assert(main && other);

	await step('queue mode: install', async () => {
		await follow(bench, 'queue', bench.checkout);
		assert.deepEqual(await restarted(bench), names);
	});
	const server = await step('queue mode: start', async () => await N8nServer.start(main));
	defer(() => server.stop());
	const credential = await server.createCredential(credentialFor(simulator));

	await step('queue mode: a worker executes', async () => {
		const worker = await startWorker(other);
		defer(() => worker.stop());
		assertDone(await runOnce(server, credential));
		assert.match(worker.logs(), /Worker started execution/);
		await worker.stop();
	});
	await step('queue mode: a worker without the package fails', async () => {
		await follow(bench, 'remove', other.folder);
		const worker = await startWorker(other);
		defer(() => worker.stop());
		const { status } = await runOnce(server, credential);
		assert.equal(status, 'error');
		await worker.stop();
	});
}

async function run(context: Context): Promise<Facts> {
	const simulator = await startSimulator();
	context.defer(() => simulator.close());
	const bench = await layBench(context);
	await context.step('build and pack a checkout', async () => {
		await pack(bench);
	});
	await byNpm(context, bench, simulator);
	await byDocker(context, bench, simulator);
	await inQueueMode(context, bench, simulator);
	return {
		'README’s commands': installCommands('README.md').size,
		'into n8n': 'by npm, in Docker, in queue mode',
	};
}

/** README's way from a checkout into an n8n of one's own, by its very commands. */
export const install: Scenario = { name: 'install', run };
