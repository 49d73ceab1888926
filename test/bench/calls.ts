import { chooseCentres, countCalls } from '../../nodes/QccRadar/plan/starCover';
import { finish } from '../harness/finish';
import { answerCase, measureApart } from './apart';
import { FAMILIES } from './graphs';
import { lowerBound } from './lowerBound';
import { optimum } from './optimum';
import type { Table } from './table';

/** What one call of the API carries. */
const API = { companiesPerCall: 200, usersPerCall: 500 };

const SEED = 1;
const SIZES = [1_000, 4_000, 10_000, 20_000, 100_000, 1_000_000];

/** Up to this many pairs the integer program is tried, for so long: the hardest takes two minutes. */
const PROGRAM = { pairs: 20_000, seconds: 400 };

interface Case {
	readonly family: string;
	readonly pairs: number;
}

interface Figures {
	readonly byUser: number;
	readonly byCompany: number;
	readonly ours: number;
	readonly bound: number;
	/** Undefined where the solver was not tried, or did not prove it in time. */
	readonly optimum: number | undefined;
	readonly milliseconds: number;
	readonly megabytes: number;
}

/**
 * How many calls the planner needs, on seeded graphs of seven families, beside what a workflow
 * could do without it and what is proven to be the least. Each case runs in a process of its own.
 */
export async function benchCalls(): Promise<Table> {
	const rows = [];
	for (const pairs of SIZES) {
		for (const family of Object.keys(FAMILIES)) {
			rows.push(
				rowOf({ family, pairs }, await measureApart<Figures>(__filename, { family, pairs })),
			);
		}
	}
	return {
		title: 'Calls',
		about:
			'Calls for the same pairs: one call per pair, grouped by user, grouped by company, and ours. ' +
			'"÷ least" compares ours with the optimum an integer program solver (HiGHS) proved, or, ' +
			'where it was not tried, with a proven lower bound. Time is the first plan of a fresh ' +
			'process; memory is the peak of that whole process, the making of the graph included.',
		columns: [
			'family',
			'pairs',
			'ours ÷ least',
			'better grouping ÷ ours',
			'one per pair ÷ ours',
			'by user',
			'by company',
			'better grouping',
			'ours',
			'lower bound',
			'optimum',
			'ms',
			'MB',
		],
		rows,
	};
}

function rowOf({ family, pairs }: Case, figures: Figures): (string | number)[] {
	const { byUser, byCompany, ours, bound, milliseconds, megabytes } = figures;
	const grouped = Math.min(byUser, byCompany);
	return [
		family,
		pairs,
		(ours / (figures.optimum ?? bound)).toFixed(4),
		(grouped / ours).toFixed(2),
		(pairs / ours).toFixed(1),
		byUser,
		byCompany,
		grouped,
		ours,
		bound,
		figures.optimum ?? '–',
		milliseconds,
		megabytes,
	];
}

async function measure({ family, pairs }: Case): Promise<Figures> {
	const make = FAMILIES[family];
	if (!make) throw new Error(`There is no family ${family}`);
	const graph = make(pairs, SEED);
	const start = performance.now();
	const sides = finish(chooseCentres(graph, API));
	const milliseconds = Math.round(performance.now() - start);
	const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
	return {
		byUser: countCalls(graph, API, new Uint8Array(pairs)),
		byCompany: countCalls(graph, API, new Uint8Array(pairs).fill(1)),
		ours: countCalls(graph, API, sides),
		bound: lowerBound(graph, API),
		optimum: pairs > PROGRAM.pairs ? undefined : await optimum(graph, API, PROGRAM.seconds),
		milliseconds,
		megabytes,
	};
}

void answerCase(module, measure);
