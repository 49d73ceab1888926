import { keyNoOf, parseAnswer, type AnswerRow } from '../../../nodes/QccRadar/qcc/answer';
import { redactorOf } from '../../../nodes/QccRadar/qcc/redact';

const read = (body: unknown, shape: 'user' | 'company' = 'user') =>
	parseAnswer(typeof body === 'string' ? body : JSON.stringify(body), shape, (words) => words);

const row = (
	echo: string | null,
	msg: string | null,
	keyNo: string | null,
	status: number | null = 200,
): AnswerRow => ({ echo, status, msg, keyNo });

const XIAOMI = '9cce0780ab7644008b73bc2120479d31';
const GUANGDONG = '02ff6e6bed57a655db1bc67dfa829984';

describe('the examples of the document', () => {
	test('5.1.1, many companies assigned to one user', () => {
		const example = `{

"status": "200",
"msg": null,
"result": {
 "batchList": [
{

"keyWord": "小米科技有限责任公司",
"keyNo": "9cce0780ab7644008b73bc2120479d31",
"status": "200",
"msg": "保存成功"

},
{

"keyWord": "广东小米科技有限责任公司",
"keyNo": "02ff6e6bed57a655db1bc67dfa829984",
"status": "200",
"msg": "保存成功"

}
]

}
}`;
		expect(read(example)).toEqual({
			code: 200,
			msg: null,
			rows: [
				row('小米科技有限责任公司', '保存成功', XIAOMI),
				row('广东小米科技有限责任公司', '保存成功', GUANGDONG),
			],
		});
	});

	test('5.1.2, many companies removed from one user, one of them unknown', () => {
		const example = `{

"status": "500",

"msg": null,
 "result": {

"batchList": [

{

"keyWord": "小米科技有限责任公司",

"keyNo": "9cce0780ab7644008b73bc2120479d31",

"status": "200",

"msg": "删除成功"

},

{

"keyWord": "广东小米科技有限责任公司",

"keyNo": "02ff6e6bed57a655db1bc67dfa829984",

"status": "200",

"msg": "删除成功"

},

{

"keyWord": "测试不存在",

"keyNo": null,

"status": "500",

"msg": "关键字不存在"

}

]

}

}`;
		expect(read(example)).toEqual({
			code: 500,
			msg: null,
			rows: [
				row('小米科技有限责任公司', '删除成功', XIAOMI),
				row('广东小米科技有限责任公司', '删除成功', GUANGDONG),
				row('测试不存在', '关键字不存在', null, 500),
			],
		});
	});

	test('5.1.3, one company assigned to many users', () => {
		const example = `{

"status": "200",

"msg": null,

"result": {

"batchList": [

{
 "loginName": "手机号 1",

"status": "200",

"msg": "保存成功"

},

{

"loginName": "手机号 2",

"status": "200",

"msg": "保存成功"

}

]

}

}`;
		expect(read(example, 'company')).toEqual({
			code: 200,
			msg: null,
			rows: [row('手机号 1', '保存成功', null), row('手机号 2', '保存成功', null)],
		});
	});

	test('5.1.4, one company removed from many users', () => {
		const example = `{

"status": "200",
"msg": null,
"result": {

"batchList": [

{
 "loginName": "13336569865",
"status": "200",
"msg": "取消关注成功"

},
{

"loginName": "13336569850",
"status": "200",
"msg": "取消关注成功"

}
]

}
}`;
		expect(read(example, 'company')).toEqual({
			code: 200,
			msg: null,
			rows: [row('13336569865', '取消关注成功', null), row('13336569850', '取消关注成功', null)],
		});
	});
});

test.each([
	['200', 200],
	[200, 200],
	[' 109 ', 109],
	['0110', 110],
])('status %p is code %d', (status, code) => {
	expect(read({ status, msg: '好', result: null })).toEqual({ code, msg: '好', rows: null });
});

test.each([
	['cut JSON', '{"status":"200","msg":null,"result":{"batchLi'],
	['nothing', ''],
	['a web page', '<html><title>502</title></html>'],
	['null', 'null'],
	['text', '"200"'],
	['a number', '200'],
	['a list', '[{"status":"200"}]'],
	['an object without a status', '{"msg":"好"}'],
	...['', 'OK', '2e2', '200.0', '-1', '9999999999', null, true, 200.5, 1e21, [200], {}].map(
		(status): [string, string] => [
			`status ${JSON.stringify(status)}`,
			JSON.stringify({ status, result: { batchList: [{ keyWord: '甲公司', status: '200' }] } }),
		],
	),
])('%s is no answer', (_, body) => {
	expect(read(body)).toBeNull();
});

test.each([
	['result null', { result: null }],
	['no result', {}],
	['result a text', { result: '好' }],
	['result a list', { result: [{ keyWord: '甲公司', status: '200' }] }],
	['batchList null', { result: { batchList: null } }],
	['batchList an object', { result: { batchList: { keyWord: '甲公司', status: '200' } } }],
	['batchList empty', { result: { batchList: [] } }],
	['batchList without an object', { result: { batchList: [null, '甲公司', 200, []] } }],
])('an answer without rows: %s', (_, fields) => {
	expect(read({ status: 200, ...fields })).toEqual({ code: 200, msg: null, rows: null });
});

test.each(['-', '0', '#N/A', 'null', ' ', '甲公司', 'none', 1])(
	'a keyNo that would make one company of many is none: %j',
	(keyNo) => {
		const batchList = [
			{ keyWord: '甲公司', keyNo, status: '200' },
			{ keyWord: '乙公司', keyNo: '9cce0780ab7644008b73bc2120479d31', status: '200' },
		];
		expect(read({ status: 200, result: { batchList } })?.rows?.map((one) => one.keyNo)).toEqual([
			null,
			'9cce0780ab7644008b73bc2120479d31',
		]);
	},
);

test('nothing is taken out of words that are not there', () => {
	const redact = redactorOf({ appKey: 'App-Key-1', secretKey: 'Secret-1', baseUrl: '' })(0, 0);
	const body = JSON.stringify({ status: 200, msg: null, result: { batchList: [{ status: 200 }] } });
	expect(parseAnswer(body, 'user', redact)).toEqual({
		code: 200,
		msg: null,
		rows: [{ echo: null, status: 200, msg: null, keyNo: null }],
	});
});

test('a row is read as far as it can be, and what is none keeps its place', () => {
	const batchList = [
		null,
		{},
		{ keyWord: 1, keyNo: '', status: null, msg: '' },
		'甲公司',
		[{ keyWord: '甲公司', status: '200' }],
		{ keyWord: '甲公司', keyNo: 'a1', status: 500, msg: '失败', more: true },
		{ loginName: '13800138000', keyNo: ['a1'], status: 'OK', msg: { text: '失败' } },
		{ keyWord: null, loginName: '', status: 200 },
		{ keyWord: { name: '甲公司' }, status: 200 },
		{ keyWord: 440301100000000000000, status: 200 },
	];
	const nothing = row(null, null, null, null);
	const rows = [
		nothing,
		nothing,
		row('1', null, null, null),
		nothing,
		nothing,
		row('甲公司', '失败', 'a1', 500),
		row('', null, null, null),
		row(null, null, null),
		row('', null, null),
		row('', null, null),
	];
	expect(read({ status: '500', msg: '部分失败', result: { batchList } })).toEqual({
		code: 500,
		msg: '部分失败',
		rows,
	});
	expect(read({ status: '500', msg: {}, result: { batchList } }, 'company')).toEqual({
		code: 500,
		msg: null,
		rows: [
			nothing,
			nothing,
			row('', null, null, null),
			nothing,
			nothing,
			row('', '失败', 'a1', 500),
			row('13800138000', null, null, null),
			row(null, null, null),
			row('', null, null),
			row('', null, null),
		],
	});
});

test('secrets are taken out of QCC’s words, and names left as they are', () => {
	const batchList = [
		{ keyWord: 'secret1', keyNo: 'secret1', status: '500', msg: '签名 secret1 错误' },
	];
	const body = JSON.stringify({ status: '107', msg: 'secret1!', result: { batchList } });
	expect(parseAnswer(body, 'user', (words) => words.replace('secret1', '***'))).toEqual({
		code: 107,
		msg: '***!',
		rows: [row('secret1', '签名 *** 错误', null, 500)],
	});
});

describe('a keyNo is text of letters and digits, as it was kept since', () => {
	const digits = '12345678901234567890123456789012';
	test.each([XIAOMI, 'k1', 'A-1', 'a_1', digits])('%s', (keyNo) => {
		expect([keyNoOf(keyNo), keyNoOf(` ${keyNo}\n`)]).toEqual([keyNo, keyNo]);
	});

	const zeros = '0'.repeat(32);
	test.each([
		...['#k1', 'k1#', 'k 1', 'k', '1', '13800138000', zeros, '9.12E+31', ''],
		...[1, null, undefined, ['k1']],
	])('%j is none', (value) => {
		expect(keyNoOf(value)).toBeNull();
	});
});
