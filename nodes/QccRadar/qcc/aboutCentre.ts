import { clausesOf, NAME, PREAMBLE, QUOTATION, THIS, whole } from './clauses';
import type { Shape } from './endpoints';

const NAMED = `(?:${NAME}|${QUOTATION}|\\d{5,})?`;
const LOGIN = '(?:登录名|登录账号|登录帐号|登录用户|用户名|用户|员工|手机号码?|loginName)';
/** 账号 may mean the company's own account with QCC: only that there is none is about a login name. */
const ACCOUNT = '(?:账号|账户|帐号)';
const COMPANY = '(?:关键字|关键词|公司名称?|企业名称?|公司|企业|keyWord)';

const MISSING = '(?:并)?(?:不存在|未找到|找不到|查不到|没有找到|未查到|查无结果)';
const NO_SUCH = `(?:不存在|未找到|找不到|查不到|没有找到|没有|无|查无|未查到)(?:${THIS}|指定|对应)?(?:的)?`;
const UNFIT = '(?:无效|有误|错误|不正确|格式错误|格式不正确|格式有误|不能为空|为空)';

const ABOUT: Readonly<Record<Shape, RegExp>> = {
	user: whole(
		`${THIS}?${LOGIN}${NAMED}(?:${MISSING}|${UNFIT}|未注册|未激活|(?:已|已经)?被?(?:禁用|停用|冻结)|已离职|已注销)`,
		`${THIS}?${ACCOUNT}${NAMED}(?:${MISSING})`,
		`${NO_SUCH}(?:${LOGIN}|${ACCOUNT})${NAMED}`,
	),
	company: whole(
		`${THIS}?${COMPANY}${NAMED}(?:${MISSING}|${UNFIT}|(?:已|已经)?被?(?:注销|吊销)|(?:不支持|无法|不能|不可)监控)`,
		`${NO_SUCH}${COMPANY}${NAMED}`,
		`(?:无效的|不支持的?)(?:查询)?${COMPANY}`,
	),
};

/**
 * Whether a refusal of a whole call is, as its whole meaning, about the one that the call is built
 * around: then halving its list cannot help. In doubt false: halving is slower, never wrong.
 */
export function isAboutCentre(shape: Shape, msg: string | null): boolean {
	const clauses = clausesOf(msg ?? '').filter((clause) => !PREAMBLE.test(clause));
	return clauses.length > 0 && clauses.every((clause) => ABOUT[shape].test(clause));
}

/** Whether some clause says what is wrong with the company or the user: `关键字不存在，已跳过`. */
export function namesAFault(msg: string | null): boolean {
	return clausesOf(msg ?? '').some(
		(clause) => ABOUT.company.test(clause) || ABOUT.user.test(clause),
	);
}
