import assert from 'node:assert/strict';

import type { INode } from 'n8n-workflow';

import type { Execution } from '../execution';
import type { N8nServer } from '../n8nServer';
import { nodeOf } from '../workflows';
import { executionsOf, readExample, until, type Outside } from './bench';

const LEDGER = 'qcc-radar-ledger';
const PATH = 'qcc-radar-night';
const PAGE = 250;

/** A row of example 02's data table. */
export interface LedgerRow {
	readonly id: number;
	readonly loginName: string;
	readonly keyWord: string;
	readonly keyNo: string | null;
	readonly assigned: boolean | null;
}

/** One run of example 02, as its schedule starts it. */
export interface Night {
	readonly execution: Execution;
	/** From the execution's start to its stop, as n8n recorded them. */
	readonly ms: number;
	/** What the team was told. */
	readonly told: readonly string[];
}

/** Example 02, published. */
export interface Nights {
	readonly run: (timeoutMs?: number) => Promise<Night>;
	readonly ledger: () => Promise<LedgerRow[]>;
	/** Adds rows to the table, as a night that was cut off can leave them. */
	readonly addToLedger: (rows: readonly Omit<LedgerRow, 'id'>[]) => Promise<void>;
}

/** Where n8n answers about the table. */
async function tablePath(server: N8nServer): Promise<string> {
	const { id: projectId } = await server.rest<{ id: string }>('GET', '/projects/personal');
	const tables = await server.rest<{ data: { id: string; name: string }[] }>(
		'GET',
		`/projects/${projectId}/data-tables`,
	);
	const table = tables.data.find(({ name }) => name === LEDGER);
	assert(table, 'no ledger');
	return `/projects/${projectId}/data-tables/${table.id}`;
}

async function readLedger(server: N8nServer): Promise<LedgerRow[]> {
	const path = await tablePath(server);
	const rows: LedgerRow[] = [];
	for (;;) {
		const { data } = await server.rest<{ data: LedgerRow[] }>(
			'GET',
			`${path}/rows?take=${PAGE}&skip=${rows.length}&sortBy=id:asc`,
		);
		rows.push(...data);
		if (data.length < PAGE) return rows;
	}
}

/**
 * Publishes example 02 with a webhook beside its schedule: n8n runs a workflow's own Error Trigger
 * for executions that a trigger started, not for those started by hand.
 */
export async function publishNights(server: N8nServer, outside: Outside): Promise<Nights> {
	const workflow = await readExample('02-scheduled-sync');
	const webhook: INode = {
		...nodeOf('Now', 'n8n-nodes-base.webhook', {
			typeVersion: 2,
			position: [0, -96],
			parameters: { path: PATH, responseMode: 'onReceived', options: {} },
		}),
		webhookId: PATH,
	};
	const { 'Every night': nightly, ...others } = workflow.connections;
	assert(nightly);
	const workflowId = await server.publishWorkflow({
		...workflow,
		nodes: [...workflow.nodes, webhook],
		connections: { ...others, 'Every night': nightly, [webhook.name]: nightly },
	});
	return {
		run: async (timeoutMs) => {
			outside.visits.length = 0;
			const before = await executionsOf(server, workflowId);
			const response = await fetch(`${server.url}/webhook/${PATH}`);
			assert(response.ok, await response.text());
			const id = await until('the night', async () => {
				const { own } = await executionsOf(server, workflowId);
				return own.length > before.own.length ? own[0] : undefined;
			});
			const execution = await server.finished(id, timeoutMs);
			const { startedAt, stoppedAt } = await server.rest<{ startedAt: string; stoppedAt: string }>(
				'GET',
				`/executions/${id}`,
			);
			if (execution.status === 'error') {
				const told = await until('the run that tells of it', async () => {
					const { ofErrors } = await executionsOf(server, workflowId);
					return ofErrors.length > before.ofErrors.length ? ofErrors[0] : undefined;
				});
				assert.equal((await server.finished(told)).status, 'success');
			}
			return {
				execution,
				ms: Date.parse(stoppedAt) - Date.parse(startedAt),
				told: outside.visits
					.filter(({ url }) => url.hostname === 'hooks.example.com')
					.map(({ body }) => (JSON.parse(body) as { text: string }).text),
			};
		},
		ledger: async () => await readLedger(server),
		addToLedger: async (rows) => {
			await server.rest('POST', `${await tablePath(server)}/insert`, {
				data: rows,
				returnType: 'count',
			});
		},
	};
}
