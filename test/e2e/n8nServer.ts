import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { readCliRun, type Execution } from './execution';
import {
	runCommand,
	startSubprocess,
	tail,
	temporaryFolder,
	type Exit,
	type Subprocess,
} from './lifetime';
import { N8nApi, type Credential, type Owner, type Workflow } from './n8nApi';
import type { N8nInstall } from './n8nInstall';

type Environment = Readonly<Record<string, string>>;

/** One n8n instance's data: its database, its key, its nodes. Every process of it shares this. */
export interface N8nHome {
	readonly n8n: N8nInstall;
	/** N8N_USER_FOLDER. n8n keeps its files in `.n8n` below it. */
	readonly folder: string;
	/** The whole environment of the instance's processes. */
	readonly env: Environment;
	readonly owner: Owner;
	readonly remove: () => Promise<void>;
}

const CLI_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/** What only some releases know, and others refuse or deprecate. */
function versionSettings({ version, script }: N8nInstall): Environment {
	const modules = join(dirname(script), '../dist/modules');
	return {
		...(version.startsWith('1.') ? { N8N_RUNNERS_ENABLED: 'true' } : {}),
		// It fetches a list from n8n's own service soon after the start.
		...(existsSync(join(modules, 'mcp-registry')) ? { N8N_DISABLED_MODULES: 'mcp-registry' } : {}),
	};
}

/**
 * An empty instance in a temporary folder: quiet, offline, UTC, and with nothing of this process's
 * environment but `PATH`.
 * @param env what else every process of the instance shall have: a database, a queue
 */
export async function createN8nHome(n8n: N8nInstall, env: Environment = {}): Promise<N8nHome> {
	const { path: folder, remove } = await temporaryFolder('n8n-home');
	return {
		n8n,
		folder,
		remove,
		owner: { email: 'owner@example.com', password: `A1${randomBytes(12).toString('hex')}` },
		env: {
			PATH: `${dirname(n8n.node)}:${process.env.PATH ?? ''}`,
			HOME: folder,
			TMPDIR: tmpdir(),
			LANG: 'C.UTF-8',
			TZ: 'UTC',
			GENERIC_TIMEZONE: 'UTC',
			NODE_ENV: 'production',
			NO_COLOR: '1',
			N8N_USER_FOLDER: folder,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_SECURE_COOKIE: 'false',
			N8N_LOG_LEVEL: 'info',
			N8N_LOG_FORMAT: 'json',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
			N8N_DYNAMIC_BANNERS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			N8N_HIRING_BANNER_ENABLED: 'false',
			N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
			N8N_VERIFIED_PACKAGES_ENABLED: 'false',
			N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
			N8N_REINSTALL_MISSING_PACKAGES: 'false',
			N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
			...versionSettings(n8n),
			...env,
		},
	};
}

/** A TCP port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('no TCP port');
	return address.port;
}

/**
 * What one process of an instance runs in. Each has a task broker of its own, whose port is fixed
 * unless set: two processes would collide.
 */
async function processOptions({ folder, env }: N8nHome, extra: Environment) {
	const brokerPort = String(await freePort());
	return { cwd: folder, env: { ...env, N8N_RUNNERS_BROKER_PORT: brokerPort, ...extra } };
}

async function runCli(home: N8nHome, args: readonly string[], timeoutMs = CLI_TIMEOUT_MS) {
	const options = await processOptions(home, {});
	return await runCommand(home.n8n.node, [home.n8n.script, ...args], { ...options, timeoutMs });
}

async function importEntity(home: N8nHome, kind: 'credentials' | 'workflow', entity: object) {
	const file = join(home.folder, `${kind}.json`);
	await writeFile(file, JSON.stringify([entity]));
	const { code, output } = await runCli(home, [`import:${kind}`, `--input=${file}`]);
	// n8n's importer reports some failures with exit code 0.
	if (code !== 0 || !output.includes('Successfully imported 1 ')) {
		throw new Error(`n8n import:${kind} failed:\n${tail(output)}`);
	}
}

/** Imports a credential through n8n's CLI; its id is the one workflows then name. */
export async function importCredential(home: N8nHome, credential: Credential): Promise<void> {
	await importEntity(home, 'credentials', credential);
}

/** Imports a workflow through n8n's CLI, inactive. */
export async function importWorkflow(
	home: N8nHome,
	workflow: Workflow & { readonly id: string },
): Promise<void> {
	await importEntity(home, 'workflow', { ...workflow, active: false });
}

/**
 * Executes an imported workflow through n8n's CLI, from its Manual Trigger.
 * A workflow that fails is an Execution too.
 * @throws Error when n8n gave no execution data at all, with the end of its log
 */
export async function executeWorkflow(
	home: N8nHome,
	id: string,
	timeoutMs?: number,
): Promise<Execution> {
	const args = ['execute', `--id=${id}`, '--rawOutput'];
	const { stdout, output } = await runCli(home, args, timeoutMs);
	const execution = readCliRun(stdout);
	if (execution === undefined) throw new Error(`n8n execute gave no data:\n${tail(output)}`);
	return execution;
}

/** Answers once `url` gives 200; throws as soon as the process ends or the time is up. */
async function untilReady(what: string, url: string, subprocess: Subprocess): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (subprocess.running() && Date.now() < deadline) {
		try {
			const response = await fetch(url);
			await response.arrayBuffer();
			if (response.ok) return;
		} catch {
			// Not listening yet.
		}
		await delay(POLL_MS);
	}
	const how = subprocess.running() ? 'was not ready in time' : 'ended at start';
	await subprocess.stop();
	throw new Error(`${what} ${how}:\n${tail(subprocess.output())}`);
}

/** A running `n8n start`, with its owner signed in. */
export class N8nServer extends N8nApi {
	private constructor(
		url: string,
		owner: Owner,
		private readonly subprocess: Subprocess,
	) {
		super(url, owner);
	}

	/** @param options.env for this process alone, over the home's */
	static async start(
		home: N8nHome,
		options: { readonly port?: number; readonly env?: Environment } = {},
	): Promise<N8nServer> {
		const port = options.port ?? (await freePort());
		const url = `http://127.0.0.1:${port}`;
		const subprocess = startSubprocess(
			home.n8n.node,
			[home.n8n.script, 'start'],
			await processOptions(home, {
				N8N_PORT: String(port),
				...options.env,
			}),
		);
		const server = new N8nServer(url, home.owner, subprocess);
		try {
			await untilReady('n8n start', `${url}/healthz/readiness`, subprocess);
			await server.signIn();
		} catch (error) {
			await server.stop();
			throw error;
		}
		return server;
	}

	override logs(): string {
		return this.subprocess.output();
	}

	async stop(): Promise<void> {
		await this.subprocess.stop();
	}
}

/** A running `n8n worker` of an instance in queue mode. */
export interface N8nWorker {
	logs(): string;
	/** SIGKILL: the worker leaves everything as it stands. */
	kill(): Promise<Exit>;
	/** SIGTERM: the worker finishes its executions first; SIGKILL after `graceMs`. */
	stop(graceMs?: number): Promise<Exit>;
}

export async function startWorker(home: N8nHome, env: Environment = {}): Promise<N8nWorker> {
	const port = await freePort();
	const subprocess = startSubprocess(
		home.n8n.node,
		[home.n8n.script, 'worker'],
		await processOptions(home, {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...env,
		}),
	);
	await untilReady('n8n worker', `http://127.0.0.1:${port}/healthz/readiness`, subprocess);
	return {
		logs: () => subprocess.output(),
		kill: async () => await subprocess.kill(),
		stop: async (graceMs) => await subprocess.stop(graceMs),
	};
}
