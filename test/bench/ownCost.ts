import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	Expression,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';
import { loadPackage, runNode } from '../harness/engine';
import { TEST_ACCOUNT } from '../simulator/simulator';
import { answerCase, measureApart } from './apart';
import { startSimulatorProcess } from './simulatorProcess';
import { median, type Table } from './table';

/** n8n's two ways to resolve expressions; `vm` is the default of n8n 2.40. */
const ENGINES = ['legacy', 'vm'] as const;
const SIZES = [1_000, 10_000, 20_000, 100_000, 1_000_000];
const USERS = 50;
/** Fewer executions are measured of more items, at least and at most so many. */
const RUNS = { least: 3, most: 50, items: 500_000 };

/** A property of the item, which the node reads itself, and what only n8n can resolve. */
const PROPERTY = '={{ $json.company }}';
const UNFIT = '={{ $json.first + $json.last }}';
const UNFIT_ITEMS = 100_000;

interface Case {
	readonly engine: (typeof ENGINES)[number];
	/** What stands between source and end: our node, or one that hands its input on. */
	readonly use: 'pass-through' | 'dry run' | 'sending';
	/** The node's parameter Company. */
	readonly company: string;
	readonly items: number;
	/** Executions that are measured, after one that is not. */
	readonly runs: number;
	/** Items of the execution that is not measured. */
	readonly warmUp: number;
}

interface Figures {
	/** CPU time of the process over a whole execution, source and engine included; the median. */
	readonly cpuMs: number;
	readonly wallMs: number;
	/** Peak of the process after the first execution. */
	readonly megabytes: number;
	/** The longest that the node kept the event loop from turning, in each execution. */
	readonly blocksMs: readonly number[];
}

/**
 * What the node costs by itself, in n8n's engine: the CPU time of an execution less that of the same
 * execution with a node that hands its input on.
 * @param node24 a Node 24 binary, which the `vm` expression engine needs
 */
export async function benchOwnCost(node24: string): Promise<Table> {
	const simulator = await startSimulatorProcess(0);
	const rows: (string | number)[][] = [];
	try {
		for (const engine of ENGINES) {
			for (const items of SIZES) {
				const runs = Math.min(RUNS.most, Math.max(RUNS.least, Math.round(RUNS.items / items)));
				const measureUse = async (use: Case['use']): Promise<Figures> => {
					await simulator.reset();
					const which: Case = { engine, use, company: PROPERTY, items, runs, warmUp: items };
					const where = { ...which, baseUrl: simulator.url };
					return await measureApart<Figures>(__filename, where, node24);
				};
				const bare = await measureUse('pass-through');
				const dry = await measureUse('dry run');
				const sending = await measureUse('sending');
				const perItem = ({ cpuMs }: Figures): string =>
					(((cpuMs - bare.cpuMs) * 1000) / items).toFixed(1);
				rows.push([
					engine,
					items,
					perItem(sending),
					perItem(dry),
					Math.round(bare.cpuMs),
					Math.round(dry.cpuMs),
					Math.round(sending.cpuMs),
					Math.round(sending.wallMs),
					bare.megabytes,
					sending.megabytes,
					Math.round(median(sending.blocksMs)),
				]);
			}
		}
	} finally {
		await simulator.stop();
	}
	return {
		title: 'Own cost',
		about: `µs of CPU time per item above a node that only hands its input on, in n8n's engine on Node 24, with \`${PROPERTY}\` and the like for parameters, ${USERS} users, and calls of up to 200 rows that a simulator in another process answers at once. n8n's HTTP helper, signing and the reading of answers are included. Each figure is the median of ${RUNS.least} to ${RUNS.most} executions, the fewer the more items, after a first one in the same process; memory is the peak of that process after the first one. The block is the longest time in which the event loop could not turn while the node was at work.`,
		columns: [
			'expressions',
			'items',
			'µs per item, sending',
			'µs per item, dry run',
			'pass-through, CPU ms',
			'dry run, CPU ms',
			'sending, CPU ms',
			'sending, wall ms',
			'pass-through, MB',
			'sending, MB',
			'block, ms',
		],
		rows,
	};
}

/**
 * How long the node keeps others from their turn while it reads its parameters.
 * @param node24 as for {@link benchOwnCost}
 */
export async function benchPauses(node24: string): Promise<Table> {
	const rows: (string | number)[][] = [];
	for (const engine of ENGINES) {
		for (const company of [PROPERTY, UNFIT]) {
			// Where n8n takes a minute, one execution says enough.
			const runs = engine === 'vm' && company === UNFIT ? 1 : 3;
			const items = UNFIT_ITEMS;
			const which: Case = { engine, use: 'dry run', company, items, runs, warmUp: 1_000 };
			const where = { ...which, baseUrl: 'http://127.0.0.1' };
			const { wallMs, cpuMs, blocksMs } = await measureApart<Figures>(__filename, where, node24);
			rows.push([
				engine,
				`\`${company}\``,
				Math.round(Math.max(...blocksMs)),
				items,
				((cpuMs * 1000) / items).toFixed(1),
				Math.round(wallMs),
			]);
		}
	}
	return {
		title: 'Pauses',
		about:
			'The longest time in which the event loop could not turn while the node was at work, in a dry run, for a parameter that the node reads itself and for one that only n8n can resolve, item by item. A worker of a queue that cannot turn for a minute loses its job.',
		columns: ['expressions', 'Company', 'longest block, ms', 'items', 'µs per item', 'wall, ms'],
		rows,
	};
}

const PASS_THROUGH: INodeType = {
	description: {
		displayName: 'Pass-through',
		name: 'passThrough',
		group: ['transform'],
		version: 1,
		description: 'Hands its input on',
		defaults: { name: 'Pass-through' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	},
	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		return Promise.resolve([items.map(({ json }, item) => ({ json, pairedItem: { item } }))]);
	},
};

/** Each company with every user, in turn. */
function rowsOf(count: number): IDataObject[] {
	return Array.from({ length: count }, (_, i) => {
		const [first, last] = [`测试公司${Math.floor(i / USERS)}`, '有限公司'];
		const loginName = `138000000${String(i % USERS).padStart(2, '0')}`;
		return { loginName, company: first + last, first, last };
	});
}

/** The node, and how long each `execute` of it kept the event loop from turning. */
function watched(node: INodeType): { node: INodeType; blocksMs: number[] } {
	const blocksMs: number[] = [];
	const delays = monitorEventLoopDelay({ resolution: 1 });
	return {
		blocksMs,
		node: {
			description: node.description,
			async execute(this: IExecuteFunctions) {
				delays.reset();
				delays.enable();
				try {
					return (await node.execute?.call(this)) ?? [];
				} finally {
					// A block shows when the timer has fired that it kept waiting.
					await sleep(5);
					delays.disable();
					blocksMs.push(delays.max / 1e6);
				}
			},
		},
	};
}

async function measure(which: Case & { readonly baseUrl: string }): Promise<Figures> {
	const { engine, use, company, items, runs, warmUp, baseUrl } = which;
	if (engine === 'vm') {
		await Expression.initExpressionEngine({
			engine,
			poolSize: 1,
			maxCodeCacheSize: 1024,
			bridgeTimeout: 5000,
			bridgeMemoryLimit: 128,
		});
	}
	const { node, blocksMs } = watched(
		use === 'pass-through' ? PASS_THROUGH : (await loadPackage()).node,
	);
	const execute = async (inputs: readonly IDataObject[]): Promise<void> => {
		const { status, outputs, error } = await runNode({
			inputs: [inputs],
			parameters: {
				resource: 'assignment',
				operation: 'create',
				loginName: '={{ $json.loginName }}',
				company,
				options: { dryRun: use === 'dry run' },
			},
			credential: { ...TEST_ACCOUNT, baseUrl },
			node,
		});
		const whole = status === 'success' && outputs[0]?.length === inputs.length;
		if (!whole) throw error ?? new Error(`The execution is ${status}`);
	};

	await execute(rowsOf(warmUp));
	const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
	blocksMs.length = 0;
	const rows = rowsOf(items);
	const cpu: number[] = [];
	const wall: number[] = [];
	for (let run = 0; run < runs; run++) {
		const began = performance.now();
		const before = process.cpuUsage();
		await execute(rows);
		const { user, system } = process.cpuUsage(before);
		wall.push(performance.now() - began);
		cpu.push((user + system) / 1000);
	}
	await Expression.disposeExpressionEngine();
	return { cpuMs: median(cpu), wallMs: median(wall), megabytes, blocksMs };
}

void answerCase(module, measure);
