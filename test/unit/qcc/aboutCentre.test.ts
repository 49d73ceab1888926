import { isAboutCentre } from '../../../nodes/QccRadar/qcc/aboutCentre';

const ABOUT_USER = [
	'登录名不存在',
	'登录名不存在。',
	'该登录名不存在',
	'该用户不存在',
	'用户不存在！',
	'员工不存在',
	'手机号不存在',
	'手机号码格式错误',
	'账号不存在',
	'该账号不存在',
	'登录名13800138000不存在',
	'用户【13800138000】不存在',
	'登录名无效',
	'登录名有误',
	'登录名不能为空',
	'用户未注册',
	'该用户已被禁用',
	'该员工已离职',
	'未找到该用户',
	'查无此用户',
	'找不到对应的用户',
	'操作失败：登录名不存在',
	'登录名不存在或用户未注册',
];

const ABOUT_COMPANY = [
	'关键字不存在',
	'公司不存在',
	'该公司不存在',
	'该企业不存在',
	'企业不存在。',
	'公司名称不存在',
	'关键字无效',
	'关键字有误',
	'未找到该公司',
	'查无此企业',
	'该公司已注销',
	'公司“测试不存在”不存在',
	'不支持的查询关键字',
	'添加失败：关键字不存在',
	'公司不存在或公司已注销',
];

const ABOUT_NEITHER = [
	'',
	'失败',
	'状态描述',
	'接口相关的逻辑错误',
	'公司监控数量已达上限',
	'企业额度不足',
	'该公司未购买此服务',
	'贵公司账号已过期',
	'您的企业未开通接口',
	'企业查询参数错误，请检查',
	'部分企业不存在',
	'部分用户不存在',
	'公司列表中有不存在的公司',
	'登录名列表中存在无效用户',
	'登录名不存在或公司不存在',
	'登录名或关键字不存在',
	'用户与公司不存在关联',
	'用户权限不足',
	'用户未开通权限',
	'账号已过期',
	'账号无效',
	'账户余额不足',
	'关键字数量超过上限',
	'关键字重复',
	'公司key不存在',
	'loginNameList 不能为空',
	'keyWordList 无效',
	'手机号数量超过上限',
	'关键字不存在，请联系管理员',
	'当前用户不存在',
	'当前用户已被禁用',
	'当前账号不存在',
	'当前公司不存在',
	'本公司已注销',
];

test.each(ABOUT_USER)('%s: about the user of a call around one', (msg) => {
	expect(isAboutCentre('user', msg)).toBe(true);
	expect(isAboutCentre('company', msg)).toBe(false);
});

test.each(ABOUT_COMPANY)('%s: about the company of a call around one', (msg) => {
	expect(isAboutCentre('company', msg)).toBe(true);
	expect(isAboutCentre('user', msg)).toBe(false);
});

test.each([...ABOUT_NEITHER, null])('%s: not about the centre and nothing else', (msg) => {
	expect([isAboutCentre('user', msg), isAboutCentre('company', msg)]).toEqual([false, false]);
});
