import { namesAFault } from '../qcc/aboutCentre';
import type { AnswerRow } from '../qcc/answer';
import { saysAlreadySo } from '../qcc/alreadySo';
import { saysDone, saysFailed } from '../qcc/clauses';
import { CODES, SUCCESS } from '../qcc/codes';
import type { Action, Shape } from '../qcc/endpoints';
import { ofCode, RUN_AGAIN, type Reason } from '../qcc/verdict';

/** How much is known of a pair after the run (README: "What became of a row"). */
export type OutcomeWord = 'ok' | 'rejected' | 'unknown' | 'notSent';

/** What became of one pair. */
export interface PairOutcome {
	readonly outcome: OutcomeWord;
	/** QCC's status for the row, else the code or HTTP status its call was answered with. */
	readonly status: number | null;
	/** QCC's words for the row. */
	readonly msg: string | null;
	readonly keyNo: string | null;
	/** Why, where QCC did not answer the row by itself. */
	readonly reason: Reason | null;
	/** Of a rejection: what its call was around. Around a user QCC would have told the keyNo. */
	readonly around?: Shape;
}

/** What kept rows from being answered, as far as it is a fault of the run and not of a row. */
export interface Failure {
	readonly reason: Reason;
	/** The run was cut short: calls that had not started were not sent. */
	readonly stopped: boolean;
}

/** The result of sending: an outcome for each pair, by its number. */
export interface SendResult {
	readonly outcomes: readonly PairOutcome[];
	readonly failure: Failure | null;
	/** Calls that carried rows of these pairs. */
	readonly calls: number;
}

/** What a row shares with its whole call, where QCC did not answer the row by itself. */
export function sharedOutcome(outcome: OutcomeWord, reason: Reason): PairOutcome {
	return { outcome, status: reason.status, msg: null, keyNo: null, reason };
}

/** The outcomes of pairs of which none was sent. */
export function noneSent(pairs: number, reason: Reason): PairOutcome[] {
	const outcome = sharedOutcome('notSent', reason);
	return Array.from({ length: pairs }, () => outcome);
}

const LEFT_OUT: Reason = {
	status: SUCCESS,
	msg: null,
	what: 'QCC’s answer says nothing clear about this row',
	advice: RUN_AGAIN,
};

/** What QCC says of a row that is done (sections 5.1.1 to 5.1.4). For speed: every row has a message. */
const CONFIRMATIONS = new Set<string | null>([null, '保存成功', '删除成功', '取消关注成功']);

/** Whether the words deny, as their whole meaning, what the status confirms. */
function isDenied(action: Action, msg: string | null): boolean {
	if (CONFIRMATIONS.has(msg) || saysDone(msg)) return false;
	const opposite = action === 'assign' ? 'unassign' : 'assign';
	return saysFailed(msg) || saysAlreadySo(opposite, msg) || namesAFault(msg);
}

/**
 * What QCC's answer says of a row.
 * @param row null where it says nothing clear of it
 * @param call what it was asked, and around whom
 * @param doubtful an earlier attempt may have taken effect: a refusal then proves nothing
 */
export function outcomeOf(
	row: AnswerRow | null,
	{ action, shape }: { readonly action: Action; readonly shape: Shape },
	doubtful: boolean,
): PairOutcome {
	if (!row) return { outcome: 'unknown', status: null, msg: null, keyNo: null, reason: LEFT_OUT };
	const { status, msg, keyNo } = row;
	const said = { status, msg, keyNo };
	const confirmed = status === SUCCESS && !isDenied(action, msg);
	if (confirmed || saysAlreadySo(action, msg)) return { outcome: 'ok', ...said, reason: null };
	// Where status and words contradict each other, nothing is confirmed and nothing refused.
	if (status === SUCCESS || saysDone(msg)) return { outcome: 'unknown', ...said, reason: LEFT_OUT };
	// 等待处理中, or no quota in the middle of a call: that is not the row's fault, and it may yet stand.
	const known = CODES[status ?? SUCCESS];
	if (known && known.treatment !== 'badRow') {
		return { outcome: 'unknown', ...said, reason: ofCode(known, { code: status ?? SUCCESS, msg }) };
	}
	if (doubtful) return { outcome: 'unknown', ...said, reason: null };
	return { outcome: 'rejected', ...said, reason: null, around: shape };
}
