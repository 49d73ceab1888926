import { createCredentials, playOutside, type Bench } from '../e2e/examples/bench';
import { publishNights, type Nights } from '../e2e/examples/nights';
import type { N8nInstall } from '../e2e/n8nInstall';
import { createN8nHome, N8nServer } from '../e2e/n8nServer';
import { installTarball, packNode } from '../e2e/nodePackage';
import { keyNoOf } from '../simulator/ledger';
import { startSimulator, type Company, type Simulator } from '../simulator/simulator';
import type { Table } from './table';

/** Milliseconds from a call's arrival to its answer. */
const LATENCY = 300;
const USERS = 50;
const RELATIONS = 10_000;
const CHANGED = 500;
const RENAMED = 200;
const TIMEOUT = 600_000;

interface Relation {
	readonly phone: string;
	readonly company: string;
}

function companyOf(i: number): Company & { readonly creditCode: string } {
	const number = String(i).padStart(6, '0');
	return {
		name: `测试公司${number}有限公司`,
		creditCode: `91110108MA${number}XX`,
		keyNo: keyNoOf(number),
	};
}

/** Every company that a night may name. */
export const COMPANIES = Array.from({ length: RELATIONS + CHANGED }, (_, i) => companyOf(i));
const NAMES = new Map(COMPANIES.map(({ creditCode, name }) => [creditCode, name]));

function relationOf(i: number): Relation {
	return { phone: String(13_800_000_000 + (i % USERS)), company: companyOf(i).name };
}

/** What the CRM says each night, by what has changed since the night before. */
function nightsOf(): readonly (readonly [string, readonly Relation[]])[] {
	const first = Array.from({ length: RELATIONS }, (_, i) => relationOf(i));
	const joined = Array.from({ length: CHANGED }, (_, i) => relationOf(RELATIONS + i));
	// Scattered over the ledger and over the users, as people come and go.
	const every = RELATIONS / CHANGED;
	const stays = first.filter((_, i) => i % every !== Math.floor(i / every) % every);
	const changed = [...stays, ...joined];
	const codes = new Map(COMPANIES.map(({ name, creditCode }) => [name, creditCode]));
	const renamed = changed.map(({ phone, company }, i) => ({
		phone,
		company: i < RENAMED ? (codes.get(company) ?? company) : company,
	}));
	return [
		[`the first: ${RELATIONS.toLocaleString('en')} in`, first],
		['nothing has changed', first],
		[`${CHANGED} in, ${CHANGED} out`, changed],
		[`${RENAMED} names become credit codes`, renamed],
		['nothing has changed', renamed],
	];
}

const inOrder = (pairs: Iterable<string>): string => [...pairs].sort().join('\n');

async function measure(
	nights: Nights,
	simulator: Simulator,
	relations: readonly Relation[],
): Promise<(string | number)[]> {
	simulator.resetStats();
	const { execution, ms, told } = await nights.run(TIMEOUT);
	if (execution.status !== 'success' || told.length > 0) {
		throw new Error(`The night is ${execution.status}: ${JSON.stringify(execution.error)}`);
	}
	const said = relations.map(({ phone, company }) => `${phone} ${NAMES.get(company) ?? company}`);
	if (inOrder(simulator.pairs()) !== inOrder(said)) throw new Error('QCC differs from the CRM');
	const ledger = await nights.ledger();
	const written = ledger.map(({ loginName, keyWord }) => `${loginName} ${keyWord}`);
	if (inOrder(written) !== inOrder(relations.map(({ phone, company }) => `${phone} ${company}`))) {
		throw new Error('The ledger differs from the CRM');
	}
	const secondsIn = (...names: string[]) =>
		(names.reduce((sum, name) => sum + (execution.nodes[name]?.[0]?.time ?? 0), 0) / 1000).toFixed(
			1,
		);
	const removals = simulator.calls.filter(({ action }) => action === 'unassign').length;
	return [
		(ms / 1000).toFixed(1),
		simulator.calls.length - removals,
		removals,
		secondsIn('Sync'),
		secondsIn('Into the ledger', 'Out of the ledger'),
	];
}

/** A row of the table for each night; @throws Error when QCC or the ledger is not as the CRM says */
export async function measureNights(bench: Bench): Promise<(string | number)[][]> {
	const nights = await publishNights(bench.server, bench.outside);
	const rows: (string | number)[][] = [];
	for (const [name, relations] of nightsOf()) {
		bench.outside.relations = relations;
		rows.push([name, ...(await measure(nights, bench.simulator, relations))]);
	}
	return rows;
}

/** Nights of example 02, as its schedule runs them. */
export async function benchNight(n8n: N8nInstall, root: string): Promise<Table> {
	const simulator = await startSimulator({ latency: LATENCY, companies: COMPANIES });
	const { outside, internet } = await playOutside();
	const tarball = await packNode(root);
	const home = await createN8nHome(n8n, internet.env);
	const rows: (string | number)[][] = [];
	try {
		await installTarball(home, tarball);
		const server = await N8nServer.start(home);
		try {
			await createCredentials(server, simulator.url);
			rows.push(...(await measureNights({ server, simulator, outside })));
		} finally {
			await server.stop();
		}
	} finally {
		await home.remove();
		await tarball.remove();
		await internet.close();
		await simulator.close();
	}
	return {
		title: 'A night of example 02',
		about: `[02-scheduled-sync.json](../examples/02-scheduled-sync.json) in an n8n ${n8n.version} server with SQLite: ${RELATIONS.toLocaleString('en')} relations of ${USERS} users in the CRM, and a QCC that answers each call after ${LATENCY} ms. Seconds are the execution's, from its start to its stop. After each night QCC held what the CRM said, no more and no less, and the ledger the CRM's own rows; otherwise the benchmark fails.`,
		columns: [
			'night',
			'seconds',
			'calls that assign',
			'that remove',
			'Sync, s',
			'writing the ledger, s',
		],
		rows,
	};
}
