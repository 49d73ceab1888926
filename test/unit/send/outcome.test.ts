import { outcomeOf } from '../../../nodes/QccRadar/send/outcome';

const row = (status: number | null, msg: string | null) => ({
	echo: '甲公司',
	status,
	msg,
	keyNo: 'k1',
});

const ASSIGN = { action: 'assign', shape: 'user' } as const;

describe('what QCC’s answer says of a row', () => {
	test.each([
		[200, '保存成功', 'ok'],
		[200, null, 'ok'],
		[200, '保存成功，但短信通知失败', 'ok'],
		[500, '关键字不存在', 'rejected'],
		[500, '该公司已监控', 'ok'],
		[500, null, 'rejected'],
		[500, '保存失败', 'rejected'],
		[500, '保存失败：公司未注册成功', 'rejected'],
		[200, '保存失败：该公司已监控', 'ok'],
		// The status says one thing and the words another.
		[500, '保存成功', 'unknown'],
		[200, '保存失败', 'unknown'],
		[200, '操作失败：数据异常', 'unknown'],
		[200, '未成功', 'unknown'],
		[200, '关注不成功', 'unknown'],
		[200, '关键字不存在', 'unknown'],
		[200, '登录名不存在', 'unknown'],
		[200, '关键字不存在，已跳过', 'unknown'],
		[200, '添加监控失败', 'unknown'],
		[200, '批量添加企业失败', 'unknown'],
		[200, '处理失败', 'unknown'],
		[200, '添加未能成功', 'unknown'],
		[200, '未能保存', 'unknown'],
		[200, '无法监控该公司', 'unknown'],
		[200, '保存成功，但该用户已离职', 'ok'],
		[500, '添加监控成功', 'unknown'],
		[500, '保存成功（短信发送失败）', 'unknown'],
		[200, '未监控该公司', 'unknown'],
		[200, '该公司已监控', 'ok'],
		[200, '操作成功', 'ok'],
		[200, '完成', 'ok'],
	])('%d %s: %s', (status, msg, outcome) => {
		const answered = outcomeOf(row(status, msg), ASSIGN, false);
		expect(answered).toMatchObject({ outcome, status, msg, keyNo: 'k1' });
		expect(answered.reason === null).toBe(outcome !== 'unknown');
	});

	test.each([
		['保存成功', 200, 'ok'],
		['该公司已监控', 500, 'ok'],
		['关键字不存在', 500, 'unknown'],
	])('after an attempt without an answer, %s: a refusal proves nothing', (msg, status, outcome) => {
		expect(outcomeOf(row(status, msg), ASSIGN, true)).toEqual({
			outcome,
			status,
			msg,
			keyNo: 'k1',
			reason: null,
		});
	});

	test('the opposite as it was already is no confirmation', () => {
		const outcomes = (['assign', 'unassign'] as const).map((action) =>
			['该公司已监控', '未监控该公司'].map(
				(msg) => outcomeOf(row(200, msg), { action, shape: 'user' }, false).outcome,
			),
		);
		expect(outcomes).toEqual([
			['ok', 'unknown'],
			['unknown', 'ok'],
		]);
	});

	test.each([104, 109, 110, 112, 199, 203, 205])(
		'a code that is not the row’s fault, %d: it may yet stand, and its advice is told',
		(status) => {
			expect(outcomeOf(row(status, '等待处理中'), ASSIGN, false)).toMatchObject({
				outcome: 'unknown',
				status,
				msg: '等待处理中',
				reason: { status, what: expect.stringContaining(`code ${status}`) as string },
			});
		},
	);

	test('nothing: it may stand or not', () => {
		expect(outcomeOf(null, ASSIGN, false)).toMatchObject({
			outcome: 'unknown',
			status: null,
			msg: null,
			keyNo: null,
			reason: { status: 200 },
		});
	});
});
