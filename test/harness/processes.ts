import { AccountWindow, type Ending } from '../../nodes/QccRadar/account/window';
import { MAX_CONCURRENCY } from '../../nodes/QccRadar/qcc/endpoints';
import { VirtualTime } from './virtualTime';

/** Milliseconds a call lasts, 250 to 350 of them. */
const LATENCY = 300;

/** What processes with calls of their own had from a server that takes five at once from all. */
export interface Shared {
	readonly answered: number;
	readonly refusedPerCall: number;
	/** Time taken, against all five places of the server filled all the time. */
	readonly wall: number;
	/** Of any one process. */
	readonly mostInFlight: number;
	/** Milliseconds from each process's coming to its first answer. */
	readonly untilFirst: readonly number[];
}

interface Processes {
	readonly processes: number;
	/** Calls of each. */
	readonly calls: number;
	/** Milliseconds after which the next process comes, one to two times as many for the second. */
	readonly apart?: number;
	readonly seed: number;
}

/** Processes that know nothing of each other, each with a window of its own, in virtual time. */
export async function share({ processes, calls, apart = 0, seed }: Processes): Promise<Shared> {
	const time = new VirtualTime(seed);
	const between = (least: number, most: number) => least + (most - least) * time.random();
	let working = 0;
	let refused = 0;
	let answered = 0;
	let mostInFlight = 0;

	async function call(): Promise<Ending> {
		if (working >= MAX_CONCURRENCY) {
			refused += 1;
			await time.sleep(between(3, 8));
			return { kind: 'throttled', retryAfter: null };
		}
		working += 1;
		await time.sleep(between(LATENCY - 50, LATENCY + 50));
		working -= 1;
		answered += 1;
		return { kind: 'answered' };
	}

	/** @returns milliseconds until its first answer */
	async function work(place: number): Promise<number> {
		if (place > 0) await time.sleep(apart * (place + time.random()));
		const since = time.now();
		const window = new AccountWindow(time);
		let first = Infinity;
		let left = calls;
		let inFlight = 0;
		const worker = async () => {
			while (left > 0) {
				const slot = await window.acquire();
				if (left === 0) {
					slot?.release({ kind: 'lost', retryAfter: null });
					return;
				}
				left -= 1;
				inFlight += 1;
				mostInFlight = Math.max(mostInFlight, inFlight);
				const ending = await call();
				inFlight -= 1;
				if (ending.kind === 'answered') first = Math.min(first, time.now() - since);
				else left += 1;
				slot?.release(ending);
			}
		};
		await Promise.all(Array.from({ length: MAX_CONCURRENCY }, worker));
		return first;
	}

	const places = Array.from({ length: processes }, (_, place) => place);
	const untilFirst = await time.run(Promise.all(places.map(work)));
	const all = processes * calls;
	return {
		answered,
		refusedPerCall: refused / all,
		wall: time.now() / ((all * LATENCY) / MAX_CONCURRENCY),
		mostInFlight,
		untilFirst,
	};
}
