import { N8nServer, startWorker, type N8nWorker } from './n8nServer';
import { newHome, type Context } from './scenario';
import { startPostgres, startRedis, type Service } from './services';

export interface QueueMode {
	readonly server: N8nServer;
	readonly workers: readonly N8nWorker[];
}

interface Options {
	readonly workers: number;
	/** For every process of the instance. */
	readonly env?: Readonly<Record<string, string>>;
	readonly workerEnv: Readonly<Record<string, string>>;
}

/**
 * What every process of an n8n in queue mode is told of its services.
 *
 * n8n's queue forgets a finished job at once, and an execution that is over before the main process
 * listens for its end is then waited for for ever: its webhook is never answered. Jobs that are kept
 * for a while are found again, within 5 s (Bull's `finished`).
 */
export function queueModeEnv(redis: Service, postgres: Service): Readonly<Record<string, string>> {
	return {
		EXECUTIONS_MODE: 'queue',
		N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED: '1000',
		N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED: '1000',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
	};
}

/** A main process and its workers on Redis and PostgreSQL, with the package installed; gone when the scenario is over. */
export async function startQueueMode(context: Context, options: Options): Promise<QueueMode> {
	const { step, defer } = context;
	const redis = await step('start of Redis', startRedis);
	defer(redis.stop);
	const postgres = await step('start of PostgreSQL', startPostgres);
	defer(postgres.stop);
	const home = await newHome(context, {
		...options.env,
		...queueModeEnv(redis, postgres),
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '60',
	});
	const server = await step('start of the main process', async () => await N8nServer.start(home));
	defer(() => server.stop());
	const workers = await step('start of the workers', async () => {
		const starting = Array.from({ length: options.workers }, async () => {
			const worker = await startWorker(home, options.workerEnv);
			defer(() => worker.stop());
			return worker;
		});
		return await Promise.all(starting);
	});
	return { server, workers };
}
