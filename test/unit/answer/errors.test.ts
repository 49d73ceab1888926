import type { INode } from 'n8n-workflow';
import { inputError, rejectedError, runError } from '../../../nodes/QccRadar/answer/errors';
import type { AnsweredRow } from '../../../nodes/QccRadar/answer/rows';
import { summaryOf } from '../../../nodes/QccRadar/answer/words';
import type { AskedRow } from '../../../nodes/QccRadar/read/rows';
import { finish } from '../../harness/finish';
import { NODE_TYPE } from '../../harness/nodeType';

const NODE: INode = {
	id: '1',
	name: 'QCC Radar',
	type: NODE_TYPE,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
const NONE = finish(summaryOf([], []));

/** Words of which n8n makes a message of its own. */
const COMMON = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EACCES', 'getaddrinfo'];

describe('n8n puts no message of its own in the place of ours', () => {
	test.each(COMMON)('for a connection: %s', (code) => {
		const reason = { status: null, msg: null, what: `QCC was not reached (${code})`, advice: 'A.' };
		const error = runError(NODE, { reason, stopped: true }, NONE);
		expect(error.message).toBe(`QCC was not reached (${code})`);
		expect(error.description).toMatch(/^A\. Rows done: 0/);
		expect(error.messages).toEqual([]);
	});

	test.each(COMMON)('for a code of QCC’s whose words hold it: %s', (code) => {
		const reason = { status: 112, msg: code, what: 'QCC answered with code 112', advice: 'A.' };
		const error = runError(NODE, { reason, stopped: true }, NONE);
		expect(error.message).toBe(`QCC answered with code 112 (${code})`);
		expect(error).toMatchObject({ httpCode: '112' });
	});

	test.each(COMMON)('for input: %s', (code) => {
		const pair = { parameter: 'Company', what: `fails: ${code}`, loginName: null, company: null };
		const error = inputError(NODE, [[{ item: 3, pair }]], []);
		expect(error?.message).toBe(`The parameter “Company” of item 3 fails: ${code}`);
		expect(error?.context.itemIndex).toBe(3);
	});
});

test('unfit items are named with their input', () => {
	const pair = { parameter: 'Company', what: 'is empty', loginName: null, company: null };
	const unfit = (...items: number[]): AskedRow[] => items.map((item) => ({ item, pair }));
	const inputs = [unfit(0, 4), [...unfit(0, 1, 2, 3, 4, 5, 6), { item: 7, pair: 0 }]];
	const error = inputError(NODE, inputs, ['Desired', 'Current']);
	expect(error?.message).toBe('The parameter “Company” of item 0 of Desired is empty');
	expect(error?.description).toContain(
		'Unfit as well: items 4 of Desired; items 0, 1, 2, 3, 4 of Current and 2 more.',
	);
	expect(inputError(NODE, [[{ item: 0, pair: 0 }]], [])).toBeNull();
});

test('rejected rows are told by their own causes alone', () => {
	const row: AnsweredRow = {
		item: 0,
		input: 0,
		problem: null,
		loginName: '138',
		keyWord: '甲公司',
		action: 'assign',
		outcome: 'rejected',
		status: 500,
		msg: '关键字不存在',
		keyNo: null,
		reason: null,
	};
	const rows: AnsweredRow[] = [
		row,
		{ ...row, msg: '登录名不存在' },
		{ ...row, msg: '登录名不存在' },
		...Array.from({ length: 7 }, () => ({ ...row, outcome: 'unknown' as const })),
	];
	const error = rejectedError(NODE, finish(summaryOf(rows, [])));
	expect(error.message).toBe('QCC rejected 3 of 10 rows: 登录名不存在 (2); 关键字不存在 (1)');
});
