import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject } from 'n8n-workflow';

import { keyNoOf } from '../simulator/ledger';
import { startSimulator } from '../simulator/simulator';
import type { NodeRun } from './execution';
import type { Workflow } from './n8nApi';
import { N8nServer } from './n8nServer';
import { newHome, type Context, type Facts, type Scenario } from './scenario';
import { chained, credentialFor, nodeOf, QCC_CREDENTIAL } from './workflows';

const REQUEST = 'HTTP Request';
const ASSIGN = '/api/radar_ext/batchAddRadarCompanyListToExistedUser';
/** An endpoint that the vendor's document does not list. */
const UNLISTED = '/api/radar_ext/getRadarCompanyList';
const PHONE = '13800138000';
const COMPANIES = ['小米科技有限责任公司', '腾讯科技（深圳）有限公司'];

/** Start → HTTP Request, with the package's credential as its predefined credential type. */
function requestWorkflow(url: string, query: IDataObject, credential: string): Workflow {
	return chained('HTTP Request', [
		nodeOf('Start', 'n8n-nodes-base.manualTrigger'),
		nodeOf(REQUEST, 'n8n-nodes-base.httpRequest', {
			typeVersion: 4.2,
			parameters: {
				url,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: QCC_CREDENTIAL,
				sendQuery: true,
				specifyQuery: 'json',
				jsonQuery: JSON.stringify(query),
				options: {},
			},
			credentials: { [QCC_CREDENTIAL]: { id: credential, name: 'QCC' } },
		}),
	]);
}

/** Another origin, which notes whatever reaches it. */
async function startStranger(context: Context) {
	const received: string[] = [];
	const server = createServer((request, response) => {
		received.push(`${request.method ?? ''} ${request.url ?? ''}`);
		response.end('{}');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	context.defer(async () => {
		const closed = once(server, 'close');
		server.close();
		server.closeAllConnections();
		await closed;
	});
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}`, received };
}

async function run(context: Context): Promise<Facts> {
	const { step, defer } = context;
	const simulator = await startSimulator({
		extraEndpoints: {
			[UNLISTED]: (query) => ({ status: '200', result: { of: query.get('loginName'), total: 2 } }),
		},
	});
	defer(() => simulator.close());
	const stranger = await startStranger(context);
	const home = await newHome(context);
	const server = await step('start of the server', async () => await N8nServer.start(home));
	defer(() => server.stop());
	const credential = await server.createCredential(credentialFor(simulator));
	let requests = 0;
	const request = async (url: string, query: IDataObject): Promise<NodeRun> => {
		simulator.resetStats();
		const { nodes } = await server.runWorkflow(requestWorkflow(url, query, credential));
		requests += 1;
		const [task] = nodes[REQUEST] ?? [];
		assert(task, 'the HTTP Request node did not run');
		return task;
	};
	const json = ({ outputs }: NodeRun) => outputs.map((items) => items.map((item) => item.json));

	await step('an endpoint of the document', async () => {
		const task = await request(simulator.url + ASSIGN, {
			loginName: PHONE,
			keyWordList: COMPANIES.join(','),
		});
		const batchList = COMPANIES.map((keyWord) => ({
			keyWord,
			keyNo: keyNoOf(keyWord),
			status: '200',
			msg: '保存成功',
		}));
		assert.deepEqual(json(task), [[{ status: '200', msg: null, result: { batchList } }]]);
		assert.deepEqual(simulator.pairs(), COMPANIES.map((name) => `${PHONE} ${name}`).sort());
		assert.equal(simulator.calls.length, 1);
	});

	await step('an endpoint the document does not list', async () => {
		const task = await request(simulator.url + UNLISTED, { loginName: PHONE });
		assert.deepEqual(json(task), [[{ status: '200', result: { of: PHONE, total: 2 } }]]);
		assert.equal(simulator.calls.length, 1);
	});

	await step('another origin', async () => {
		const task = await request(stranger.url + ASSIGN, { loginName: PHONE });
		assert.equal(
			task.error?.message,
			`The QCC Radar credential signs requests to ${simulator.url} alone, not to ${stranger.url}`,
		);
		assert.deepEqual(simulator.calls, []);
		assert.deepEqual(stranger.received, []);
	});

	await step('a redirect to another origin', async () => {
		simulator.faults = () => ({ kind: 'redirect', location: `${stranger.url}/elsewhere` });
		const task = await request(simulator.url + UNLISTED, { loginName: PHONE });
		assert.equal(task.error?.httpCode, '302');
		assert.equal(simulator.calls.length, 1);
		assert.deepEqual(stranger.received, []);
	});

	return { requests, 'requests to strangers': stranger.received.length };
}

/** The package's credential in n8n's HTTP Request node, for QCC's other endpoints. */
export const httpRequest: Scenario = { name: 'http-request', run };
