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

/** `操作失败：…` before the reason says nothing of the reason. */
export const PREAMBLE = whole(
	'(?:操作|保存|新增|添加|分配|监控|关注|关联|删除|移除|取消|取消关注|取消监控)?失败',
	'错误|提示|错误信息|失败原因|原因|原因是',
);
