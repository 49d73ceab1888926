/** What stands in quotation marks or brackets. */
const QUOTED =
	/"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|【[^】]*】|《[^》]*》|\[[^\]]*\]/gu;

/** Stands for a quoted company, code or number in a clause: a character that no message holds. */
export const NAME = '\uE000';
/** Stands for what else is quoted: `【监控权限】`. */
export const QUOTATION = '\uE001';

/** As a company, a credit code or a phone number looks. */
const LOOKS_LIKE_NAME =
	/^(?:.*(?:公司|集团|厂|店|商行|银行|合作社|事务所|研究所|研究院|医院|学校|大学|协会|经营部|工作室|合伙(?:企业)?\)?)|[0-9A-Z]{15,18}|\d{5,})$/u;
/** What QCC calls its functions: made of such words alone it names none. */
const FUNCTION =
	/^(?:企业|公司|集团|合作社|协会|客户|用户|员工|批量|新增|添加|监控|关注|分配|关联|删除|移除|取消|解除|查询|风险|管理|接口|权限|功能|模块|服务|套餐|数据|列表)+$/u;
const SOME_OTHER = /其他|其它|别的|另一|他人/u;

function standIn(quoted: string): string {
	const within = quoted.slice(1, -1).trim();
	const isName = LOOKS_LIKE_NAME.test(within) && !FUNCTION.test(within) && !SOME_OTHER.test(within);
	return isName ? NAME : QUOTATION;
}

const CLAUSE_ENDS = /[,;:.!()。、…~]|或者|或|并且|而且|且|所以|因此|故/u;

/**
 * What a message says, clause by clause, so that each can be held against a pattern as a whole:
 * full width folded (NFKC), white space and punctuation taken out, a quoted name made `NAME`, any other
 * quotation `QUOTATION`.
 */
export function clausesOf(msg: string): string[] {
	return msg
		.normalize('NFKC')
		.replace(QUOTED, standIn)
		.replace(/\s+/gu, '')
		.split(CLAUSE_ENDS)
		.filter((clause) => clause !== '');
}

/** Points at what the message is about: 本公司 and 当前用户 are whoever's account it is. */
export const THIS = '(?:该|此|这个|这家)';

/** Matches a clause from its first character to its last. */
export function whole(...patterns: string[]): RegExp {
	return new RegExp(`^(?:${patterns.join('|')})$`, 'u');
}

const DO =
	'(?:操作|保存|提交|处理|更新|设置|执行|请求|新增|添加|分配|监控|关注|关联|删除|移除|取消|解除)';
const OBJECT = '(?:公司|企业|关键字|客户|用户|员工|数据|记录|关系)';
/** `批量添加监控企业`, or no word at all. */
const WORK = `(?:批量)?${DO}{0,3}${OBJECT}?`;
const FAILED = `${WORK}失败`;

/** `操作失败：…` before the reason says nothing of the reason. */
export const PREAMBLE = whole(FAILED, '错误|提示|错误信息|失败原因|原因|原因是');

const SAYS_FAILED = whole(
	FAILED,
	`${WORK}(?:[未不]|未能)成功`,
	`(?:未能|无法|不能)${DO}{1,3}(?:该|此|这家)?${OBJECT}?`,
);
const SAYS_DONE = whole(`${WORK}成功`);

/** What a message says of the work itself: null for nothing, or for both. */
function saidOfTheWork(msg: string): 'done' | 'failed' | null {
	const clauses = clausesOf(msg);
	const done = clauses.some((clause) => SAYS_DONE.test(clause));
	const failed = clauses.some((clause) => SAYS_FAILED.test(clause));
	if (done === failed) return null;
	return done ? 'done' : 'failed';
}

/** `保存成功`. The glance before is for speed, here and below: every row has a message. */
export function saysDone(msg: string | null): boolean {
	return msg?.includes('成功') === true && saidOfTheWork(msg) === 'done';
}

/** `保存失败`, and nothing of a success beside it. */
export function saysFailed(msg: string | null): boolean {
	return (
		msg !== null && /失败|[未不]成功|未能|无法|不能/.test(msg) && saidOfTheWork(msg) === 'failed'
	);
}
