/** A name in quotation marks or brackets: whatever it holds, it says nothing of its own. */
const QUOTED =
	/"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|【[^】]*】|《[^》]*》|\[[^\]]*\]/gu;

/** Stands for a quoted name in a clause: a character that no message holds. */
export const NAME = '\uE000';

const CLAUSE_ENDS = /[,;:.!。、…~]|或者|或|并且|而且|且|所以|因此|故/u;

/**
 * What a message says, clause by clause, so that each can be held against a pattern as a whole:
 * full width folded (NFKC), white space and punctuation taken out, a quoted name made `NAME`.
 */
export function clausesOf(msg: string): string[] {
	return msg
		.normalize('NFKC')
		.replace(QUOTED, NAME)
		.replace(/\s+/gu, '')
		.split(CLAUSE_ENDS)
		.filter((clause) => clause !== '');
}

/** Matches a clause from its first character to its last. */
export function whole(...patterns: string[]): RegExp {
	return new RegExp(`^(?:${patterns.join('|')})$`, 'u');
}

const WORK =
	'(?:操作|保存|新增|添加|分配|监控|关注|关联|删除|移除|取消|取消分配|取消关联|取消关注|取消监控)?';
const FAILED = `${WORK}失败`;

/** `操作失败：…` before the reason says nothing of the reason. */
export const PREAMBLE = whole(FAILED, '错误|提示|错误信息|失败原因|原因|原因是');

const SAYS_FAILED = whole(FAILED, `${WORK}[未不]成功`);
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
	return msg !== null && /失败|[未不]成功/.test(msg) && saidOfTheWork(msg) === 'failed';
}
