import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Processes and folders that must not outlive the test that made them, however it ends: by its own
 * end, an uncaught error, or SIGINT, SIGTERM and SIGHUP. Each process leads a group of its own, so
 * that its children (n8n's task runner, npm's scripts) end with it.
 */
const groups = new Set<number>();
const folders = new Set<string>();

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

function signalGroup(leader: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-leader, signal);
	} catch (error) {
		// Nothing is left of the group: what was wanted.
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
	}
}

process.once('exit', () => {
	for (const leader of groups) signalGroup(leader, 'SIGKILL');
	for (const folder of folders) rmSync(folder, REMOVE);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

export interface TemporaryFolder {
	readonly path: string;
	readonly remove: () => Promise<void>;
}

/** A fresh folder in the system's temporary folder. */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
	const path = await mkdtemp(join(tmpdir(), `${name}-`));
	folders.add(path);
	return {
		path,
		remove: async () => {
			await rm(path, REMOVE);
			folders.delete(path);
		},
	};
}

export interface SubprocessOptions {
	readonly cwd: string;
	/** The whole environment: nothing of this process's own is added. */
	readonly env: NodeJS.ProcessEnv;
	/** Default: this process's own. */
	readonly uid?: number;
	readonly gid?: number;
}

export interface Exit {
	/** null when a signal ended the process. */
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

export interface Subprocess {
	/** Settles when the process has ended and its output is read; rejects if it could not start. */
	readonly exit: Promise<Exit>;
	running(): boolean;
	stdout(): string;
	/** stdout and stderr, in the order they arrived. */
	output(): string;
	/** SIGKILL, to the process itself; what is left of its group follows. */
	kill(): Promise<Exit>;
	/** SIGTERM, then SIGKILL for what is left of the group after `graceMs`. */
	stop(graceMs?: number): Promise<Exit>;
}

export function startSubprocess(
	command: string,
	args: readonly string[],
	options: SubprocessOptions,
): Subprocess {
	const child = spawn(command, args, {
		...options,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const leader = child.pid;
	if (leader !== undefined) groups.add(leader);

	const running = () =>
		leader !== undefined && child.exitCode === null && child.signalCode === null;

	const chunks: { readonly from: 'stdout' | 'stderr'; readonly data: Buffer }[] = [];
	const text = (wanted: typeof chunks) =>
		Buffer.concat(wanted.map(({ data }) => data)).toString('utf8');
	for (const from of ['stdout', 'stderr'] as const) {
		child[from].on('data', (data: Buffer) => chunks.push({ from, data }));
	}

	// A child of the group can hold the pipes open after the leader has gone, and would keep
	// 'close' from coming.
	child.once('exit', () => {
		if (leader !== undefined) signalGroup(leader, 'SIGKILL');
	});
	const exit = new Promise<Exit>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => {
			if (leader !== undefined) groups.delete(leader);
			resolve({ code, signal });
		});
	});

	return {
		exit,
		running,
		stdout: () => text(chunks.filter(({ from }) => from === 'stdout')),
		output: () => text(chunks),
		kill: async () => {
			child.kill('SIGKILL');
			return await exit;
		},
		stop: async (graceMs = 10_000) => {
			if (leader === undefined || !running()) return await exit;
			child.kill('SIGTERM');
			const killer = setTimeout(() => {
				signalGroup(leader, 'SIGKILL');
			}, graceMs);
			try {
				return await exit;
			} finally {
				clearTimeout(killer);
			}
		},
	};
}

export interface Finished extends Exit {
	readonly stdout: string;
	readonly output: string;
}

/**
 * Runs a command to its end, whatever its exit code.
 * @throws Error when it takes longer than `timeoutMs` (it is ended then), with the end of its output
 */
export async function runCommand(
	command: string,
	args: readonly string[],
	{ timeoutMs, ...options }: SubprocessOptions & { readonly timeoutMs: number },
): Promise<Finished> {
	const subprocess = startSubprocess(command, args, options);
	const expiry = AbortSignal.timeout(timeoutMs);
	expiry.addEventListener('abort', () => void subprocess.stop(2_000));
	const exit = await subprocess.exit;
	const output = subprocess.output();
	if (expiry.aborted) {
		const line = [command, ...args].join(' ');
		throw new Error(`"${line}" did not end in ${timeoutMs / 1000} s:\n${tail(output)}`);
	}
	return { ...exit, stdout: subprocess.stdout(), output };
}

/** As runCommand, but an exit code other than 0 is an error too, with the end of the output. */
export async function runOrThrow(
	command: string,
	args: readonly string[],
	options: SubprocessOptions & { readonly timeoutMs: number },
): Promise<Finished> {
	const finished = await runCommand(command, args, options);
	if (finished.code !== 0) {
		const how = finished.signal ?? `exit code ${finished.code ?? 'unknown'}`;
		throw new Error(`"${[command, ...args].join(' ')}" failed (${how}):\n${tail(finished.output)}`);
	}
	return finished;
}

/** The last lines of a log, for an error message. */
export function tail(log: string, lines = 40): string {
	return log.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * The file of a program.
 * @param first folders to look in before those on PATH
 * @param help how to get it
 * @throws Error when it is in none
 */
export function findProgram(name: string, first: readonly string[] = [], help = ''): string {
	const folders = [...first, ...(process.env.PATH ?? '').split(delimiter)];
	const path = folders.map((folder) => join(folder, name)).find(existsSync);
	if (path === undefined) throw new Error([`${name} is missing`, help].filter(Boolean).join('; '));
	return path;
}
