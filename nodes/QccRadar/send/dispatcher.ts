import type { UrlLimit } from '../account/urlLimit';
import type { AccountWindow, Ending, Slot } from '../account/window';
import type { Star } from '../plan/planCalls';
import type { Grouping } from '../read/request';
import { callUrl, SAFE_URL_BYTES } from '../qcc/endpoints';
import type { Reply } from '../qcc/exchange';
import { classify, type Verdict } from '../qcc/verdict';
import { paced, type Timing } from '../timing';
import { Consequences } from './consequences';
import { Queue } from './queue';
import { isWaitedFor, nameOf, runsOf, type Call, type Run } from './run';

/** The account that calls are sent for. */
export interface Sender {
	readonly baseUrl: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	readonly window: AccountWindow;
	readonly urlLimit: UrlLimit;
	readonly timing: Timing;
}

/**
 * Sends what the executions of an account ask for, in calls that they share.
 *
 * A place in the account's window is asked for while there is something to send, and a call is cut once
 * it is had: nobody waits for company. Each execution answers for its own rows.
 */
export class Dispatcher {
	private readonly queue: Queue;
	private readonly consequences: Consequences;
	/** Ends the wait for a place. */
	private asking: AbortController | null = null;

	constructor(private readonly sender: Sender) {
		const { baseUrl, keyBytes, timing } = sender;
		this.queue = new Queue(
			(action, shape, centre) => callUrl(baseUrl, action, shape, centre, []).length + keyBytes,
		);
		this.consequences = new Consequences(this.queue, timing);
	}

	/** No execution is left: nothing would be lost with this dispatcher. */
	get isIdle(): boolean {
		return this.queue.isEmpty;
	}

	/** Sends a run's pairs, as its plan has them, until each has an outcome. Nothing is thrown. */
	async send(run: Run, stars: readonly Star[], grouping: Grouping): Promise<void> {
		const { cancel } = run.settings;
		const end = () => {
			this.consequences.cancel(run);
			this.ask();
		};
		await paced(this.queue.add(run, stars, grouping), this.sender.timing);
		cancel?.addEventListener('abort', end, { once: true });
		if (cancel?.aborted) end();
		else this.ask();
		await run.finished;
		cancel?.removeEventListener('abort', end);
		this.queue.leave(run);
		if (this.queue.isEmpty) this.asking?.abort();
	}

	/** Asks for one place at a time: with each that is had, the next is asked for. */
	private ask(): void {
		this.consequences.judgeParked();
		if (this.asking || !this.queue.hasWork) return;
		const asking = new AbortController();
		this.asking = asking;
		void this.sender.window.acquire(asking.signal).then((slot) => {
			this.asking = null;
			if (slot) this.fill(slot);
			this.ask();
		});
	}

	private fill(slot: Slot): void {
		const { urlLimit } = this.sender;
		const target = urlLimit.next();
		const call = this.queue.take(target);
		if (call) {
			void this.attempt(call, slot, target);
			return;
		}
		urlLimit.lost(target);
		slot.release({ kind: 'lost', retryAfter: null });
	}

	private async attempt(call: Call, slot: Slot, target: number): Promise<void> {
		const { baseUrl, keyBytes } = this.sender;
		const { action, shape, centre } = call.group;
		const names = call.rows.map((row) => nameOf(row, shape));
		const url = callUrl(baseUrl, action, shape, centre, names);
		const bytes = url.length + keyBytes;
		const runs = runsOf(call.rows);

		this.depart(call, runs);
		const reply = await this.exchange(call, runs, url);
		const verdict = classify(reply);
		this.arrive(call, runs);
		slot.release(endingOf(reply, verdict));
		this.learn(target, bytes, reply, verdict);

		await this.consequences.follow(call, { names, bytes, verdict });
		this.ask();
	}

	private depart(call: Call, runs: readonly Run[]): void {
		const now = this.sender.timing.now();
		call.inFlight = true;
		call.end = new AbortController();
		for (const run of runs) {
			run.inFlight += 1;
			run.calls += 1;
		}
		for (const row of call.rows) {
			row.call = call;
			for (const asker of row.askers) asker.since ??= now;
		}
	}

	private arrive(call: Call, runs: readonly Run[]): void {
		call.inFlight = false;
		for (const run of runs) run.inFlight -= 1;
		this.queue.arrived(call);
	}

	/** Sends by the means of the first run, for as long as the most patient of them waits. */
	private async exchange(call: Call, runs: readonly Run[], url: string): Promise<Reply> {
		const [first] = runs;
		if (!first || !call.end) throw new TypeError('Nobody waits for this call');
		const longest = Math.max(...runs.map(({ settings }) => settings.timeout));
		const { settings } = first;
		const hasty = runs.filter((run) => run.settings.timeout < longest);
		const over = new AbortController();
		for (const run of hasty) void this.takeOut(call, run, over.signal);
		const reply = await settings.exchange(url, call.group.shape, longest, call.end.signal);
		if (hasty.length > 0) over.abort();
		return reply;
	}

	/** A run that waits less long than others in a call goes on by itself, as after any time-out. */
	private async takeOut(call: Call, run: Run, over: AbortSignal): Promise<void> {
		await this.sender.timing.sleep(run.settings.timeout, over);
		const own = over.aborted ? null : this.queue.detach(call, run);
		if (!own) return;
		if (!call.rows.some(isWaitedFor)) call.end?.abort();
		const verdict = classify({ kind: 'timeout' });
		await this.consequences.follow(own, {
			names: [],
			bytes: 0,
			verdict,
		});
		this.ask();
	}

	private learn(target: number, bytes: number, reply: Reply, verdict: Verdict): void {
		const { urlLimit } = this.sender;
		if (reply.kind === 'answer') urlLimit.pass(target, bytes);
		else if (verdict.kind === 'tooLong' && bytes >= SAFE_URL_BYTES) urlLimit.fail(target, bytes);
		else urlLimit.lost(target);
	}
}

function endingOf(reply: Reply, verdict: Verdict): Ending {
	if (verdict.kind === 'throttled') return verdict;
	const retryAfter = verdict.kind === 'retry' ? verdict.retryAfter : null;
	return reply.kind === 'answer' && retryAfter === null
		? { kind: 'answered' }
		: { kind: 'lost', retryAfter };
}
