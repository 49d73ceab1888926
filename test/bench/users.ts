import type { IDataObject, INode } from 'n8n-workflow';
import { ENDPOINTS, MAX_CONCURRENCY } from '../../nodes/QccRadar/qcc/endpoints';
import type { N8nInstall } from '../e2e/n8nInstall';
import { createN8nHome, N8nServer } from '../e2e/n8nServer';
import { installTarball, packNode } from '../e2e/nodePackage';
import { chained, codeNode, NODE, nodeOf, QCC_CREDENTIAL, qccNode } from '../e2e/workflows';
import { TEST_ACCOUNT } from '../simulator/simulator';
import { startSimulatorProcess } from './simulatorProcess';
import { median, type Table } from './table';

/** Milliseconds from a call's arrival to its answer. */
const LATENCY = 300;
/** Milliseconds an expert leaves between batches, so that one ends before the next begins. */
const INTERVAL = 400;
const USERS = 50;
/** One row in so many names a company that QCC does not know. */
const UNKNOWN_EVERY = 50;
const ROWS = 10_000;
const ROWS_ONE_BY_ONE = 1_000;
/** Executions of each workflow, but for the one that takes more than a minute. */
const RUNS = 3;
const TIMEOUT = 600_000;

const ASSIGN = ENDPOINTS.user.path.assign;

/** What somebody builds who has these rows to assign. */
interface Contender {
	readonly name: string;
	readonly rows: number;
	readonly runs: number;
	/** The nodes after the one that brings the rows. */
	readonly nodes: readonly INode[];
	/** Rows that the last node's items tell QCC's verdict on. */
	readonly verdicts: (item: IDataObject) => number;
}

const REQUEST = 'HTTP Request';

/** MD5(key + Timespan + SecretKey): the node writes the digest in small letters. */
const sign = nodeOf('Crypto', 'n8n-nodes-base.crypto', {
	parameters: {
		action: 'hash',
		type: 'MD5',
		value: `={{ '${TEST_ACCOUNT.appKey}' + $json.timespan + '${TEST_ACCOUNT.secretKey}' }}`,
		dataPropertyName: 'token',
		encoding: 'hex',
	},
});

function request(options: IDataObject): INode {
	return nodeOf(REQUEST, 'n8n-nodes-base.httpRequest', {
		typeVersion: 4.2,
		parameters: {
			url: '={{ $json.url }}',
			sendHeaders: true,
			headerParameters: {
				parameters: [
					{ name: 'Token', value: '={{ $json.token.toUpperCase() }}' },
					{ name: 'Timespan', value: '={{ $json.timespan }}' },
				],
			},
			options: options as Record<string, string>,
		},
	});
}

const BATCHING = { batching: { batch: { batchSize: MAX_CONCURRENCY, batchInterval: INTERVAL } } };

function onePerRow(baseUrl: string): INode {
	const url = `${baseUrl}${ASSIGN}?key=${TEST_ACCOUNT.appKey}&loginName={{ $json.loginName }}&keyWordList={{ encodeURIComponent($json.company) }}`;
	const field = (name: string, type: string, value: string) => ({ id: name, name, type, value });
	return nodeOf('Edit Fields', 'n8n-nodes-base.set', {
		typeVersion: 3.4,
		parameters: {
			assignments: {
				assignments: [
					field('url', 'string', `=${url}`),
					field('timespan', 'string', '={{ Math.floor(Date.now() / 1000) }}'),
				],
			},
			includeOtherFields: true,
			options: {},
		},
	});
}

function grouped(baseUrl: string): INode {
	return codeNode(
		'Code',
		`const groups = new Map();
for (const { json } of $input.all()) {
	groups.set(json.loginName, [...(groups.get(json.loginName) ?? []), json.company]);
}
const timespan = String(Math.floor(Date.now() / 1000));
const calls = [];
for (const [loginName, companies] of groups) {
	for (let i = 0; i < companies.length; i += ${ENDPOINTS.user.cap}) {
		const list = companies.slice(i, i + ${ENDPOINTS.user.cap}).map(encodeURIComponent).join(',');
		const url = '${baseUrl}${ASSIGN}?key=${TEST_ACCOUNT.appKey}&loginName=' + loginName + '&keyWordList=' + list;
		calls.push({ json: { url, timespan } });
	}
}
return calls;`,
	);
}

/** The rows' verdicts in an answer of the API. */
function verdictsIn({ result }: IDataObject): number {
	const { batchList } = (result ?? {}) as { batchList?: readonly unknown[] };
	return batchList?.length ?? 0;
}

function contenders(baseUrl: string, credential: string): Contender[] {
	const names = { loginName: '={{ $json.loginName }}', company: '={{ $json.company }}' };
	const parameters = { resource: 'assignment', operation: 'create', ...names };
	return [
		{
			name: 'HTTP Request + Crypto, a call per row, as they come',
			rows: ROWS_ONE_BY_ONE,
			runs: RUNS,
			nodes: [onePerRow(baseUrl), sign, request({})],
			verdicts: verdictsIn,
		},
		{
			name: 'HTTP Request + Crypto, a call per row, in batches',
			rows: ROWS_ONE_BY_ONE,
			runs: 1,
			nodes: [onePerRow(baseUrl), sign, request(BATCHING)],
			verdicts: verdictsIn,
		},
		{
			name: 'Code + Crypto + HTTP Request, in batches',
			rows: ROWS,
			runs: RUNS,
			nodes: [grouped(baseUrl), sign, request(BATCHING)],
			verdicts: verdictsIn,
		},
		{
			name: NODE,
			rows: ROWS,
			runs: RUNS,
			nodes: [qccNode(parameters, credential)],
			verdicts: ({ outcome }) => (outcome === 'ok' || outcome === 'rejected' ? 1 : 0),
		},
	];
}

function source(rows: number): INode {
	return codeNode(
		'Rows',
		`return Array.from({ length: ${rows} }, (_, i) => ({
	json: {
		loginName: String(13800000000 + (i % ${USERS})),
		company: (i % ${UNKNOWN_EVERY} === 0 ? '不存在公司' : '测试公司') + i + '有限公司',
	},
}));`,
	);
}

/** Milliseconds that the contender's nodes took, and the last one's items. */
async function execute(server: N8nServer, { name, rows, nodes }: Contender) {
	const start = nodeOf('Start', 'n8n-nodes-base.manualTrigger');
	const workflow = chained(name, [start, source(rows), ...nodes]);
	const { status, error, nodes: runsOf } = await server.runWorkflow(workflow, TIMEOUT);
	if (status !== 'success') throw new Error(`The execution is ${status}: ${JSON.stringify(error)}`);
	const runs = nodes.map((node) => runsOf[node.name]?.[0]);
	return {
		wall: runs.reduce((sum, run) => sum + (run?.time ?? NaN), 0),
		items: runs.at(-1)?.outputs[0] ?? [],
	};
}

/** What a user would do instead, in the same n8n server, against the same simulator. */
export async function benchUsers(n8n: N8nInstall, root: string): Promise<Table> {
	const simulator = await startSimulatorProcess(LATENCY);
	const tarball = await packNode(root);
	const home = await createN8nHome(n8n);
	const measured: { contender: Contender; wall: number; figures: number[] }[] = [];
	try {
		await installTarball(home, tarball);
		const server = await N8nServer.start(home);
		try {
			const credential = await server.createCredential({
				name: 'QCC',
				type: QCC_CREDENTIAL,
				data: { ...TEST_ACCOUNT, baseUrl: simulator.url },
			});
			for (const contender of contenders(simulator.url, credential)) {
				const walls: number[] = [];
				let figures: number[] = [];
				for (let run = 0; run < contender.runs; run++) {
					await simulator.reset();
					const { wall, items } = await execute(server, contender);
					walls.push(wall);
					const { calls, refused } = await simulator.stats();
					const assigned = await simulator.assigned();
					const known = items.reduce((sum, { json }) => sum + contender.verdicts(json), 0);
					figures = [calls, refused, assigned, known, items.length];
				}
				measured.push({ contender, wall: median(walls), figures });
			}
		} finally {
			await server.stop();
		}
	} finally {
		await home.remove();
		await tarball.remove();
		await simulator.stop();
	}

	const perRow = ({ contender, wall }: (typeof measured)[number]): number => wall / contender.rows;
	const ours = measured.at(-1);
	return {
		title: 'What a user would do instead',
		about: `The same rows, of ${USERS} users, in the same n8n ${n8n.version} server, against a simulator that answers each call after ${LATENCY} ms and refuses the sixth in flight (code 109). One row in ${UNKNOWN_EVERY} names a company that QCC does not know. "In batches" is the HTTP Request node's own option: ${MAX_CONCURRENCY} calls every ${INTERVAL} ms. A row's outcome is known where the workflow's output holds QCC's verdict on it. The wall time is that of the nodes counted, the trigger and the source of the rows left out; the limit is that of the fewest calls, ${MAX_CONCURRENCY} in flight. Wall times are the median of ${RUNS} executions, but for the one of more than a minute.`,
		columns: [
			'workflow',
			'time per row ÷ ours',
			'calls per 1,000 rows',
			'wall ÷ limit',
			'outcome known, %',
			'rows',
			'wall, ms',
			'nodes',
			'calls',
			'refused',
			'rows assigned',
			'outcomes known',
			'output items',
		],
		rows: measured.map((one) => {
			const { name, rows, nodes } = one.contender;
			const [calls = 0, , , known = 0] = one.figures;
			const rounds = Math.ceil(Math.ceil(rows / ENDPOINTS.user.cap) / MAX_CONCURRENCY);
			return [
				name,
				(perRow(one) / (ours ? perRow(ours) : NaN)).toFixed(2),
				((calls / rows) * 1000).toFixed(0),
				(one.wall / (rounds * LATENCY)).toFixed(2),
				((known / rows) * 100).toFixed(1),
				rows,
				Math.round(one.wall),
				nodes.length,
				...one.figures,
			];
		}),
	};
}
