import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { paired, row } from '../harness/rows';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { ListedExecution, Workflow } from './n8nApi';
import type { N8nServer, N8nWorker } from './n8nServer';
import { startQueueMode } from './queueMode';
import type { Context, Facts, Scenario } from './scenario';
import { chained, codeNode, credentialFor, NODE, qccNode, webhookNode } from './workflows';

const EXECUTIONS = 10;
const ROWS = 2_000;
/** QCC takes 200 companies for one user in a call. */
const ROWS_PER_CALL = 200;
const CALLS = (EXECUTIONS * ROWS) / ROWS_PER_CALL;
const WORKERS = 3;
/** Two workers cannot take all executions: each of the three gets some. */
const EXECUTIONS_PER_WORKER = 4;
const LATENCY_MS = 300;
/** Long enough that the executions of a worker are under way, and not done, when it is killed. */
const LATENCY_BEFORE_KILL_MS = 600;
const MOST_REFUSED_PER_CALL = 0.25;
/** How far the executions are when a worker is killed. */
const ANSWERED_BEFORE_KILL = 25;
const ROUND_TIMEOUT_MS = 180_000;
const POLL_MS = 100;
const PATH = 'assign';

/**
 * n8n takes a worker for dead when it has not renewed its jobs' locks for so long. Its defaults, a
 * minute and looking every half of one, would only make the test wait.
 */
const LOCKS = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '3000',
};

const ENDED: ReadonlySet<string> = new Set(['success', 'error', 'crashed', 'canceled']);

const companyOf = (i: number) => `第${i}号企业有限公司`;
const COMPANIES = Array.from({ length: ROWS }, (_, i) => companyOf(i));

/** Webhook → the rows of the user it names → QCC Radar. */
function webhookWorkflow(credential: string): Workflow {
	const rows = codeNode(
		'Rows',
		`const companyOf = ${companyOf.toString()};
const { phone } = $input.first().json.body;
return Array.from({ length: ${ROWS} }, (_, i) => ({ json: { phone, company: companyOf(i) } }));`,
	);
	const parameters = {
		resource: 'assignment',
		operation: 'create',
		loginName: '={{ $json.phone }}',
		company: '={{ $json.company }}',
		options: {},
	};
	return chained('Queue', [webhookNode(PATH, 'onReceived'), rows, qccNode(parameters, credential)]);
}

const linesOf = (phones: readonly string[]) =>
	phones.flatMap((phone) => COMPANIES.map((company) => `${phone} ${company}`)).sort();

/** The output of an execution in which every row was confirmed. */
const allOk = (loginName: string) =>
	COMPANIES.map((keyWord, item) => paired(item, row(loginName, keyWord)));

/** An execution of the workflow, and the user it is for. */
interface Started {
	readonly id: string;
	readonly phone: string;
}

interface Ended extends Started {
	/** As n8n's execution list has it. */
	readonly status: string;
}

/** A main process and its workers, with the workflow published. */
class Cluster {
	private constructor(
		readonly simulator: Simulator,
		/** Of each call, in ms. */
		readonly pace: { latency: number },
		readonly server: N8nServer,
		readonly workers: readonly N8nWorker[],
		private readonly workflowId: string,
	) {}

	static async start(context: Context): Promise<Cluster> {
		const pace = { latency: LATENCY_MS };
		const simulator = await startSimulator({ latency: () => pace.latency });
		context.defer(() => simulator.close());
		const { server, workers } = await startQueueMode(context, {
			workers: WORKERS,
			env: LOCKS,
			workerEnv: { N8N_CONCURRENCY_PRODUCTION_LIMIT: String(EXECUTIONS_PER_WORKER) },
		});
		const credential = await server.createCredential(credentialFor(simulator));
		const workflowId = await server.publishWorkflow(webhookWorkflow(credential));
		return new Cluster(simulator, pace, server, workers, workflowId);
	}

	/** Starts one execution for each user, all at once. */
	async begin(phones: readonly string[]): Promise<Started[]> {
		const known = new Set((await this.server.executions(this.workflowId)).map(({ id }) => id));
		// One after the other: the webhook does not tell its execution, but ids count up.
		for (const phone of phones) {
			const response = await fetch(`${this.server.url}/webhook/${PATH}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ phone }),
			});
			assert.equal(response.status, 200, await response.text());
		}
		const fresh = (await this.server.executions(this.workflowId)).filter(
			({ id }) => !known.has(id),
		);
		assert.equal(fresh.length, phones.length);
		return fresh.map(({ id }, i) => ({ id, phone: phones[i] ?? '' }));
	}

	async ended(started: readonly Started[]): Promise<Ended[]> {
		const deadline = Date.now() + ROUND_TIMEOUT_MS;
		for (;;) {
			const statuses = new Map(
				(await this.server.executions(this.workflowId)).map(({ id, status }) => [id, status]),
			);
			const now = started.map((one) => ({ ...one, status: statuses.get(one.id) ?? 'missing' }));
			if (now.every(({ status }) => ENDED.has(status))) return now;
			assert(Date.now() < deadline, `not ended in time: ${JSON.stringify(now)}`);
			await delay(POLL_MS);
		}
	}

	/** Asserts that every row of a successful execution was confirmed, and answered in order. */
	async assertAllOk({ id, phone, status }: Ended): Promise<void> {
		const { error, nodes } = await this.server.finished(id);
		assert.equal(status, 'success', JSON.stringify(error));
		assert.deepEqual(nodes[NODE]?.[0]?.outputs, [allOk(phone)]);
	}

	answered(): string[] {
		return this.simulator.calls
			.filter(({ answer }) => answer === 'rows')
			.map(({ centre }) => centre);
	}
}

/** Which of the executions a worker has taken. */
function takenBy(worker: N8nWorker, started: readonly Started[]): Started[] {
	const log = worker.logs();
	return started.filter(({ id }) => log.includes(`Worker started execution ${id} `));
}

const phonesFrom = (first: number) =>
	Array.from({ length: EXECUTIONS }, (_, i) => String(first + i));

async function allAtOnce(cluster: Cluster): Promise<Facts> {
	const { simulator, workers } = cluster;
	const phones = phonesFrom(13800138000);
	const started = await cluster.begin(phones);
	for (const one of await cluster.ended(started)) await cluster.assertAllOk(one);
	assert.deepEqual(simulator.pairs(), linesOf(phones));

	const { calls, refused } = simulator.stats();
	const shares = workers.map((worker) => takenBy(worker, started).length);
	assert(Math.min(...shares) > 0, `executions by worker: ${shares.join(', ')}`);
	assert.equal(calls - refused, CALLS);
	assert(refused <= MOST_REFUSED_PER_CALL * CALLS, `${refused} of ${calls} calls were refused`);
	return {
		executions: EXECUTIONS,
		'by worker': shares.join('+'),
		'rows ok': EXECUTIONS * ROWS,
		calls: CALLS,
		'refused per call': refused / CALLS,
	};
}

/** Kills the worker with the most rows in executions half done, and stops another gracefully. */
async function loseWorkers(cluster: Cluster, started: readonly Started[]) {
	const deadline = Date.now() + ROUND_TIMEOUT_MS;
	while (cluster.answered().length < ANSWERED_BEFORE_KILL) {
		assert(Date.now() < deadline, 'the executions do not proceed');
		await delay(POLL_MS / 10);
	}
	const answered = cluster.answered();
	const halfDone = (worker: N8nWorker) =>
		takenBy(worker, started)
			.map(({ phone }) => answered.filter((other) => other === phone).length)
			.filter((calls) => calls < ROWS / ROWS_PER_CALL)
			.reduce((sum, calls) => sum + calls, 0);
	const [victim, stopped] = [...cluster.workers].sort(
		(one, other) => halfDone(other) - halfDone(one),
	);
	assert(victim && stopped);
	const [killedExit, stoppedExit] = await Promise.all([
		victim.kill(),
		stopped.stop(ROUND_TIMEOUT_MS),
	]);
	assert.equal(killedExit.signal, 'SIGKILL');
	assert.deepEqual(stoppedExit, { code: 0, signal: null });
	return { victim, stopped };
}

async function interrupted(cluster: Cluster): Promise<Facts> {
	const { simulator, server } = cluster;
	simulator.clear();
	simulator.resetStats();
	cluster.pace.latency = LATENCY_BEFORE_KILL_MS;
	const phones = phonesFrom(13900139000);
	const started = await cluster.begin(phones);
	const { victim, stopped } = await loseWorkers(cluster, started);
	const ended = await cluster.ended(started);

	const failed = ended.filter(({ status }) => status !== 'success');
	const lost = takenBy(victim, failed);
	assert(failed.length > 0, 'the killed worker had nothing under way');
	assert.deepEqual(failed, lost, 'an execution failed that the killed worker had not taken');
	for (const { id } of failed) {
		const { nodes } = await server.finished(id);
		assert.deepEqual(nodes, {}, 'n8n kept results of an execution whose worker was killed');
	}
	const succeeded = ended.filter(({ status }) => status === 'success');
	for (const one of succeeded) await cluster.assertAllOk(one);

	const failedPhones = failed.map(({ phone }) => phone);
	const stands = new Set(simulator.pairs());
	const standing = linesOf(failedPhones).filter((line) => stands.has(line)).length;
	assert(standing > 0 && standing < failed.length * ROWS && standing % ROWS_PER_CALL === 0);
	assert.equal(stands.size, succeeded.length * ROWS + standing);

	const [first] = failed;
	const retried = await server.rest<ListedExecution>(
		'POST',
		`/executions/${first?.id ?? ''}/retry`,
		{},
	);

	for (const one of await cluster.ended(await cluster.begin(failedPhones))) {
		await cluster.assertAllOk(one);
	}
	assert.deepEqual(simulator.pairs(), linesOf(phones));
	return {
		'killed: executions lost': failed.length,
		'listed as': [...new Set(failed.map(({ status }) => status))].join(', '),
		'of their rows in the ledger': [standing, failed.length * ROWS]
			.map((rows) => rows.toLocaleString('en'))
			.join(' of '),
		'after n8n’s Retry': retried.status,
		'stopped: executions finished': takenBy(stopped, succeeded).length,
		'after running again: rows in the ledger': simulator.pairs().length,
	};
}

async function run(context: Context): Promise<Facts> {
	const cluster = await Cluster.start(context);
	const together = await context.step(
		`${EXECUTIONS} executions at once`,
		async () => await allAtOnce(cluster),
	);
	const apart = await context.step(
		'one worker killed, one stopped',
		async () => await interrupted(cluster),
	);
	return { ...together, ...apart };
}

/** One account, shared by the workers of an n8n in queue mode on Redis and PostgreSQL. */
export const queue: Scenario = { name: 'queue', run };
