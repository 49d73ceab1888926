import { UrlLimit } from '../../nodes/QccRadar/account/urlLimit';
import { AccountWindow } from '../../nodes/QccRadar/account/window';
import { planCalls } from '../../nodes/QccRadar/plan/planCalls';
import type { Action } from '../../nodes/QccRadar/qcc/endpoints';
import type { Reply } from '../../nodes/QccRadar/qcc/exchange';
import { PairTable } from '../../nodes/QccRadar/read/pairs';
import type { Grouping } from '../../nodes/QccRadar/read/request';
import { Dispatcher } from '../../nodes/QccRadar/send/dispatcher';
import type { SendResult } from '../../nodes/QccRadar/send/outcome';
import { Run, type RunSettings } from '../../nodes/QccRadar/send/run';
import { FakeQcc } from './fakeQcc';
import { finish } from './finish';
import { settingsOf } from './settings';
import { VirtualTime } from './virtualTime';

/** Milliseconds that a call takes. */
export const ROUND = 300;

export type Pairs = readonly (readonly [loginName: string, company: string])[];

export interface Execution {
	readonly pairs: Pairs;
	readonly action?: Action;
	readonly grouping?: Grouping;
	readonly settings?: Partial<RunSettings>;
}

export interface Done extends SendResult {
	/** When it was over. */
	readonly at: number;
}

/** Executions of one process that share a dispatcher, against a QCC of their own, in virtual time. */
export class Executions {
	readonly time = new VirtualTime();
	readonly qcc = new FakeQcc(this.time, ROUND);
	readonly dispatcher = new Dispatcher({
		baseUrl: 'https://pro.qcc.com',
		keyBytes: 20,
		window: new AccountWindow(this.time),
		urlLimit: new UrlLimit(),
		timing: this.time,
	});

	readonly execute = async ({
		pairs,
		action = 'assign',
		grouping = 'fewest',
		settings,
	}: Execution): Promise<Done> => {
		const table = new PairTable();
		for (const [loginName, company] of pairs) table.add(loginName, company);
		const full = settingsOf({ exchange: this.qcc.exchange, ...settings });
		const { rowsPerCall, maxUrlBytes: urlBytes } = full;
		const run = new Run(action, table, full);
		const stars = finish(planCalls(table, grouping, { rowsPerCall, urlBytes, urlBase: () => 100 }));
		await this.dispatcher.send(run, stars, grouping);
		return { ...(await run.finished), at: this.time.now() };
	};

	/** Executes some milliseconds from now. */
	readonly later = async (ms: number, execution: Execution): Promise<Done> => {
		await this.time.sleep(ms);
		return await this.execute(execution);
	};

	readonly alone = (execution: Execution): Promise<Done> => this.time.run(this.execute(execution));

	readonly together = (...executions: Execution[]): Promise<Done[]> =>
		this.time.run(Promise.all(executions.map(this.execute)));

	/** Aborted so many milliseconds from now. */
	readonly cancelled = (ms: number): AbortSignal => {
		const cancel = new AbortController();
		void this.time.sleep(ms).then(() => {
			cancel.abort();
		});
		return cancel.signal;
	};
}

export const code = (number: number, msg: string | null = null): Reply => ({
	kind: 'answer',
	answer: { code: number, msg, rows: null },
	skew: null,
	retryAfter: null,
});

export const page = (status: number): Reply => ({
	kind: 'http',
	status,
	html: true,
	retryAfter: null,
});

export const count = <T>(length: number, make: (i: number) => T): T[] =>
	Array.from({ length }, (_, i) => make(i));

export const words = ({ outcomes }: SendResult) => outcomes.map(({ outcome }) => outcome);

export const tally = (results: readonly SendResult[]) =>
	Object.fromEntries(
		['ok', 'rejected', 'unknown', 'notSent'].map((word) => [
			word,
			results.flatMap(words).filter((other) => other === word).length,
		]),
	);

export function lastOf(results: readonly Done[], place = 1): Done {
	const done = results.at(-place);
	if (!done) throw new Error('Too few results');
	return done;
}

export const rounds = (results: readonly Done[]) =>
	Math.max(...results.map(({ at }) => at)) / ROUND;

/** Five calls that hold all places, so that what comes later shares. */
export const BLOCK = count(5, (i): Execution => ({
	pairs: [[`13${i}`, `占${i}`]],
	grouping: 'user',
}));
