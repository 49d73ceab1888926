import { createServer as createPlain } from 'node:net';
import { createServer } from 'node:https';
import type { IExecuteFunctions, INodeType } from 'n8n-workflow';
import { openAccount } from '../../nodes/QccRadar/account/account';
import { exchange, type Reply } from '../../nodes/QccRadar/qcc/exchange';
import { TEST_ACCOUNT } from '../simulator/simulator';
import { loadPackage, runNode } from '../harness/engine';

import { listen, selfSigned, spoilingProxy } from '../harness/tlsFront';

const certificate = selfSigned();

/** One attempt by n8n's own helper, within its engine. */
async function attempt(baseUrl: string, trusting: boolean): Promise<Reply | undefined> {
	let reply: Reply | undefined;
	const { node } = await loadPackage();
	const prober: INodeType = {
		description: { ...node.description, properties: [] },
		async execute(this: IExecuteFunctions) {
			const { account } = await openAccount(this);
			if (!account) throw new Error('The credential is unusable');
			const { send, redactor } = account;
			reply = await exchange(
				{
					send: (options, signal) =>
						send({ ...options, skipSslCertificateValidation: trusting }, signal),
					redactor,
				},
				{ url: `${baseUrl}/x`, shape: 'user', timeout: 20_000, cancel: undefined },
				Date.now,
			);
			return [[]];
		},
	};
	await runNode({
		inputs: [[{}]],
		parameters: {},
		credential: { ...TEST_ACCOUNT, baseUrl },
		node: prober,
	});
	return reply;
}

test('a certificate that is not trusted: nothing was sent', async () => {
	let received = 0;
	const server = createServer(certificate, (_, response) => {
		received += 1;
		response.end('{}');
	});
	const port = await listen(server);
	try {
		expect(await attempt(`https://127.0.0.1:${port}`, false)).toEqual({
			kind: 'untrusted',
			code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
		});
		expect(received).toBe(0);
		expect(await attempt(`https://127.0.0.1:${port}`, true)).toMatchObject({ kind: 'malformed' });
		expect(received).toBe(1);
	} finally {
		server.closeAllConnections();
		server.close();
	}
});

test('a TLS record that breaks after the call was carried out: it may have been', async () => {
	let carriedOut = 0;
	const server = createServer(certificate, (_, response) => {
		carriedOut += 1;
		response.end('{"status":"200","msg":null,"result":null}');
	});
	const port = await listen(server);
	const proxy = spoilingProxy(port, () => carriedOut > 0);
	const proxyPort = await listen(proxy);
	try {
		const reply = await attempt(`https://127.0.0.1:${proxyPort}`, true);
		expect(carriedOut).toBe(1);
		expect(reply).toMatchObject({ kind: 'broken' });
		expect((reply as { code: string }).code).toMatch(/^(EPROTO|ERR_SSL_)/);
	} finally {
		proxy.close();
		server.closeAllConnections();
		server.close();
	}
});

test('a server that does not speak TLS: the connection broke', async () => {
	const server = createPlain((socket) => {
		socket.on('error', () => undefined);
		socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
	});
	const port = await listen(server);
	try {
		const reply = await attempt(`https://127.0.0.1:${port}`, false);
		expect(reply).toMatchObject({ kind: 'broken' });
		expect((reply as { code: string }).code).toMatch(/^(EPROTO|ERR_SSL_)/);
	} finally {
		server.close();
	}
});
