import { createN8nHome, type N8nHome } from './n8nServer';
import type { N8nInstall } from './n8nInstall';
import { installTarball, type Tarball } from './nodePackage';

/** What a scenario counted while it held: a name and a number, or a word or two. */
export type Facts = Readonly<Record<string, number | string>>;

export interface Scenario {
	readonly name: string;
	/** @throws whatever did not hold */
	readonly run: (context: Context) => Promise<Facts>;
}

/** What a scenario runs in. */
export interface Context {
	readonly n8n: N8nInstall;
	/** The built package, packed. */
	readonly tarball: Tarball;
	/** Does a named part of the scenario; what it throws then bears the name. */
	readonly step: <T>(name: string, work: () => Promise<T>) => Promise<T>;
	/** Has something undone when the scenario is over, however it ends; the last first. */
	readonly defer: (undo: () => Promise<unknown>) => void;
}

export interface Verdict {
	readonly scenario: string;
	readonly version: string;
	/** Undefined where it failed. */
	readonly facts: Facts | undefined;
	readonly seconds: number;
}

/** An instance with the package installed, gone when the scenario is over. */
export async function newHome(
	context: Context,
	env?: Readonly<Record<string, string>>,
): Promise<N8nHome> {
	const home = await createN8nHome(context.n8n, env);
	context.defer(home.remove);
	await installTarball(home, context.tarball);
	return home;
}

/** Runs a scenario to its end and tidies up after it; its parts and its failure are logged. */
export async function runScenario(
	{ name, run }: Scenario,
	bed: Pick<Context, 'n8n' | 'tarball'>,
	log: (line: string) => void,
): Promise<Verdict> {
	const undos: (() => Promise<unknown>)[] = [];
	const began = Date.now();
	const secondsSince = (start: number) => Math.round((Date.now() - start) / 100) / 10;
	let steps = 0;
	let facts: Facts | undefined;
	try {
		const counted = await run({
			...bed,
			defer: (undo) => undos.push(undo),
			step: async (what, work) => {
				const start = Date.now();
				try {
					const result = await work();
					steps += 1;
					log(`  ${what}: ${secondsSince(start)} s`);
					return result;
				} catch (error) {
					throw new Error(`${name}, ${what}`, { cause: error });
				}
			},
		});
		facts = { steps, ...counted };
	} catch (error) {
		log(describe(error));
	}
	for (const undo of undos.reverse()) {
		try {
			await undo();
		} catch (error) {
			facts = undefined;
			log(describe(error));
		}
	}
	return { scenario: name, version: bed.n8n.version, facts, seconds: secondsSince(began) };
}

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const own = error.cause === undefined ? (error.stack ?? error.message) : error.message;
	return error.cause === undefined ? own : `${own}: ${describe(error.cause)}`;
}

/** `rows 1,234 · calls 7` */
export function printFacts(facts: Facts): string {
	return Object.entries(facts)
		.map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
		.join(' · ');
}
