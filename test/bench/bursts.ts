import type { IDataObject } from 'n8n-workflow';
import { MAX_CONCURRENCY } from '../../nodes/QccRadar/qcc/endpoints';
import { runNode } from '../harness/engine';
import { TEST_ACCOUNT } from '../simulator/simulator';
import { answerCase, measureApart } from './apart';
import { startSimulatorProcess } from './simulatorProcess';
import type { Table } from './table';

/** Milliseconds from a call's arrival to its answer. */
const LATENCY = 300;
const EXECUTIONS = 300;

/** So many executions of one row at once, and a large one beside them. */
interface Burst {
	readonly name: string;
	readonly executions: number;
	readonly users: number;
	/** All rows are of one company. */
	readonly oneCompany?: boolean;
	/** Rows of an execution that began before. */
	readonly beside?: number;
}

const BURSTS: readonly Burst[] = [
	{ name: 'companies of one user', executions: EXECUTIONS, users: 1 },
	{ name: 'companies of ten users', executions: EXECUTIONS, users: 10 },
	{ name: 'users of one company', executions: EXECUTIONS, users: EXECUTIONS, oneCompany: true },
	{ name: 'strangers', executions: EXECUTIONS, users: EXECUTIONS },
	{ name: '50 beside a run of 8,000 rows', executions: 50, users: 1, beside: 8_000 },
];

interface Case {
	readonly burst: Burst;
	readonly baseUrl: string;
}

interface Figures {
	/** Milliseconds until the slowest of the small executions was over, and the one in the middle. */
	readonly slowest: number;
	readonly median: number;
	readonly rows: number;
}

/**
 * Executions of one row that start at once in one process, as webhooks do, beside what they would
 * take with a call each.
 * @param node24 the Node binary that n8n's servers run on
 */
export async function benchBursts(node24: string): Promise<Table> {
	const simulator = await startSimulatorProcess(LATENCY);
	const rows: (string | number)[][] = [];
	try {
		for (const burst of BURSTS) {
			await simulator.reset();
			const which: Case = { burst, baseUrl: simulator.url };
			const figures = await measureApart<Figures>(__filename, which, node24);
			const { calls, refused } = await simulator.stats();
			const wanted = burst.executions + (burst.beside ?? 0);
			if (figures.rows !== wanted || refused > 0) {
				throw new Error(`${burst.name}: ${figures.rows} of ${wanted} rows ok, ${refused} refused`);
			}
			const apart = burst.executions + Math.ceil((burst.beside ?? 0) / 200);
			rows.push([
				burst.name,
				burst.executions,
				// Less the one that warms the process up.
				calls - 1,
				apart,
				(figures.slowest / LATENCY).toFixed(1),
				apart / MAX_CONCURRENCY,
				(figures.median / LATENCY).toFixed(1),
				Math.round(figures.slowest),
			]);
		}
	} finally {
		await simulator.stop();
	}
	return {
		title: 'Bursts',
		about: `Executions of one row each, all started at once in one process on Node 24, in n8n's engine, against a simulator in another process that answers each call after ${LATENCY} ms: what 300 webhooks of a CRM come to. A round is ${LATENCY} ms. Beside it what they would take with a call each, ${MAX_CONCURRENCY} at a time, n8n's own time left out. For the 50 beside a large run, its 40 calls are counted.`,
		columns: [
			'rows',
			'executions',
			'calls',
			'calls, each by itself',
			'slowest, rounds',
			'slowest by itself, rounds',
			'median, rounds',
			'slowest, ms',
		],
		rows,
	};
}

async function measure({ burst, baseUrl }: Case): Promise<Figures> {
	const execute = async (items: readonly IDataObject[]) => {
		const began = performance.now();
		const { outputs, status, error } = await runNode({
			inputs: [items],
			parameters: {
				resource: 'assignment',
				operation: 'create',
				loginName: '={{ $json.loginName }}',
				company: '={{ $json.company }}',
			},
			credential: { ...TEST_ACCOUNT, baseUrl },
		});
		if (status !== 'success') throw error ?? new Error(`The execution is ${status}`);
		const ok = outputs.flat().filter(({ json }) => json.outcome === 'ok').length;
		return { took: performance.now() - began, ok };
	};
	// The first execution of a process compiles: it is no part of a burst.
	await execute([{ loginName: '1', company: '热身公司' }]);
	const large = execute(
		Array.from({ length: burst.beside ?? 0 }, (_, i) => ({
			loginName: '139',
			company: `大单公司${i}`,
		})),
	);
	const small = await Promise.all(
		Array.from({ length: burst.executions }, async (_, i) =>
			execute([
				{
					loginName: `138${i % burst.users}`,
					company: burst.oneCompany ? '同一公司' : `测试公司${i}`,
				},
			]),
		),
	);
	const took = small.map((one) => one.took).sort((a, b) => a - b);
	const rows = [...small, await large].reduce((sum, { ok }) => sum + ok, 0);
	return { slowest: took.at(-1) ?? NaN, median: took[Math.floor(took.length / 2)] ?? NaN, rows };
}

void answerCase(module, measure);
