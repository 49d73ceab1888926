import { ENDPOINTS, type Action, type Shape } from '../../nodes/QccRadar/qcc/endpoints';
import type { Reply } from '../../nodes/QccRadar/qcc/exchange';
import type { Timing } from '../../nodes/QccRadar/timing';

/** One call as it came in. */
export interface FakeCall {
	/** From 1. */
	readonly n: number;
	readonly action: Action;
	readonly shape: Shape;
	readonly centre: string;
	readonly names: readonly string[];
	/** Bytes of its URL. */
	readonly bytes: number;
	/** Calls in flight when it came, itself included. */
	readonly inFlight: number;
	readonly at: number;
}

/** In place of an honest answer. `done`: the ledger is changed all the same. */
export interface FakeReply {
	readonly reply: Reply;
	readonly done?: boolean;
}

/**
 * QCC without sockets, on a clock that is passed in: a ledger of pairs behind the four endpoints,
 * for tests of the sender in virtual time.
 */
export class FakeQcc {
	readonly calls: FakeCall[] = [];
	readonly ledger = new Set<string>();
	/** Numbers of the calls that changed the ledger, or left it as it was wished. */
	readonly carriedOut = new Set<number>();
	/** In place of honest answers; undefined is honest. */
	fault: (call: FakeCall) => FakeReply | undefined = () => undefined;
	/** Told of each call when it comes, and when it is over. */
	watch: (call: FakeCall, event: 'comes' | 'ends') => void = () => undefined;
	/** Milliseconds that a call takes. */
	latencyOf: (call: FakeCall) => number;
	/** A call that is ended on this side is carried out all the same, when it would have been answered. */
	carriesOutWhatIsEnded = false;
	private inFlight = 0;

	constructor(
		private readonly timing: Timing,
		latency = 300,
	) {
		this.latencyOf = () => latency;
	}

	get mostInFlight(): number {
		return Math.max(0, ...this.calls.map((call) => call.inFlight));
	}

	readonly exchange = async (
		url: string,
		shape: Shape,
		timeout: number,
		signal: AbortSignal,
	): Promise<Reply> => {
		const { pathname, searchParams } = new URL(url);
		const { path, centre, list, echo } = ENDPOINTS[shape];
		const action = path.assign === pathname ? 'assign' : 'unassign';
		const listed = new RegExp(`[?&]${list}=([^&]*)`).exec(url)?.[1] ?? '';
		const names = listed.split(',').map(decodeURIComponent);
		this.inFlight += 1;
		const call: FakeCall = {
			n: this.calls.length + 1,
			action,
			shape,
			centre: searchParams.get(centre) ?? '',
			names,
			bytes: url.length,
			inFlight: this.inFlight,
			at: this.timing.now(),
		};
		this.calls.push(call);
		this.watch(call, 'comes');
		const fault = this.fault(call);
		const latency = this.latencyOf(call);
		await this.timing.sleep(Math.min(latency, timeout), signal);
		this.inFlight -= 1;
		this.watch(call, 'ends');
		if (signal.aborted) {
			const left = call.at + latency - this.timing.now();
			if (this.carriesOutWhatIsEnded) {
				void this.timing.sleep(left).then(() => {
					this.change(call);
				});
			}
			return { kind: 'cancelled' };
		}
		if (fault?.done !== false && !(fault && fault.done === undefined)) this.change(call);
		if (latency > timeout) return { kind: 'timeout' };
		if (fault) return fault.reply;
		const rows = names.map((name) => ({
			echo: name,
			status: 200,
			msg: action === 'assign' ? '保存成功' : '删除成功',
			keyNo: echo === 'keyWord' ? `no ${name}` : null,
		}));
		return { kind: 'answer', answer: { code: 200, msg: null, rows }, skew: null, retryAfter: null };
	};

	private change({ n, action, shape, centre, names }: FakeCall): void {
		this.carriedOut.add(n);
		for (const name of names) {
			const pair = shape === 'user' ? `${centre} ${name}` : `${name} ${centre}`;
			if (action === 'assign') this.ledger.add(pair);
			else this.ledger.delete(pair);
		}
	}
}
