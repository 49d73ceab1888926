import assert from 'node:assert/strict';

import { MAX_CONCURRENCY } from '../../nodes/QccRadar/qcc/endpoints';
import { row } from '../harness/rows';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { Workflow } from './n8nApi';
import { N8nServer } from './n8nServer';
import { startQueueMode } from './queueMode';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import {
	chained,
	credentialFor,
	NODE,
	nodeOf,
	qccNode,
	QCC_CREDENTIAL,
	webhookNode,
} from './workflows';

const WEBHOOKS = 300;
const LATENCY_MS = 300;
const WORKERS = 3;
/** How long a caller waits; n8n answers 300 within 20 s. */
const ANSWER_TIMEOUT_MS = 60_000;
/** Of the webhooks of a burst in queue mode, whose answers go through Redis and a second process. */
const MOST_UNANSWERED = 3;
const PHONE = '13800138000';
const ASSIGN = '/api/radar_ext/batchAddRadarCompanyListToExistedUser';

/** What stands behind the webhook. */
type Kind = 'qcc' | 'noop' | 'http';

/** A company for the user, as a CRM hands it over when somebody saves it. */
interface Handed {
	readonly phone: string;
	readonly company: string;
}

const WARM_UP = '热身企业有限公司';
const HANDED: readonly Handed[] = Array.from({ length: WEBHOOKS }, (_, i) => ({
	phone: PHONE,
	company: `第${i}号企业有限公司`,
}));

const PHONE_FIELD = '={{ $json.body.phone }}';
const COMPANY_FIELD = '={{ $json.body.company }}';

function nodeBehind(kind: Kind, simulator: Simulator, credential: string) {
	switch (kind) {
		case 'noop':
			return nodeOf('No Operation', 'n8n-nodes-base.noOp');
		case 'qcc': {
			const names = { loginName: PHONE_FIELD, company: COMPANY_FIELD };
			const parameters = { resource: 'assignment', operation: 'create', ...names, options: {} };
			return qccNode(parameters, credential);
		}
		case 'http':
			return nodeOf('HTTP Request', 'n8n-nodes-base.httpRequest', {
				typeVersion: 4.2,
				parameters: {
					url: simulator.url + ASSIGN,
					authentication: 'predefinedCredentialType',
					nodeCredentialType: QCC_CREDENTIAL,
					sendQuery: true,
					queryParameters: {
						parameters: [
							{ name: 'loginName', value: PHONE_FIELD },
							{ name: 'keyWordList', value: COMPANY_FIELD },
						],
					},
					options: {},
				},
				credentials: { [QCC_CREDENTIAL]: { id: credential, name: 'QCC' } },
			});
	}
}

/** Webhook → one node, whose items are the webhook's answer. */
const workflowOf = (kind: Kind, simulator: Simulator, credential: string): Workflow =>
	chained(kind, [webhookNode(kind, 'lastNode'), nodeBehind(kind, simulator, credential)]);

/** An n8n with one published workflow of each kind. */
interface Bed {
	readonly simulator: Simulator;
	readonly server: N8nServer;
	/** The workflows' ids. */
	readonly workflows: ReadonlyMap<Kind, string>;
}

async function publish(
	simulator: Simulator,
	server: N8nServer,
	kinds: readonly Kind[],
): Promise<Bed> {
	const credential = await server.createCredential(credentialFor(simulator));
	const workflows = new Map<Kind, string>();
	for (const kind of kinds) {
		workflows.set(kind, await server.publishWorkflow(workflowOf(kind, simulator, credential)));
		// The first execution of a process compiles: it is no part of a burst.
		await post(server, kind, { phone: PHONE, company: WARM_UP });
	}
	return { simulator, server, workflows };
}

async function post(server: N8nServer, kind: Kind, body: Handed): Promise<unknown> {
	const response = await fetch(`${server.url}/webhook/${kind}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
	});
	const text = await response.text();
	assert.equal(response.status, 200, text);
	return JSON.parse(text);
}

/** What came of a burst. */
interface Burst {
	/** The webhooks' answers, in their order; undefined where n8n gave none. */
	readonly answers: readonly unknown[];
	readonly unanswered: number;
	/** Milliseconds until the last answer that came. */
	readonly took: number;
}

const isTimeout = (error: unknown): boolean =>
	error instanceof DOMException && error.name === 'TimeoutError';

async function burst(server: N8nServer, kind: Kind, mostUnanswered: number): Promise<Burst> {
	const began = performance.now();
	let took = 0;
	const answers = await Promise.all(
		HANDED.map(async (body) => {
			try {
				const answer = await post(server, kind, body);
				took = performance.now() - began;
				return answer;
			} catch (error) {
				if (isTimeout(error)) return undefined;
				throw error;
			}
		}),
	);
	const unanswered = answers.filter((answer) => answer === undefined).length;
	assert(unanswered <= mostUnanswered, `n8n left ${unanswered} webhooks unanswered`);
	return { answers, unanswered, took };
}

/** The rows that the executions of a workflow put out, whoever was answered with them. */
async function rowsOf(server: N8nServer, workflowId: string): Promise<unknown[]> {
	const executions = await server.executions(workflowId);
	const rows: unknown[] = [];
	for (const { id } of executions) {
		const { nodes } = await server.finished(id);
		const [items] = nodes[NODE]?.[0]?.outputs ?? [];
		rows.push(...(items ?? []).map(({ json }) => json));
	}
	return rows;
}

const inOrder = (rows: readonly unknown[]): string[] =>
	rows.map((one) => JSON.stringify(one)).sort();

/** A burst through the package's node: each webhook has its own row, and QCC holds them all. */
async function burstOfRows({ simulator, server, workflows }: Bed, mostUnanswered: number) {
	simulator.clear();
	simulator.resetStats();
	const { answers, unanswered, took } = await burst(server, 'qcc', mostUnanswered);
	const own = HANDED.map(({ phone, company }) => row(phone, company));
	assert.deepEqual(
		answers,
		own.map((one, i) => (answers[i] === undefined ? undefined : [one])),
	);
	if (unanswered > 0) {
		const rows = await rowsOf(server, workflows.get('qcc') ?? '');
		assert.deepEqual(inOrder(rows), inOrder([row(PHONE, WARM_UP), ...own]));
	}
	assert.deepEqual(
		simulator.pairs(),
		HANDED.map(({ phone, company }) => `${phone} ${company}`).sort(),
	);
	const { calls, refused, maxInFlight } = simulator.stats();
	return { took, unanswered, calls, refused, maxInFlight };
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
const ratio = (ms: number, of: number): number => Math.round((ms / of) * 100) / 100;

async function inOneProcess(context: Context, simulator: Simulator): Promise<Facts> {
	const { step, defer } = context;
	const home = await newHome(context);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(() => server.stop());
	const bed = await publish(simulator, server, ['noop', 'qcc', 'http']);

	const noop = await step('No Operation', async () => await burst(server, 'noop', 0));
	const ours = await step('QCC Radar', async () => await burstOfRows(bed, 0));
	assert.equal(ours.refused, 0);
	assert(ours.maxInFlight <= MAX_CONCURRENCY, `${ours.maxInFlight} calls in flight`);
	assert(ours.calls < WEBHOOKS, `${ours.calls} calls: nothing was shared`);
	simulator.clear();
	simulator.resetStats();
	const http = await step('HTTP Request', async () => await burst(server, 'http', 0));
	return {
		webhooks: WEBHOOKS,
		'No Operation, s': seconds(noop.took),
		'QCC Radar ÷ No Operation': ratio(ours.took, noop.took),
		calls: ours.calls,
		'HTTP Request ÷ No Operation': ratio(http.took, noop.took),
		'its calls': simulator.stats().calls,
		'its rows in QCC': simulator.pairs().length,
	};
}

async function inQueueMode(context: Context, simulator: Simulator): Promise<Facts> {
	const { server } = await startQueueMode(context, { workers: WORKERS, workerEnv: {} });
	const bed = await publish(simulator, server, ['noop', 'qcc']);
	const noop = await context.step(
		'No Operation in queue mode',
		async () => await burst(server, 'noop', MOST_UNANSWERED),
	);
	const ours = await context.step(
		'QCC Radar in queue mode',
		async () => await burstOfRows(bed, MOST_UNANSWERED),
	);
	return {
		'in queue mode: workers': WORKERS,
		'calls answered': ours.calls - ours.refused,
		refused: ours.refused,
		'÷ No Operation': ratio(ours.took, noop.took),
		...unansweredFact(noop.unanswered + ours.unanswered),
	};
}

/** Said only where there are any: it is n8n's doing. */
const unansweredFact = (count: number): Facts =>
	count === 0 ? {} : { 'webhooks that n8n left unanswered': count };

async function run(context: Context): Promise<Facts> {
	const simulator = await startSimulator({ latency: LATENCY_MS });
	context.defer(() => simulator.close());
	const one = await inOneProcess(context, simulator);
	const queue = await inQueueMode(context, simulator);
	return { ...one, ...queue };
}

/** 300 webhooks at once, each an execution of one row, for one user. */
export const burst300: Scenario = { name: 'burst', run };
