import { fork } from 'node:child_process';
import { once } from 'node:events';

const FLAG = '--case';

/**
 * Measures a case in a process of its own, so that no case warms or burdens the next one.
 * @param file the module that measures it, with {@link answerCase} at its end
 * @param node the Node binary to run it with, where it is not this process's own
 */
export async function measureApart<Figures>(
	file: string,
	which: object,
	node = process.execPath,
): Promise<Figures> {
	const child = fork(file, [FLAG, JSON.stringify(which)], { execPath: node });
	const ended = once(child, 'exit');
	const [answer] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
	const [code] = (await ended) as [number | null];
	if (code !== 0) throw new Error(`${JSON.stringify(which)}: exit code ${code ?? 'none'}`);
	return answer as Figures;
}

/** In the process that {@link measureApart} started: measures the case, answers and ends. */
export async function answerCase(
	module: NodeJS.Module,
	measure: (which: never) => Promise<unknown>,
): Promise<void> {
	const [flag, value] = process.argv.slice(2);
	if (require.main !== module || flag !== FLAG || value === undefined) return;
	process.send?.(await measure(JSON.parse(value) as never));
	process.disconnect();
}
