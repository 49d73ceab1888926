/**
 * Redis and PostgreSQL of a test's own, on loopback, in temporary folders. The programs come from
 * Debian's packages `redis-server` and `postgresql`, or from anywhere on PATH.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import {
	findProgram,
	runCommand,
	runOrThrow,
	startSubprocess,
	tail,
	temporaryFolder,
} from './lifetime';
import type { Subprocess } from './lifetime';
import { freePort } from './n8nServer';

export interface Service {
	readonly port: number;
	readonly stop: () => Promise<void>;
}

/** Debian keeps PostgreSQL's programs off PATH, by version. */
const POSTGRES_FOLDER = '/usr/lib/postgresql';
const POSTGRES_USER = 'postgres';
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

async function findService(name: string): Promise<string> {
	const versions = existsSync(POSTGRES_FOLDER) ? await readdir(POSTGRES_FOLDER) : [];
	const folders = versions
		.sort((one, other) => Number(other) - Number(one))
		.map((version) => join(POSTGRES_FOLDER, version, 'bin'));
	return findProgram(name, folders, 'on Debian: apt-get install redis-server postgresql');
}

async function untilReady(
	name: string,
	subprocess: Subprocess,
	isReady: () => Promise<boolean>,
): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (subprocess.running() && Date.now() < deadline) {
		if (await isReady()) return;
		await delay(POLL_MS);
	}
	await subprocess.stop();
	throw new Error(`${name} did not start:\n${tail(subprocess.output())}`);
}

async function accepts(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => {
			resolve(false);
		});
	});
}

/** Redis that keeps nothing on disk. */
export async function startRedis(): Promise<Service> {
	const program = await findService('redis-server');
	const folder = await temporaryFolder('redis');
	const port = await freePort();
	const subprocess = startSubprocess(
		program,
		['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder.path],
		{ cwd: folder.path, env: { PATH: process.env.PATH } },
	);
	await untilReady('Redis', subprocess, async () => await accepts(port));
	return {
		port,
		stop: async () => {
			await subprocess.stop();
			await folder.remove();
		},
	};
}

/** PostgreSQL will not run as root: its own user does it then. */
async function postgresUser(): Promise<{ uid?: number; gid?: number }> {
	if (process.getuid?.() !== 0) return {};
	const idOf = async (flag: '-u' | '-g') => {
		const options = { cwd: '/', env: process.env, timeoutMs: START_TIMEOUT_MS };
		return Number((await runOrThrow('id', [flag, POSTGRES_USER], options)).stdout);
	};
	return { uid: await idOf('-u'), gid: await idOf('-g') };
}

/** PostgreSQL with one database, `postgres`, and one user, `n8n`, without a password. */
export async function startPostgres(): Promise<Service> {
	const programs = { initdb: '', postgres: '', pg_isready: '' };
	for (const name of Object.keys(programs) as (keyof typeof programs)[]) {
		programs[name] = await findService(name);
	}
	const folder = await temporaryFolder('postgres');
	const data = join(folder.path, 'data');
	const user = await postgresUser();
	await mkdir(data);
	if (user.uid !== undefined && user.gid !== undefined) {
		await chmod(folder.path, 0o755);
		await chown(data, user.uid, user.gid);
	}
	const options = { cwd: data, env: { PATH: process.env.PATH, LC_ALL: 'C' }, ...user };
	await runOrThrow(
		programs.initdb,
		['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
		{ ...options, timeoutMs: START_TIMEOUT_MS },
	);
	const port = await freePort();
	const subprocess = startSubprocess(
		programs.postgres,
		['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', data, '-c', 'fsync=off'],
		options,
	);
	await untilReady('PostgreSQL', subprocess, async () => {
		const { code } = await runCommand(
			programs.pg_isready,
			['-h', '127.0.0.1', '-p', String(port), '-q'],
			{ ...options, timeoutMs: START_TIMEOUT_MS },
		);
		return code === 0;
	});
	return {
		port,
		stop: async () => {
			await subprocess.stop();
			await folder.remove();
		},
	};
}
