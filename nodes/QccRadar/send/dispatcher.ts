import { urlBase } from '../account/account';
import type { UrlLimit } from '../account/urlLimit';
import type { AccountWindow, Ending, Slot } from '../account/window';
import type { Star } from '../plan/planCalls';
import type { Grouping } from '../read/request';
import { callUrl, SAFE_URL_BYTES } from '../qcc/endpoints';
import type { Reply } from '../qcc/exchange';
import { classify, type Verdict } from '../qcc/verdict';
import type { Timing } from '../timing';
import { Consequences } from './consequences';
import { Queue } from './queue';
import { isNeeded, nameOf, runsOf, type Call, type Run } from './run';

/** The account that calls are sent for, and what is known of it. */
export interface Line {
	readonly baseUrl: string;
	/** Bytes that the credential's `key` parameter adds to a URL. */
	readonly keyBytes: number;
	readonly window: AccountWindow;
	readonly urlLimit: UrlLimit;
	readonly timing: Timing;
}

/** An attempt under way. */
interface Flight {
	/** The runs that it is a call in flight of. */
	readonly runs: Set<Run>;
	/** When it is given up, by the clock. */
	readonly deadline: number;
	/** Aborted when it is over. */
	readonly over: AbortController;
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
	private readonly flights = new Map<Call, Flight>();
	/** Ends the wait for a place. */
	private asking: AbortController | null = null;

	constructor(private readonly line: Line) {
		this.queue = new Queue((action, shape, centre) => urlBase(line, action, shape, centre));
		this.consequences = new Consequences(this.queue, line.timing);
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
		for (const call of this.queue.add(run, stars, grouping))
			this.board(call, [run], run.settings.timeout);
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
		void this.line.window.acquire(asking.signal).then((slot) => {
			this.asking = null;
			if (slot) this.fill(slot);
			this.ask();
		});
	}

	private fill(slot: Slot): void {
		const { urlLimit } = this.line;
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
		const { baseUrl, keyBytes } = this.line;
		const { action, shape, centre } = call.group;
		const names = call.rows.map((row) => nameOf(row, shape));
		const url = callUrl(baseUrl, action, shape, centre, names);
		const bytes = url.length + keyBytes;

		const reply = await this.exchange(call, url);
		const verdict = classify(reply);
		this.arrive(call);
		slot.release(endingOf(reply, verdict));
		this.learn(target, bytes, reply, verdict);

		await this.consequences.follow(call, { names, bytes, verdict });
		this.ask();
	}

	/** Sends by the means of the first run, for as long as the most patient of them waits. */
	private async exchange(call: Call, url: string): Promise<Reply> {
		const runs = runsOf(call.rows);
		const [first] = runs;
		if (!first) throw new TypeError('Nobody waits for this call');
		const longest = Math.max(...runs.map(({ settings }) => settings.timeout));
		const end = new AbortController();
		call.inFlight = true;
		call.end = end;
		call.since ??= this.line.timing.now();
		for (const row of call.rows) row.call = call;
		const deadline = this.line.timing.now() + longest;
		this.flights.set(call, { runs: new Set(), deadline, over: new AbortController() });
		for (const [timeout, alike] of byTimeout(runs)) this.board(call, alike, timeout);
		return await first.settings.exchange(url, call.group.shape, longest, end.signal);
	}

	/** Runs board a call that is in flight, for as long as they wait for one. */
	private board(call: Call, runs: readonly Run[], timeout: number): void {
		const flight = this.flights.get(call);
		if (!flight) return;
		const now = this.line.timing.now();
		for (const run of runs) {
			flight.runs.add(run);
			run.inFlight += 1;
			run.calls += 1;
		}
		for (const { askers } of call.rows) {
			for (const asker of askers) if (flight.runs.has(asker.run)) asker.since ??= now;
		}
		if (now + timeout < flight.deadline) void this.takeOut(call, flight, new Set(runs), timeout);
	}

	/** Runs that wait less long than others in a call go on by themselves, as after any time-out. */
	private async takeOut(
		call: Call,
		{ runs: all, over }: Flight,
		runs: ReadonlySet<Run>,
		timeout: number,
	): Promise<void> {
		await this.line.timing.sleep(timeout, over.signal);
		if (over.signal.aborted) return;
		for (const run of runs) if (all.delete(run)) run.inFlight -= 1;
		const own = this.queue.detach(call, runs);
		if (!call.rows.some(isNeeded)) call.end?.abort();
		if (own) {
			const verdict = classify({ kind: 'timeout' });
			await this.consequences.follow(own, { names: [], bytes: 0, verdict });
		}
		this.ask();
	}

	private arrive(call: Call): void {
		const flight = this.flights.get(call);
		call.inFlight = false;
		this.flights.delete(call);
		flight?.over.abort();
		for (const run of flight?.runs ?? []) run.inFlight -= 1;
		this.queue.arrived(call);
	}

	private learn(target: number, bytes: number, reply: Reply, verdict: Verdict): void {
		const { urlLimit } = this.line;
		if (reply.kind === 'answer') urlLimit.pass(target, bytes);
		else if (verdict.kind !== 'tooLong') urlLimit.lost(target);
		else if (bytes < SAFE_URL_BYTES) urlLimit.wrongAddress(target);
		else urlLimit.fail(target, bytes);
	}
}

function byTimeout(runs: readonly Run[]): ReadonlyMap<number, readonly Run[]> {
	const groups = new Map<number, Run[]>();
	for (const run of runs) {
		const { timeout } = run.settings;
		groups.set(timeout, [...(groups.get(timeout) ?? []), run]);
	}
	return groups;
}

function endingOf(reply: Reply, verdict: Verdict): Ending {
	if (verdict.kind === 'throttled') return verdict;
	const retryAfter = verdict.kind === 'retry' ? verdict.retryAfter : null;
	return reply.kind === 'answer' && retryAfter === null
		? { kind: 'answered' }
		: { kind: 'lost', retryAfter };
}
