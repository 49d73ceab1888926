/**
 * The demo: a CSV of person–company relations through the built node in n8n's own engine, against
 * the simulator. Prints what each row was answered and the calls it took.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { startNode } from '../harness/engine';
import { startSimulator, TEST_ACCOUNT, type Simulator } from '../simulator/simulator';

const LATENCY = 300;
const SAMPLE = 12;

interface Relation {
	company: string;
	phone: string;
	[column: string]: string;
}

interface OutputRow {
	outcome: string;
	loginName: string;
	keyWord: string;
	status: number | null;
	msg: string | null;
}

function print(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** Chinese characters take two columns of a terminal. */
function column(text: string, width: number): string {
	const wide = text.replace(/[^\u1100-\u115f\u2e80-\uffdc]/g, '').length;
	return text + ' '.repeat(Math.max(0, width - text.length - wide));
}

/** One line that is written over while the node works, or a line now and then where there is no terminal. */
async function showProgress(simulator: Simulator, done: Promise<unknown>): Promise<void> {
	const goesOn = () => Promise.race([done.then(() => false), sleep(100, true)]);
	let shown = '';
	do {
		const { calls, rows } = simulator.stats();
		const line = `  calls sent: ${calls}, rows answered: ${rows}`;
		if (line !== shown) process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`);
		shown = line;
	} while (await goesOn());
	if (process.stdout.isTTY) print();
}

async function main(): Promise<void> {
	const relations = parse<Relation>(readFileSync(join(__dirname, 'relations.csv')), {
		columns: true,
	});
	const simulator = await startSimulator({ latency: LATENCY });
	const users = new Set(relations.map(({ phone }) => phone)).size;
	const companies = new Set(relations.map(({ company }) => company)).size;
	print(`relations.csv: ${relations.length} rows, ${users} users, ${companies} companies`);
	print(`QCC simulator at ${simulator.url}, ${LATENCY} ms a call`);
	print();
	print('QCC Radar → Assignment: Create, in n8n’s engine');

	const { result } = await startNode({
		inputs: [relations],
		parameters: {
			resource: 'assignment',
			operation: 'create',
			loginName: '={{ $json.phone }}',
			company: '={{ $json.company }}',
			options: {},
		},
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url },
	});
	const started = Date.now();
	await showProgress(simulator, result);
	const seconds = (Date.now() - started) / 1000;
	const { outputs, error, hints } = await result;
	if (error) throw error;
	const items = outputs[0] ?? [];
	const rows = items.map(({ json }) => json as unknown as OutputRow);

	print();
	print(`A few of the ${rows.length} output items, each paired with its input row:`);
	const failed = rows.filter(({ outcome }) => outcome !== 'ok');
	const stride = Math.ceil(rows.length / (SAMPLE - failed.length));
	for (const row of [...failed, ...rows.filter((_, i) => i % stride === 0)]) {
		print(
			`  ${column(row.outcome, 9)} ${row.loginName}  ${column(row.keyWord, 46)} ${row.status ?? ''} ${row.msg ?? ''}`,
		);
	}
	print();
	const outcomes = new Map<string, number>();
	for (const { outcome } of rows) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
	print('Rows by outcome:');
	for (const [outcome, count] of outcomes) print(`  ${column(outcome, 9)} ${count}`);
	for (const { message } of hints) print(`Hint in the editor: ${message}`);

	const { calls, maxInFlight } = simulator.stats();
	print();
	print(
		`Calls: ${calls}, against ${rows.length} with one call per row. Most at once: ${maxInFlight}.`,
	);
	print(`Pairs now in QCC: ${simulator.pairs().length}. Time: ${seconds.toFixed(1)} s.`);
	await simulator.close();

	const stated = items.every(({ pairedItem }, i) =>
		typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item === i : false,
	);
	const agreed = rows.every(({ outcome, loginName, keyWord }) =>
		outcome === 'ok' ? simulator.has(loginName, keyWord) : !simulator.has(loginName, keyWord),
	);
	if (rows.length !== relations.length || !stated || !agreed) {
		throw new Error('The node’s rows and the simulator’s ledger disagree');
	}
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
