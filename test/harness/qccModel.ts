import type { Grouping } from '../../nodes/QccRadar/read/request';
import type { Action } from '../../nodes/QccRadar/qcc/endpoints';
import type { Reason } from '../../nodes/QccRadar/qcc/verdict';
import type { Star } from '../../nodes/QccRadar/plan/planCalls';
import type { PairTable } from '../../nodes/QccRadar/read/pairs';
import { sharedOutcome, type Failure, type PairOutcome } from '../../nodes/QccRadar/send/outcome';
import type { Sender } from '../../nodes/QccRadar/send/sender';

/** What QCC makes of a word. */
export interface Meaning {
	/** Of the company that it names, whether or not QCC still finds it by this word. */
	readonly keyNo: string;
	/** 关键字不存在. */
	readonly missing: boolean;
	/** New assignments are refused for what is no fault of the run, with the keyNo or without. */
	readonly refused: 'no' | 'told' | 'untold';
}

export interface World {
	readonly words: ReadonlyMap<string, Meaning>;
	readonly administrators: ReadonlySet<string>;
	/** Login names that do not exist. */
	readonly strangers: ReadonlySet<string>;
	/** A state that is so already is refused, as such. */
	readonly strict: boolean;
	/** What is refused for no fault of the run is refused where it stands, too. */
	readonly refusesStanding: boolean;
	/** User-centred answers tell keyNos. */
	readonly tells: boolean;
	/** Removals around a company say 取消关注 whoever's they are, as the example of 5.1.4 does. */
	readonly bluntWords: boolean;
}

/** What may befall a call. */
export type Trouble = 'none' | 'lostBefore' | 'lostAfter' | 'repeated' | 'leftOut' | 'stop';

export interface SentCall {
	readonly action: Action;
	readonly shape: 'user' | 'company';
	readonly pairs: readonly string[];
	readonly answered: boolean;
}

const LOST: Reason = { status: null, msg: null, what: 'lost', advice: '' };
const DEAD: Reason = { status: 112, msg: null, what: 'dead', advice: '' };

/** A small QCC: what it monitors, by `user keyNo`. */
export class QccModel {
	readonly monitored = new Set<string>();
	calls: SentCall[] = [];

	constructor(
		readonly world: World,
		private readonly random: () => number,
	) {}

	has(user: string, word: string): boolean {
		return this.monitored.has(`${user} ${this.meaning(word).keyNo}`);
	}

	meaning(word: string): Meaning {
		const meaning = this.world.words.get(word);
		if (!meaning) throw new Error(`No such word: ${word}`);
		return meaning;
	}

	/** Sends pairs in calls around users or companies; `trouble` is asked once for each call. */
	sender(trouble: () => Trouble): Pick<Sender, 'plan' | 'send'> {
		const plan: Sender['plan'] = (batch) =>
			Promise.resolve({ ...batch, stars: this.cut(batch.pairs, batch.grouping) });
		const send: Sender['send'] = ({ action, pairs: table, stars }) => {
			const outcomes: PairOutcome[] = [];
			let failure: Failure | null = null;
			for (const { shape, pairs } of stars) {
				if (failure?.stopped) {
					for (const pair of pairs) outcomes[pair] = sharedOutcome('notSent', DEAD);
					continue;
				}
				const what = trouble();
				const answers = this.call(action, table, pairs, shape, what);
				this.calls.push({
					action,
					shape,
					pairs: pairs.map((pair) => `${table.loginName(pair)} ${table.company(pair)}`),
					answered: answers.every(({ outcome }) => outcome === 'ok' || outcome === 'rejected'),
				});
				pairs.forEach((pair, i) => {
					const answer = answers[i];
					if (answer) outcomes[pair] = answer;
				});
				if (what === 'stop') failure = { reason: DEAD, stopped: true };
				if (what === 'lostBefore' || what === 'lostAfter') {
					failure ??= { reason: LOST, stopped: false };
				}
			}
			return Promise.resolve({ outcomes, failure, calls: this.calls.length });
		};
		return { plan, send };
	}

	private cut(table: PairTable, grouping: Grouping): Star[] {
		const calls = new Map<string, Star & { readonly pairs: number[] }>();
		const most = 1 + Math.floor(this.random() * 4);
		for (let pair = 0; pair < table.size; pair++) {
			const shape = grouping === 'fewest' ? (this.random() < 0.5 ? 'user' : 'company') : grouping;
			const centre = shape === 'user' ? table.loginName(pair) : table.company(pair);
			for (let part = 0; ; part++) {
				const key = `${shape} ${centre} ${part}`;
				const call = calls.get(key) ?? { shape, centre, pairs: [] };
				if (call.pairs.length >= most) continue;
				call.pairs.push(pair);
				calls.set(key, call);
				break;
			}
		}
		return [...calls.values()];
	}

	private call(
		action: Action,
		table: PairTable,
		pairs: readonly number[],
		shape: 'user' | 'company',
		trouble: Trouble,
	): PairOutcome[] {
		if (trouble === 'stop') return pairs.map(() => sharedOutcome('notSent', DEAD));
		if (trouble === 'lostBefore') return pairs.map(() => sharedOutcome('unknown', LOST));
		const answer = () =>
			pairs.map((pair) => this.row(action, table.loginName(pair), table.company(pair), shape));
		if (trouble === 'repeated') answer();
		const rows = answer();
		return rows.map((row) => {
			if (trouble === 'lostAfter') return sharedOutcome('unknown', LOST);
			if (trouble === 'leftOut' && this.random() < 0.5) return sharedOutcome('unknown', LOST);
			// A refusal after an answer that was lost proves nothing.
			return trouble === 'repeated' && row.outcome === 'rejected'
				? { ...row, outcome: 'unknown' }
				: row;
		});
	}

	private row(action: Action, user: string, word: string, shape: 'user' | 'company'): PairOutcome {
		const { keyNo, missing, refused } = this.meaning(word);
		const told = shape === 'user' && this.world.tells ? keyNo : null;
		const rejected = (msg: string, withKeyNo: boolean): PairOutcome => ({
			outcome: 'rejected',
			status: 500,
			msg,
			keyNo: withKeyNo ? told : null,
			reason: null,
			around: shape,
		});
		const ok = (msg: string): PairOutcome => ({
			outcome: 'ok',
			status: 200,
			msg,
			keyNo: told,
			reason: null,
		});
		if (missing) return rejected('关键字不存在', false);
		if (this.world.strangers.has(user)) return rejected('登录名不存在', false);
		const link = `${user} ${keyNo}`;
		const stands = this.monitored.has(link);
		if (action === 'assign') {
			const isRefused = refused !== 'no' && (!stands || this.world.refusesStanding);
			if (isRefused) return rejected('监控数量已达上限', refused === 'told');
			if (stands) return ok(this.world.strict ? '该公司已监控' : '保存成功');
			this.monitored.add(link);
			return ok('保存成功');
		}
		if (this.world.strict && !stands) return ok('未监控该公司');
		if (!this.world.administrators.has(user)) {
			this.monitored.delete(link);
			return ok(this.world.bluntWords && shape === 'company' ? '取消关注成功' : '删除成功');
		}
		for (const one of this.monitored) if (one.endsWith(` ${keyNo}`)) this.monitored.delete(one);
		return ok('取消关注成功');
	}
}
