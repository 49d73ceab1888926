import { clausesOf, NAME, PREAMBLE, THIS, whole } from './clauses';
import type { Action } from './endpoints';

/** What QCC may call a company's being monitored for a user: 已…, or 未… */
const VERBS = ['监控', '关注', '分配', '添加', '关联'];

/** The shortest sentences that say so; each may name the company and the user. For the docs. */
export const SHORTEST: Readonly<Record<Action, readonly string[]>> = {
	assign: ['已存在', ...VERBS.map((verb) => `已${verb}`)],
	unassign: [...VERBS.map((verb) => `未${verb}`), '关联不存在'],
};

const VERB = `(?:${VERBS.join('|')})`;
const COMPANY = `(?:${THIS}?(?:公司|企业|关键字|客户)${NAME}?|${NAME})`;
const THIS_COMPANY = `(?:${THIS}(?:公司|企业|关键字|客户)${NAME}?|${NAME})`;
const PERSON = '(?:用户|员工|成员|人员|账号|账户|登录名|手机号)';
/** Whose monitoring is meant has to be said: 已分配给其他用户 is a refusal. */
const USER = `(?:(?:${THIS}|本|当前|您的)${PERSON}${NAME}?|您|你)`;
const WHO = `(?:${USER}|用户|员工)`;
/** What the document calls 关联数据. */
const RELATION = `${THIS}?(?:关联|监控|关注|分配)(?:关系|数据|记录|信息)?`;
const LIST = `(?:${USER}的?)?(?:监控|关注|分配)(?:列表|名单)(?:中|里|内)?`;

const ALREADY = '(?:已经|早已|都已|均已|已)';
const NOT_YET = '(?:(?:尚|还|并)?(?:未|没有|没)(?:曾)?)';

const ASSIGNED = whole(
	`(?:${COMPANY}|${RELATION})?${ALREADY}存在(?:于${LIST})?`,
	`${COMPANY}?${ALREADY}被?${VERB}过?了?`,
	`${COMPANY}?${ALREADY}被${USER}${VERB}过?了?`,
	`${COMPANY}?${ALREADY}(?:分配|添加|关联)(?:给|到|至|过给)${USER}(?:名下)?了?`,
	`${COMPANY}?${ALREADY}(?:在|加入|添加到|加入到)${LIST}了?`,
	`${WHO}${ALREADY}(?:监控|关注)过?了?(?:${THIS_COMPANY})?了?`,
	`${WHO}${ALREADY}(?:分配|添加|关联)过?了?${THIS_COMPANY}了?`,
	`${ALREADY}(?:监控|关注|分配|添加|关联)过?了?${THIS_COMPANY}了?`,
	`${COMPANY}?(?:请勿|不能|不可|不允许|无法|无需)?重复${VERB}(?:${THIS_COMPANY})?`,
);
/** 已监控，请勿重复添加: what follows from it. Nothing by itself. */
const ASSIGNED_SO = whole(
	`(?:请勿|请不要|无需|无须|不必|不用|不能|不可|不需要|无法)(?:再次|重复|再)(?:${VERB}|操作|提交|设置|保存)`,
);

const CANCELLED = `(?:取消|解除)(?:${VERB})`;
const UNASSIGNED = whole(
	`${COMPANY}?${NOT_YET}被?(?:监控|关注|分配|添加|关联)过?`,
	`${COMPANY}${NOT_YET}被${USER}${VERB}过?`,
	`${COMPANY}?${NOT_YET}(?:分配|添加|关联)(?:给|到|至)${USER}(?:名下)?`,
	`(?:${COMPANY})?(?:并)?(?:不|未|没有|没)在${LIST}`,
	`${WHO}${NOT_YET}(?:监控|关注)过?(?:${THIS_COMPANY})?`,
	`${WHO}${NOT_YET}(?:分配|添加|关联)过?${THIS_COMPANY}`,
	`${NOT_YET}(?:监控|关注|分配|添加|关联)过?${THIS_COMPANY}`,
	`${RELATION}(?:并)?不存在`,
	`(?:不存在|未找到|没有找到|找不到|没有|无)${THIS}?(?:关联|监控|关注|分配)(?:关系|数据|记录)`,
	`${COMPANY}?${ALREADY}被?${CANCELLED}过?了?`,
	`${WHO}${ALREADY}${CANCELLED}过?了?(?:${THIS_COMPANY})?`,
);
const UNASSIGNED_SO = whole(
	`(?:无需|无须|不必|不用|不需要|不能|不可|无法|请勿)(?:再次|重复|再)?(?:取消|删除|移除|解除|操作)(?:${VERB})?`,
);

const SAYS: Readonly<Record<Action, RegExp>> = { assign: ASSIGNED, unassign: UNASSIGNED };
const FOLLOWS: Readonly<Record<Action, RegExp>> = { assign: ASSIGNED_SO, unassign: UNASSIGNED_SO };

/**
 * Whether a refusal of a row says, as its whole meaning, that the wished state stands already. The
 * document is silent on whether QCC sends one; after a lost answer the repeated call must not turn a
 * row that stands into a failure. A sentence that merely holds such a word is a refusal (您已监控的
 * 企业数量已达上限), and so is whatever is not understood: in doubt, false.
 */
export function saysAlreadySo(action: Action, msg: string | null): boolean {
	const clauses = clausesOf(msg ?? '').filter((clause) => !PREAMBLE.test(clause));
	return (
		clauses.some((clause) => SAYS[action].test(clause)) &&
		clauses.every((clause) => SAYS[action].test(clause) || FOLLOWS[action].test(clause))
	);
}
