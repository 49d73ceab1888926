import fc from 'fast-check';
import {
	clausesOf,
	NAME,
	PREAMBLE,
	QUOTATION,
	saysDone,
	saysFailed,
	whole,
} from '../../../nodes/QccRadar/qcc/clauses';

test.each<[string, string[]]>([
	['', []],
	['。！', []],
	['该公司已监控', ['该公司已监控']],
	['  该公司 已监控 。', ['该公司已监控']],
	['保存成功，但短信通知失败', ['保存成功', '但短信通知失败']],
	['操作失败：未监控，无法删除', ['操作失败', '未监控', '无法删除']],
	['甲,乙;丙:丁.戊!己。庚、辛…壬~癸', Array.from('甲乙丙丁戊己庚辛壬癸')],
	['甲，乙；丙：丁．戊！己｡庚～辛', Array.from('甲乙丙丁戊己庚辛')],
	['保存成功（短信发送失败）', ['保存成功', '短信发送失败']],
	['公司不存在或者已注销', ['公司不存在', '已注销']],
	['公司不存在或已注销', ['公司不存在', '已注销']],
	['已存在并且已监控', ['已存在', '已监控']],
	['ＯＫ！１２', ['OK', '12']],
	// A question is no statement: its mark stays.
	['是否已监控？', ['是否已监控?']],
])('the clauses of %p', (msg, clauses) => {
	expect(clausesOf(msg)).toEqual(clauses);
});

describe('what is quoted is no clause of its own', () => {
	const QUOTES = ['""', "''", '“”', '‘’', '「」', '『』', '【】', '《》', '[]', '［］', '＂＂'];

	test.each(QUOTES)('a company, a code or a number within %s is a name', (quotes) => {
		const [open = '', close = ''] = quotes;
		for (const name of [
			'小米科技有限责任公司',
			'小米（北京）有限公司',
			' 某某事务所 ',
			'91110108551385082Q',
			'13800138000',
		]) {
			const msg = `公司${open}${name}${close}已监控，请勿重复`;
			expect(clausesOf(msg)).toEqual([`公司${NAME}已监控`, '请勿重复']);
		}
	});

	test.each(QUOTES)('anything else within %s is a mere quotation', (quotes) => {
		const [open = '', close = ''] = quotes;
		for (const text of ['监控权限', '其他公司', '他人的公司', '已监控', '', '138']) {
			expect(clausesOf(`${open}${text}${close}未分配`)).toEqual([`${QUOTATION}未分配`]);
		}
	});

	test('two quotations are two, and no message holds what stands for them', () => {
		expect([NAME, QUOTATION]).toEqual(['\uE000', '\uE001']);
		expect(clausesOf('“甲公司”未分配“监控权限”')).toEqual([`${NAME}未分配${QUOTATION}`]);
	});
});

test('no clause holds white space or the end of another, and joined clauses come apart again', () => {
	const text = fc.string({
		unit: fc.constantFrom(...Array.from('已监控公司 　\n，。：；！（）、“”')),
	});
	fc.assert(
		fc.property(text, (msg) => {
			const clauses = clausesOf(msg);
			expect(clauses.filter((clause) => clause === '' || /[\s,。:;!()、]/.test(clause))).toEqual(
				[],
			);
			expect(clausesOf(clauses.join('，'))).toEqual(clauses);
		}),
	);
});

test('a pattern matches from the first character of a clause to the last, each alternative of it', () => {
	const pattern = whole('已监控', '已(?:存在|关注)', '在|不在');
	const matched = ['已监控', '已存在', '已关注', '在', '不在'];
	expect(matched.filter((clause) => pattern.test(clause))).toEqual(matched);
	const longer = matched.flatMap((clause) => [`${clause}数`, `您${clause}`, `${clause}\n`]);
	expect(longer.filter((clause) => pattern.test(clause))).toEqual([]);
});

test('what only leads to the reason is a preamble, and no reason is', () => {
	const told = (clauses: string[]) => clauses.filter((clause) => PREAMBLE.test(clause));
	const leading = ['失败', '操作失败', '添加监控失败', '批量添加企业失败', '错误', '失败原因'];
	expect(told(leading)).toEqual(leading);
	expect(told(['未失败', '操作失败次数过多', '签名错误', '登录失败', '原因不明', ''])).toEqual([]);
});

describe('what a message says of the work itself', () => {
	test.each<[string | null, 'done' | 'failed' | 'neither']>([
		['保存成功', 'done'],
		['删除成功', 'done'],
		['取消关注成功', 'done'],
		['操作成功。', 'done'],
		['保存成功，但该用户已离职', 'done'],
		['成功', 'done'],
		['保存失败', 'failed'],
		['操作失败：数据异常', 'failed'],
		['保存不成功', 'failed'],
		['未能成功', 'failed'],
		['未能保存', 'failed'],
		['无法监控该公司', 'failed'],
		['不能添加', 'failed'],
		['保存成功（短信发送失败）', 'done'],
		['保存成功，分配失败', 'neither'],
		['成功案例公司不存在', 'neither'],
		['公司未注册成功', 'neither'],
		['不能为空', 'neither'],
		['登录失败次数过多', 'neither'],
		['无法识别', 'neither'],
		['完成', 'neither'],
		['', 'neither'],
		[null, 'neither'],
	])('%p: %s', (msg, expected) => {
		expect({ done: saysDone(msg), failed: saysFailed(msg) }).toEqual({
			done: expected === 'done',
			failed: expected === 'failed',
		});
	});

	test('never both, in whatever order the clauses come', () => {
		const clause = fc.constantFrom('保存成功', '添加成功', '保存失败', '未能保存', '请稍后', '');
		fc.assert(
			fc.property(fc.array(clause), (clauses) => {
				const done = clauses.some((one) => one.endsWith('成功'));
				const failed = clauses.some((one) => one === '保存失败' || one === '未能保存');
				const msg = clauses.join('，');
				expect([saysDone(msg), saysFailed(msg)]).toEqual([done && !failed, failed && !done]);
			}),
		);
	});
});
