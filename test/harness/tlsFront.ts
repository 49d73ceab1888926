import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as forward } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import { connect, createServer as createProxy, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
	readonly key: Buffer;
	readonly cert: Buffer;
}

/** A certificate for 127.0.0.1 that nobody trusts. Needs openssl. */
export function selfSigned(): Certificate {
	const folder = mkdtempSync(join(tmpdir(), 'qcc-tls-'));
	try {
		const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
		execFileSync(
			'openssl',
			[
				...'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' '),
				...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
			],
			{ stdio: 'ignore' },
		);
		return { key: readFileSync(key), cert: readFileSync(cert) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export async function listen(server: Server | HttpsServer): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

/**
 * A way to a TLS server that spoils what it says, behind the head of a record.
 * @param spoils asked for each piece that the server says
 */
export function spoilingProxy(port: number, spoils: () => boolean): Server {
	return createProxy((client) => {
		const upstream = connect(port, '127.0.0.1');
		client.pipe(upstream);
		upstream.on('data', (data: Buffer) => {
			if (spoils()) data[6] = (data[6] ?? 0) ^ 0xff;
			client.write(data);
		});
		for (const socket of [client, upstream]) socket.on('error', () => undefined);
		upstream.on('close', () => client.destroy());
		client.on('close', () => upstream.destroy());
	});
}

/** A TLS server before one without. */
export function tlsBefore(url: string, certificate: Certificate): HttpsServer {
	return createServer(certificate, (request, response) => {
		const { method, headers } = request;
		forward(new URL(request.url ?? '/', url), { method, headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		}).end();
	});
}
