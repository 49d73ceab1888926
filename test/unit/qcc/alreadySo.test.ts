import fc from 'fast-check';
import { saysAlreadySo, SHORTEST } from '../../../nodes/QccRadar/qcc/alreadySo';

const ASSIGNED = [
	...SHORTEST.assign,
	'该公司已监控',
	'该公司已经监控',
	'该公司已被监控',
	'该公司已监控！',
	'  该公司 已监控 。',
	'此公司已关注',
	'公司已添加',
	'该企业已关注',
	'该企业已关注过',
	'企业已经关注了',
	'该公司已存在',
	'关键字已存在',
	'监控已存在',
	'关联关系已存在',
	'该关联已存在',
	'已分配给该用户',
	'该公司已分配给该用户',
	'该公司已分配给当前用户',
	'该公司已添加到监控列表',
	'该公司已在监控列表中',
	'该公司已在该用户的监控列表中',
	'该公司已存在于监控列表',
	'该公司已被该用户监控',
	'该用户已监控该公司',
	'用户已关注该企业',
	'该账号已监控此公司',
	'该员工已分配该公司',
	'您已关注该公司',
	'您已监控',
	'已监控该公司',
	'已关注此企业',
	'重复添加',
	'请勿重复添加',
	'不能重复监控',
	'该公司不能重复添加',
	'该公司已监控，请勿重复添加',
	'该公司已监控,无需重复监控',
	'已存在，不能重复操作',
	'添加失败：该公司已监控',
	'操作失败，已存在',
	'“小米科技有限责任公司”已监控',
	'公司【小米科技有限责任公司】已存在',
	'【91110108551385082Q】已监控',
	'用户已监控“某某事务所”',
	'该用户【13800138000】已监控该公司',
	'添加监控失败：该公司已监控',
	'该公司已存在或已监控',
];

const UNASSIGNED = [
	...SHORTEST.unassign,
	'未监控该公司',
	'该公司未监控',
	'该公司尚未监控',
	'该公司还没有监控',
	'该公司未被监控',
	'公司未关注',
	'该企业未关注。',
	'没有关注该公司',
	'未分配该公司',
	'未分配给该用户',
	'该公司未分配给该用户',
	'该公司未被该用户监控',
	'该用户未监控该公司',
	'用户未关注此企业',
	'该员工未分配该公司',
	'您未关注该公司',
	'该关联不存在',
	'关联关系不存在',
	'关联数据不存在',
	'监控关系不存在',
	'监控记录不存在',
	'不存在关联关系',
	'未找到关联数据',
	'没有该关联关系',
	'不在监控列表中',
	'该公司不在该用户的监控列表中',
	'该公司已取消关注',
	'已取消监控',
	'删除失败：未监控该公司',
	'未监控该公司，无法删除',
	'该公司未关注，无需取消关注',
	'“小米科技有限责任公司”未监控',
];

const REFUSED = [
	'',
	'。',
	'失败',
	'操作失败：',
	'关键字不存在',
	'登录名不存在',
	'公司不存在',
	'该企业不存在',
	'用户不存在',
	'该用户已存在',
	'登录名已存在',
	'数据不存在',
	'不存在',
	'您已监控的企业数量已达上限',
	'已监控企业数已满',
	'已监控企业数量超出限制',
	'该用户已监控的公司已达上限',
	'已关注公司数达到上限',
	'该账号未分配此接口权限',
	'该账号未分配',
	'未分配权限',
	'未监控权限',
	'未监控',
	'该用户未监控权限',
	'该账号未添加白名单',
	'未添加到白名单',
	'未关联手机号',
	'该用户未关注公众号',
	'未绑定',
	'已存在相同请求正在处理',
	'已存在处理中的任务',
	'已分配额度用完',
	'已分配的额度已用完',
	'已添加到队列',
	'已添加到黑名单',
	'该公司已注销',
	'该公司已吊销',
	'已关注的公司不能重复添加',
	'已监控的公司不能分配给员工',
	'已分配给其他用户',
	'该公司已分配给他人',
	'该公司已被其他用户监控',
	'已分配给13800138000',
	'存在已监控的公司',
	'同名公司已存在',
	'其他公司已监控',
	'请勿重复提交',
	'操作频繁，请勿重复操作',
	'重复',
	'关键字重复',
	'参数重复',
	'已监控？',
	'是否已监控',
	// What is quoted is no company.
	'该账号未分配【风险监控接口】',
	'该账号未分配“监控公司”',
	'您未添加“新增企业公司”',
	'该账号未分配【企业合作社】',
	'该用户未关联《批量监控企业》',
	'该账号未分配“此接口权限”',
	'该用户未分配【监控权限】',
	'您的账号未分配「风险监控」',
	'您未添加“IP白名单”',
	'该账号未关联【手机号】',
	'该用户未关注“企查查公众号”',
	'【接口权限】未分配',
	'[白名单]未添加',
	'“监控额度”未分配',
	'企业【监控权限】未分配',
	'您的账号已分配【只读权限】',
	'已添加“黑名单”',
	'公司【黑名单】已存在',
	'【其他用户】已监控',
	'【其他公司】已监控',
	'该账号已关联【其他企业】',
	// Whoever's account it is.
	'该用户未关联本公司',
	'该手机号未关联当前企业',
	'员工未添加当前企业',
	'本公司未分配',
	'当前企业未分配',
	'该员工已关联当前企业',
	'该登录名已添加当前公司',
	'该公司未监控成功',
	'该公司已监控失败',
	'该公司已停止监控',
	'已监控，已达上限',
	'已监控，请联系管理员',
	'未监控该公司或关键字不存在',
	'未监控，登录名不存在',
	'该公司未监控，账号已过期',
	'非已监控公司',
	'不是已关注公司',
	'并非未监控该公司',
	'无法监控该公司',
	'取消关注的公司不存在',
	'没有监控权限',
	'不在白名单列表中',
	'签名错误',
	'系统未知错误，请联系技术客服',
	'already exists',
];

test.each(ASSIGNED)('%s: assigned already', (msg) => {
	expect(saysAlreadySo('assign', msg)).toBe(true);
	expect(saysAlreadySo('unassign', msg)).toBe(false);
});

test.each(UNASSIGNED)('%s: not assigned, as wished', (msg) => {
	expect(saysAlreadySo('unassign', msg)).toBe(true);
	expect(saysAlreadySo('assign', msg)).toBe(false);
});

test.each(REFUSED)('“%s”: says that of neither, or not as its whole meaning', (msg) => {
	const assign = saysAlreadySo('assign', msg);
	const unassign = msg === '未监控' ? false : saysAlreadySo('unassign', msg);
	expect({ assign, unassign }).toEqual({ assign: false, unassign: false });
});

test('no words say nothing', () => {
	expect(saysAlreadySo('assign', null)).toBe(false);
	expect(saysAlreadySo('unassign', null)).toBe(false);
});

test('whatever stands before, after or inside a sentence that says so and is no part of it makes it a refusal', () => {
	const foreign = fc.constantFrom(
		'数量',
		'上限',
		'权限',
		'其他',
		'不',
		'失败',
		'吗',
		'额度',
		'x',
		'1',
	);
	const action = fc.constantFrom('assign' as const, 'unassign' as const);
	const place = fc.double({ min: 0, max: 1, noNaN: true });
	fc.assert(
		fc.property(action, foreign, place, fc.nat(), (wished, word, where, n) => {
			const sentences = wished === 'assign' ? ASSIGNED : UNASSIGNED;
			const sentence = (sentences[n % sentences.length] ?? '').normalize('NFKC');
			// Inside quotation marks stands a name, and a clause may be 失败 alone.
			fc.pre(!/[“【]/.test(sentence) && !/失败|[,:。!]/.test(sentence));
			const at = Math.round(where * sentence.length);
			const changed = sentence.slice(0, at) + word + sentence.slice(at);
			expect([changed, saysAlreadySo(wished, changed)]).toEqual([changed, false]);
		}),
		{ numRuns: 5_000 },
	);
});
