import { setTimeout as delay } from 'node:timers/promises';

import type { IRun, IWorkflowBase } from 'n8n-workflow';

import { readRestRun, type Execution } from './execution';
import { tail } from './lifetime';

export interface Owner {
	readonly email: string;
	readonly password: string;
}

export interface Credential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export type Workflow = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections'> &
	Partial<Pick<IWorkflowBase, 'settings' | 'pinData'>>;

const ROUTES_TIMEOUT_MS = 30_000;
const PUBLISH_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

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

/** n8n's internal interface, as the editor uses it, with the owner signed in. */
export abstract class N8nApi {
	private cookie = '';

	protected constructor(
		readonly url: string,
		readonly owner: Owner,
	) {}

	/** n8n's log so far. */
	abstract logs(): string;

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
	protected async signIn(): Promise<void> {
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
