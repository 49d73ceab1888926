import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { IRun, IWorkflowBase } from 'n8n-workflow';

import { readCliRun, readRestRun, type Execution } from './execution';
import {
	runCommand,
	startSubprocess,
	tail,
	temporaryFolder,
	type Exit,
	type Subprocess,
} from './lifetime';
import type { N8nInstall } from './n8nInstall';

type Environment = Readonly<Record<string, string>>;

export interface Owner {
	readonly email: string;
	readonly password: string;
}

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

export interface Credential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export type Workflow = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections'> &
	Partial<Pick<IWorkflowBase, 'settings' | 'pinData'>>;

const CLI_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 120_000;
const ROUTES_TIMEOUT_MS = 30_000;
const PUBLISH_TIMEOUT_MS = 60_000;
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

/** An answer of n8n's REST interface other than 2xx. */
export class RestError extends Error {
	constructor(
		readonly status: number,
		request: string,
		body: string,
	) {
		super(`${request}: HTTP ${status} ${body}`);
	}
}

interface RestExecution extends Pick<IRun, 'mode' | 'status'> {
	/** The run's data, `flatted`. */
	readonly data: string;
	readonly startedAt: string;
	readonly stoppedAt?: string;
}

/** An execution as n8n's list has it. */
export interface ListedExecution {
	readonly id: string;
	readonly status: string;
}

/** Most executions in one page of n8n's list. */
const LIST_PAGE = 100;
/** The largest id that n8n's database can give an execution. */
const LAST_ID = 2 ** 31 - 1;

const FINAL_STATUS: ReadonlySet<string> = new Set(['success', 'error', 'canceled', 'crashed']);

/** A running `n8n start`, with its owner signed in. */
export class N8nServer {
	private constructor(
		readonly url: string,
		readonly owner: Owner,
		private readonly subprocess: Subprocess,
		private cookie = '',
	) {}

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

	/** n8n's log so far. */
	logs(): string {
		return this.subprocess.output();
	}

	async stop(): Promise<void> {
		await this.subprocess.stop();
	}

	/**
	 * Calls n8n's internal interface as the owner.
	 * @param path below `/rest`, e.g. `/workflows`
	 * @returns the answer's `data`
	 * @throws RestError for any status but 2xx
	 */
	async rest<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { 'content-type': 'application/json', cookie: this.cookie },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new RestError(response.status, `${method} /rest${path}`, text);
		const cookies = response.headers.getSetCookie().map((line) => line.replace(/;.*$/s, ''));
		if (cookies.length > 0) this.cookie = cookies.join('; ');
		return (JSON.parse(text) as { data: T }).data;
	}

	/** @returns the new credential's id */
	async createCredential({ name, type, data }: Omit<Credential, 'id'>): Promise<string> {
		return (await this.rest<{ id: string }>('POST', '/credentials', { name, type, data })).id;
	}

	/**
	 * Saves a workflow and runs it by hand, from the first node whose type names it a trigger.
	 * @returns the execution's id
	 */
	async startWorkflow(workflow: Workflow): Promise<string> {
		const trigger = workflow.nodes.find(({ type }) => /trigger$/i.test(type));
		if (trigger === undefined) throw new Error(`${workflow.name} has no trigger`);
		const saved = await this.rest<IWorkflowBase>('POST', '/workflows', {
			settings: {},
			// n8n 1.x saves no workflow that leaves it open.
			active: false,
			...workflow,
		});
		const { executionId } = await this.rest<{ executionId: string }>(
			'POST',
			`/workflows/${saved.id}/run`,
			// n8n 1.x runs the workflow of the body, n8n 2.x the saved one.
			{ workflowData: saved, triggerToStartFrom: { name: trigger.name } },
		);
		return executionId;
	}

	/** Waits for an execution to end, however it ends. */
	async finished(executionId: string, timeoutMs = 60_000): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const execution = await this.rest<RestExecution>('GET', `/executions/${executionId}`);
			const run = FINAL_STATUS.has(execution.status) ? readRestRun(execution) : undefined;
			if (run) return run;
			if (Date.now() > deadline) {
				throw new Error(
					`execution ${executionId} is still ${execution.status}:\n${tail(this.logs())}`,
				);
			}
			await delay(POLL_MS);
		}
	}

	/** n8n's execution list of a workflow, oldest first. */
	async executions(workflowId: string): Promise<readonly ListedExecution[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const listed: ListedExecution[] = [];
		for (;;) {
			// Without both ends n8n lists by time of starting, which ids do not follow in queue mode.
			const range = `firstId=0&lastId=${listed.at(-1)?.id ?? LAST_ID}`;
			const path = `/executions?filter=${filter}&limit=${LIST_PAGE}&${range}`;
			const { results } = await this.rest<{ results: ListedExecution[] }>('GET', path);
			listed.push(...results);
			if (results.length < LIST_PAGE) return listed.reverse();
		}
	}

	/**
	 * Saves a workflow and publishes it, as n8n 2.x calls it; its own triggers start it from then on.
	 * @returns the workflow's id
	 */
	async publishWorkflow(workflow: Workflow): Promise<string> {
		const { id, versionId } = await this.rest<IWorkflowBase>('POST', '/workflows', workflow);
		await this.rest('POST', `/workflows/${id}/activate`, { versionId });
		// The triggers are registered in the background.
		const deadline = Date.now() + PUBLISH_TIMEOUT_MS;
		for (;;) {
			const path = `/workflows/${id}/publication-status`;
			const { status } = await this.rest<{ status: string }>('GET', path);
			if (status === 'published') return id;
			if (status === 'failed' || Date.now() > deadline) {
				throw new Error(`${workflow.name} is ${status}:\n${tail(this.logs())}`);
			}
			await delay(POLL_MS);
		}
	}

	async runWorkflow(workflow: Workflow, timeoutMs?: number): Promise<Execution> {
		return await this.finished(await this.startWorkflow(workflow), timeoutMs);
	}

	/** Sets the owner up, or, in a home that has had a server before, logs in. */
	private async signIn(): Promise<void> {
		const { email, password } = this.owner;
		const name = { firstName: 'Test', lastName: 'Owner' };
		const deadline = Date.now() + ROUTES_TIMEOUT_MS;
		for (;;) {
			try {
				await this.rest('POST', '/owner/setup', { email, password, ...name });
				return;
			} catch (error) {
				const status = error instanceof RestError ? error.status : 0;
				// n8n 1.x says that it is ready before it has its routes.
				if (status !== 404 || Date.now() > deadline) {
					if (status !== 400) throw error;
					await this.rest('POST', '/login', { emailOrLdapLoginId: email, password });
					return;
				}
				await delay(POLL_MS);
			}
		}
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
