import type { IDataObject } from 'n8n-workflow';
import { MAX_CONCURRENCY, ENDPOINTS } from '../../nodes/QccRadar/qcc/endpoints';
import { runNode } from '../harness/engine';
import { TEST_ACCOUNT } from '../simulator/simulator';
import { answerCase, measureApart } from './apart';
import { startSimulatorProcess } from './simulatorProcess';
import { median, type Table } from './table';

/** Milliseconds from a call's arrival to its answer. */
const LATENCY = 300;
const CALLS = [1, 10, 50, 200];
const RUNS = 9;

interface Case {
	readonly calls: number;
	readonly baseUrl: string;
}

interface Figures {
	/** Milliseconds of the first execution in a process. */
	readonly first: number;
	/** Milliseconds of a later one: the median. */
	readonly wall: number;
}

/**
 * Wall time of whole executions beside the least that five calls in flight allow.
 * @param node24 the Node binary that n8n's servers run on
 */
export async function benchWall(node24: string): Promise<Table> {
	const simulator = await startSimulatorProcess(LATENCY);
	const rows: (string | number)[][] = [];
	try {
		for (const calls of CALLS) {
			await simulator.reset();
			const which: Case = { calls, baseUrl: simulator.url };
			const { first, wall } = await measureApart<Figures>(__filename, which, node24);
			const { calls: sent, refused } = await simulator.stats();
			if (sent !== calls * (RUNS + 1) || refused > 0) {
				throw new Error(`${calls} calls a run were expected: ${sent} sent, ${refused} refused`);
			}
			const limit = Math.ceil(calls / MAX_CONCURRENCY) * LATENCY;
			rows.push([
				calls,
				(wall / limit).toFixed(3),
				(first / limit).toFixed(3),
				calls * ENDPOINTS.user.cap,
				limit,
				Math.round(wall),
				Math.round(first),
			]);
		}
	} finally {
		await simulator.stop();
	}
	return {
		title: 'Wall time',
		about: `Executions in n8n's engine on Node 24 against a simulator in another process that answers each call after ${LATENCY} ms. The limit is what the calls take when ${MAX_CONCURRENCY} are always in flight and nothing else takes any time. Each figure is the median of ${RUNS} executions, after a first one in the same process that has a column of its own.`,
		columns: [
			'calls',
			'wall ÷ limit',
			'first ÷ limit',
			'rows',
			'limit, ms',
			'wall, ms',
			'first, ms',
		],
		rows,
	};
}

/** Full calls, each of a user of its own. */
function rowsOf(calls: number): IDataObject[] {
	return Array.from({ length: calls * ENDPOINTS.user.cap }, (_, i) => ({
		loginName: String(13800000000 + Math.floor(i / ENDPOINTS.user.cap)),
		company: `测试公司${i}有限公司`,
	}));
}

async function measure({ calls, baseUrl }: Case): Promise<Figures> {
	const rows = rowsOf(calls);
	const execute = async (): Promise<number> => {
		const began = performance.now();
		const { status, error } = await runNode({
			inputs: [rows],
			parameters: {
				resource: 'assignment',
				operation: 'create',
				loginName: '={{ $json.loginName }}',
				company: '={{ $json.company }}',
			},
			credential: { ...TEST_ACCOUNT, baseUrl },
		});
		if (status !== 'success') throw error ?? new Error(`The execution is ${status}`);
		return performance.now() - began;
	};
	const first = await execute();
	const later: number[] = [];
	for (let run = 0; run < RUNS; run++) later.push(await execute());
	return { first, wall: median(later) };
}

void answerCase(module, measure);
