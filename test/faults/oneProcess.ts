import { once } from 'node:events';
import { companiesOf, runTrial, startTrial, tallyOf, type Trial } from '../harness/trial';

/**
 * A process with the node in it. Says `ready` to its parent, is told a trial and the server's
 * address, and answers with the counts of the rows' outcomes.
 */
async function main(): Promise<void> {
	await runTrial({ pairs: companiesOf(1) });
	process.send?.('ready');
	const [{ trial, url }] = (await once(process, 'message')) as [{ trial: Trial; url: string }];
	const started = await startTrial(trial, url);
	process.send?.(tallyOf(await started.result));
	process.disconnect();
}

void main();
