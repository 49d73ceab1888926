import { createCredentials, playOutside } from '../e2e/examples/bench';
import { publishNights, type Nights } from '../e2e/examples/nights';
import type { N8nInstall } from '../e2e/n8nInstall';
import { createN8nHome, N8nServer } from '../e2e/n8nServer';
import { installTarball, packNode } from '../e2e/nodePackage';
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
		keyNo: number.padStart(32, '0'),
	};
}

function relationOf(i: number): Relation {
	return { phone: String(13_800_000_000 + (i % USERS)), company: companyOf(i).name };
}

/** What the CRM says each night, by what has changed since the night before. */
function nightsOf(): readonly (readonly [string, readonly Relation[]])[] {
	const first = Array.from({ length: RELATIONS }, (_, i) => relationOf(i));
	const joined = Array.from({ length: CHANGED }, (_, i) => relationOf(RELATIONS + i));
	const changed = [...first.slice(CHANGED), ...joined];
	const renamed = changed.map((relation, i) =>
		i < RENAMED ? { ...relation, company: companyOf(CHANGED + i).creditCode } : relation,
	);
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
	const names = new Map(
		Array.from({ length: RELATIONS + CHANGED }, (_, i) => companyOf(i)).map((company) => [
			company.creditCode,
			company.name,
		]),
	);
	const said = relations.map(({ phone, company }) => `${phone} ${names.get(company) ?? company}`);
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

/** Nights of example 02, as its schedule runs them. */
export async function benchNight(n8n: N8nInstall, root: string): Promise<Table> {
	const companies = Array.from({ length: RELATIONS + CHANGED }, (_, i) => companyOf(i));
	const simulator = await startSimulator({ latency: LATENCY, companies });
	const { outside, internet } = await playOutside();
	const tarball = await packNode(root);
	const home = await createN8nHome(n8n, internet.env);
	const rows: (string | number)[][] = [];
	try {
		await installTarball(home, tarball);
		const server = await N8nServer.start(home);
		try {
			await createCredentials(server, simulator.url);
			const nights = await publishNights(server, outside);
			for (const [name, relations] of nightsOf()) {
				outside.relations = relations;
				rows.push([name, ...(await measure(nights, simulator, relations))]);
			}
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
