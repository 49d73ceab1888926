import type { IDataObject } from 'n8n-workflow';

import { hints, paired, row, run, unfit, type Job } from '../harness/rows';

const GOOD = { loginName: '138', company: '甲公司' };

interface BadRow {
	name: string;
	/** The item, between two good ones. */
	item: IDataObject;
	parameter: string;
	what: string;
	/** The row as far as it could be read. */
	read: [loginName: string | null, company: string | null];
	parameters?: Record<string, string>;
}

const INSIDE = 'has a comma or white space inside: one login name is expected';
const EMPTY = 'is empty: the item has “loginName”, “company”';
const INEXACT = 'is a number that is not exact: pass it as text';
const company = (name: string, value: IDataObject[string], what: string, text: string | null) => ({
	name: `a company that is ${name}`,
	item: { loginName: '139', company: value },
	parameter: 'Company',
	what,
	read: ['139', text] satisfies BadRow['read'],
});
const loginName = (
	name: string,
	value: IDataObject[string],
	what: string,
	text: string | null,
) => ({
	name: `a login name that ${name}`,
	item: { loginName: value, company: '乙公司' },
	parameter: 'Login Name',
	what,
	read: [text, '乙公司'] satisfies BadRow['read'],
});

const BAD_ROWS: BadRow[] = [
	company('empty', '', EMPTY, ''),
	company('white space', ' \u3000', EMPTY, ''),
	company('null', null, EMPTY, null),
	company('missing', undefined, EMPTY, null),
	company('an object', { name: '乙公司' }, 'is not text', null),
	company('an array', ['乙公司'], 'is not text', null),
	company('true', true, 'is not text', null),
	company('one character', ' 乙', 'is shorter than 2 characters', '乙'),
	company('an inexact number', 0.1, INEXACT, '0.1'),
	company('half a character', '乙公司\ud83d', 'is not valid text', null),
	loginName('is missing', undefined, EMPTY, null),
	loginName('is empty', '', EMPTY, ''),
	loginName('has a comma', '139,137', INSIDE, '139,137'),
	loginName('has white space', '139 137', INSIDE, '139 137'),
	loginName('is an object', { phone: '139' }, 'is not text', null),
	{
		name: 'an expression that fails',
		item: { loginName: '139', company: '乙公司', fails: true },
		parameter: 'Company',
		what: "has an expression that failed: Referenced node doesn't exist",
		read: ['139', null],
		parameters: { company: '={{ $json.fails ? $("Nowhere").first().json.x : $json.company }}' },
	},
];

describe.each(BAD_ROWS)('$name', ({ item, parameter, what, read, parameters = {} }) => {
	const items = [GOOD, item, { ...GOOD, company: '丙公司' }];
	const job: Job = { operation: 'create', items, parameters };
	const [clause = what, help] = what.split(': ');
	const msg = `“${parameter}” ${clause}`;
	const advice = help ? `. ${help.charAt(0).toUpperCase()}${help.slice(1)}.` : '';
	const problem = unfit(...read, msg);
	const done = [paired(0, row('138', '甲公司')), paired(2, row('138', '丙公司'))] as const;
	const told = hints(
		'Assigned 2, not sent 1, in 1 call',
		`Not done: 1 of 3 rows. ${msg} (1)${advice}`,
	);

	test('Stop: the node names item and parameter, and sends nothing', async () => {
		const ran = await run(job);
		expect(ran.error).toMatchObject({
			name: 'NodeOperationError',
			message: `The parameter “${parameter}” of item 1 ${what}`,
			description:
				'Nothing was sent. Correct the input, or set On Error to Continue to send the other rows.',
			context: { itemIndex: 1 },
		});
		expect(ran.status).toBe('error');
		expect(ran.outputs).toEqual([]);
		expect(ran.calls).toEqual([]);
	});

	test('Continue: the others are sent', async () => {
		const ran = await run({ ...job, onError: 'continueRegularOutput' });
		expect(ran.outputs).toEqual([[done[0], paired(1, problem), done[1]]]);
		expect(ran.pairs).toEqual(['138 丙公司', '138 甲公司']);
		expect([ran.status, ran.hints]).toEqual(['success', told]);
	});

	test('Continue (using error output): the error branch has the row and its input', async () => {
		const ran = await run({ ...job, onError: 'continueErrorOutput' });
		expect(ran.outputs).toEqual([
			done,
			[paired(1, { ...item, error: { message: msg, ...problem } })],
		]);
		expect(ran.pairs).toEqual(['138 丙公司', '138 甲公司']);
		expect([ran.status, ran.hints]).toEqual(['success', told]);
	});
});

test('under Stop the first bad row is told, and which items have others', async () => {
	const bad = Array.from({ length: 9 }, () => ({ loginName: '138' }));
	const ran = await run({ operation: 'create', items: [GOOD, ...bad] });
	expect(ran.error).toMatchObject({
		message: 'The parameter “Company” of item 1 is empty: the item has “loginName”',
		description:
			'Nothing was sent. Unfit as well: items 2, 3, 4, 5, 6 and 3 more. Correct the input, or set On Error to Continue to send the other rows.',
	});
	expect(ran.calls).toEqual([]);
});

test('of a list the bad names are answered by themselves', async () => {
	const ran = await run({
		operation: 'assignCompanies',
		items: [{ loginName: '138', companies: ['甲公司', '', '乙', '丙公司'] }],
		onError: 'continueRegularOutput',
	});
	const problem = (name: string, what: string) => unfit('138', name, `“Companies” ${what}`);
	expect(ran.outputs).toEqual([
		[
			paired(0, row('138', '甲公司')),
			paired(0, problem('', 'is empty')),
			paired(0, problem('乙', 'is shorter than 2 characters')),
			paired(0, row('138', '丙公司')),
		],
	]);
});

test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
	'with bad rows alone nothing is sent, under %s either',
	async (onError) => {
		const items = [{ loginName: '138' }, { company: '甲公司' }];
		const ran = await run({ operation: 'create', items, onError });
		const problems = [
			['138', null, '“Company” is empty'],
			[null, '甲公司', '“Login Name” is empty'],
		] as const;
		const rows = problems.map(([user, name, msg]) => unfit(user, name, msg));
		expect(ran.outputs).toEqual(
			onError === 'continueRegularOutput'
				? [rows.map((json, item) => paired(item, json))]
				: [
						[],
						rows.map((json, item) =>
							paired(item, { ...items[item], error: { message: json.msg, ...json } }),
						),
					],
		);
		expect(ran.calls).toEqual([]);
		expect(ran.status).toBe('success');
	},
);
