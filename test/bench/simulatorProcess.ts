import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stats } from '../simulator/simulator';

/** The simulator in a process of its own: its work is no part of what is measured. */
export interface SimulatorProcess {
	readonly url: string;
	stats(): Promise<Stats>;
	/** Pairs in the ledger. */
	assigned(): Promise<number>;
	/** Empties ledger and statistics. */
	reset(): Promise<void>;
	stop(): Promise<void>;
}

/** @param latency milliseconds between a call's arrival and its answer */
export async function startSimulatorProcess(latency: number): Promise<SimulatorProcess> {
	const child = fork(
		join(__dirname, '../simulator/main.ts'),
		['--port', '0', '--latency', String(latency)],
		{ stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
	);
	const ended = once(child, 'exit');
	const stop = async (): Promise<void> => {
		child.kill();
		await ended;
	};
	if (!child.stdout) throw new Error('The simulator has no output');
	const lines = createInterface(child.stdout);
	const found = new Promise<string>((resolve) => {
		lines.on('line', (line) => {
			const [, url] = /^Base URL\s+(\S+)/.exec(line) ?? [];
			if (url !== undefined) resolve(url);
		});
	});
	const url = await Promise.race([found, ended.then(() => null)]);
	if (url === null) throw new Error('The simulator did not start');
	const control = async (method: string, path: string): Promise<unknown> => {
		const response = await fetch(`${url}/_simulator/${path}`, { method });
		if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status}`);
		return await response.json();
	};
	return {
		url,
		stats: async () => (await control('GET', 'stats')) as Stats,
		assigned: async () => ((await control('GET', 'ledger')) as string[]).length,
		reset: async () => {
			await control('POST', 'reset');
		},
		stop,
	};
}
