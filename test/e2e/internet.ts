import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { runOrThrow, temporaryFolder } from './lifetime';
import { listen } from '../harness/tlsFront';

/** A request as it reached a host. */
export interface Visit {
	readonly method: string;
	readonly url: URL;
	readonly headers: IncomingHttpHeaders;
	/** Empty for a request without one. */
	readonly body: string;
}

/** What a host answers: the JSON of an HTTP 200. */
export type Host = (visit: Visit) => unknown;

export interface Internet {
	/** What the environment of a program needs to find these hosts, and no others, over https. */
	readonly env: Readonly<Record<string, string>>;
	readonly close: () => Promise<void>;
}

const OPENSSL_TIMEOUT_MS = 30_000;

/** A key, and a certificate for it that is valid for these hosts and its own authority. */
async function certify(names: readonly string[], folder: string) {
	const keyFile = join(folder, 'key.pem');
	const certificateFile = join(folder, 'certificate.pem');
	await runOrThrow(
		'openssl',
		[
			...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
			...['-days', '2', '-subj', '/CN=internet', '-keyout', keyFile, '-out', certificateFile],
			...['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`],
		],
		{ cwd: folder, env: process.env, timeoutMs: OPENSSL_TIMEOUT_MS },
	);
	return { key: await readFile(keyFile), cert: await readFile(certificateFile), certificateFile };
}

/**
 * Plays hosts of the internet on loopback, by their own names: a program reaches them through a proxy,
 * over TLS, as it would the real ones. Any other host is refused.
 */
export async function playInternet(hosts: Readonly<Record<string, Host>>): Promise<Internet> {
	const folder = await temporaryFolder('internet');
	const { certificateFile, ...identity } = await certify(Object.keys(hosts), folder.path);

	const web = createHttpsServer(identity, (request, response) => {
		const url = new URL(request.url ?? '/', `https://${request.headers.host ?? ''}`);
		void (async () => {
			const body = await text(request);
			const { method = '', headers } = request;
			const answer = await hosts[url.hostname]?.({ method, url, headers, body });
			response.setHeader('content-type', 'application/json; charset=utf-8');
			response.end(JSON.stringify(answer));
		})().catch((error: unknown) => response.writeHead(500).end(String(error)));
	});
	const webPort = await listen(web);

	const tunnels = new Set<Socket>();
	const proxy = createHttpServer((_, response) => response.writeHead(403).end());
	proxy.on('connect', ({ url }, socket: Socket, head: Buffer) => {
		tunnels.add(socket);
		socket.once('close', () => tunnels.delete(socket));
		socket.on('error', () => socket.destroy());
		const [name = '', port] = (url ?? '').split(':');
		if (!(name in hosts) || port !== '443') {
			socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			return;
		}
		const onward = connect(webPort, '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		onward.on('error', () => socket.destroy());
	});
	const proxyPort = await listen(proxy);

	return {
		env: {
			HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificateFile,
		},
		close: async () => {
			const closed = [web, proxy].map(async (server) => {
				server.close();
				server.closeAllConnections();
				await once(server, 'close');
			});
			for (const tunnel of tunnels) tunnel.destroy();
			await Promise.all(closed);
			await folder.remove();
		},
	};
}
