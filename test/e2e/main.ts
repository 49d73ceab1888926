/**
 * The package in real n8n servers: `npm run e2e -- [--n8n <version> … | --matrix] [--write] [scenario …]`.
 *
 * Runs the named scenarios, or all, one after the other; ends with exit code 1 when one failed.
 * `--matrix` takes every n8n of n8nVersions.ts instead of the first.
 * `--write` puts the results into docs/tested.md.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { browser } from './browser';
import { burst300 } from './burst';
import { examples } from './examples';
import { httpRequest } from './httpRequest';
import { mcp } from './mcp';
import { install } from './install';
import { installN8n } from './n8nInstall';
import { N8N, TESTED } from './n8nVersions';
import { packNode } from './nodePackage';
import { queue } from './queue';
import { writeReport } from './report';
import { printFacts, runScenario, type Scenario, type Verdict } from './scenario';
import { smoke } from './smoke';

const SCENARIOS: readonly Scenario[] = [
	smoke,
	install,
	httpRequest,
	mcp,
	examples,
	browser,
	queue,
	burst300,
];

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

function chosen(names: readonly string[]): readonly Scenario[] {
	const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
	if (unknown.length > 0) {
		const known = SCENARIOS.map(({ name }) => name).join(', ');
		throw new Error(`No scenario ${unknown.join(', ')}; there are ${known}`);
	}
	return names.length > 0 ? SCENARIOS.filter(({ name }) => names.includes(name)) : SCENARIOS;
}

async function main(): Promise<number> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			n8n: { type: 'string', multiple: true, default: [N8N] },
			matrix: { type: 'boolean', default: false },
			write: { type: 'boolean', default: false },
		},
	});
	const scenarios = chosen(positionals);
	const tarball = await packNode(join(__dirname, '../..'));
	const verdicts: Verdict[] = [];
	const versions = values.matrix ? TESTED.map(({ version }) => version) : values.n8n;
	for (const version of versions) {
		const n8n = await installN8n(version, print);
		for (const scenario of scenarios) {
			print(`${scenario.name} on n8n ${n8n.version}`);
			const verdict = await runScenario(scenario, { n8n, tarball }, print);
			const { facts, seconds } = verdict;
			print(
				`${facts ? 'passed' : 'FAILED'} ${scenario.name}: ${seconds} s${facts ? ` · ${printFacts(facts)}` : ''}`,
			);
			verdicts.push(verdict);
		}
	}
	await tarball.remove();
	if (values.write) await writeReport(verdicts);
	const failed = verdicts.filter(({ facts }) => facts === undefined).length;
	print(`${verdicts.length - failed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
