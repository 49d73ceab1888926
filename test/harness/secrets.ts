import { inspect } from 'node:util';
import { TEST_ACCOUNT, type CallRecord } from '../simulator/simulator';
import type { NodeResult } from './engine';

/** All that n8n saves, shows or logs of an execution, hidden properties included. */
export function everythingTold({ run, error, hints }: NodeResult): string {
	// The node's parameters stand in its error, and nothing else of it is left out.
	return inspect([run, error, error?.stack, error?.cause, hints], {
		depth: Infinity,
		maxArrayLength: Infinity,
		maxStringLength: Infinity,
		showHidden: true,
	});
}

/** The secrets of the test account that an execution tells, in words: empty as it should be. */
export function secretsTold(result: NodeResult, calls: readonly CallRecord[]): string[] {
	const told = everythingTold(result);
	const secrets = new Map<string, string>([
		[TEST_ACCOUNT.appKey, 'the AppKey'],
		[TEST_ACCOUNT.secretKey, 'the SecretKey'],
	]);
	for (const { headers } of calls) secrets.set(String(headers.token), 'a Token');
	return [...secrets]
		.filter(([secret]) => told.includes(secret))
		.map(([, name]) => `${name} is told`);
}
