import type { Action, Shape } from '../qcc/endpoints';
import type { Reply } from '../qcc/exchange';
import type { Reason } from '../qcc/verdict';
import type { Star } from '../plan/planCalls';
import type { PairTable } from '../read/pairs';
import type { Failure, PairOutcome, SendResult } from './outcome';

/** Who is told what becomes of a row. */
export interface Asker {
	readonly run: Run;
	/** The pair's number in the run's own table. */
	readonly pair: number;
	/** When the row was first sent for this asker, by the clock; null before. */
	since: number | null;
}

/** One pair on its way to QCC, for everybody who asked for it. Without askers it is not sent. */
export interface Row {
	readonly action: Action;
	readonly loginName: string;
	readonly company: string;
	/** What it travels around by its plan. */
	shape: Shape;
	askers: readonly Asker[];
	/** An attempt may have taken effect without an answer: a later refusal proves nothing. */
	doubtful: boolean;
	/** Why its last attempt failed. */
	last: Reason | null;
	/** The call that it was last sent with. */
	call: Call | null;
	/** Rows of the same pair, with the opposite action, that it waits for. */
	behind: number;
	/** The row that waits for this one. */
	next: Row | null;
	/** It may yet travel around its other centre instead. */
	movable: boolean;
}

export const NOBODY: readonly Asker[] = [];

/** All that is on its way around one centre, whoever asked for it. */
export interface Group {
	readonly action: Action;
	readonly shape: Shape;
	readonly centre: string;
	/** Rows in no call yet that are to travel around this centre. */
	readonly lists: Map<Run, RowList>;
	/** Lists of one row that are to travel around another centre, and may around this one. */
	readonly guests: Set<RowList>;
	/** Calls that are formed, in flight, or resting before they are sent again. */
	calls: number;
	/** QCC has answered rows around this centre one by one. */
	wentThrough: boolean;
	/** When it last did, by the clock. */
	wentThroughAt: number;
	/** Rows that were refused alone: who asked for each. */
	readonly refusedAlone: (readonly Asker[])[];
	/** Refused calls that wait until it is known whether their rows are the cause. */
	parked: Call[];
	/** It is known that nothing else tells: refused calls are halved to the end. */
	toTheEnd: boolean;
}

/** Rows refused alone around one centre before others are asked first. */
export const ENOUGH_ALONE = 20;

/**
 * So many rows around the centre were refused alone, with none answered one by one, that the centre may
 * be the cause: others' rows are to tell first.
 */
export function isEnoughAlone({ refusedAlone, wentThrough, toTheEnd }: Group): boolean {
	return refusedAlone.length >= ENOUGH_ALONE && !wentThrough && !toTheEnd;
}

/** A run's rows around one centre that are in no call yet. */
export interface RowList {
	readonly run: Run;
	readonly group: Group;
	/** Where its row may travel as well, being the only one. */
	readonly alternative: Group | null;
	readonly rows: readonly Row[];
	/** Rows before this place have been taken. */
	from: number;
}

/** Rows that travel together. */
export interface Call {
	readonly group: Group;
	readonly rows: readonly Row[];
	/** Attempts that may have reached QCC, of this very query. */
	sends: number;
	/** Attempts that failed in any way but by throttling. */
	failures: number;
	/** Half of a call that was refused for its rows. */
	readonly isHalf: boolean;
	/** How often the call whose rows they were was parted, executions from executions. */
	readonly parted: number;
	/** When it was first sent, by the clock. */
	since: number | null;
	inFlight: boolean;
	/** Ends the attempt under way, or the rest before the next. */
	end: AbortController | null;
}

export function nameOf(row: Row, shape: Shape): string {
	return shape === 'user' ? row.company : row.loginName;
}

export function centreOf(row: Row, shape: Shape): string {
	return shape === 'user' ? row.loginName : row.company;
}

/** The executions that wait for one of these rows. */
export function runsOf(rows: readonly Row[]): readonly Run[] {
	const runs = new Set<Run>();
	for (const { askers } of rows) for (const { run } of askers) runs.add(run);
	return [...runs];
}

export function isWaitedFor({ askers }: Row): boolean {
	return askers.length > 0;
}

/** Somebody waits for the row, or for what is to go after it. */
export function isNeeded(row: Row): boolean {
	for (let one: Row | null = row; one; one = one.next) if (isWaitedFor(one)) return true;
	return false;
}

/** Tells those who asked for a row what became of it: all of them, or those of one run. */
export function tell(row: Row, outcome: PairOutcome, only?: Run): void {
	const { askers } = row;
	row.askers = only === undefined ? NOBODY : askers.filter(({ run }) => run !== only);
	for (const { run, pair } of askers) {
		if (only === undefined || run === only) run.settle(pair, outcome);
	}
}

/** How one execution wants its rows sent. It binds these rows alone, and the calls they travel in. */
export interface RunSettings {
	/** Most rows in one call, by shape. */
	readonly rowsPerCall: Readonly<Record<Shape, number>>;
	/** Bytes a URL may have at most, as the user has set it; Infinity leaves it to be learned. */
	readonly maxUrlBytes: number;
	/** Calls with rows of this run in flight at once. */
	readonly maxConcurrency: number;
	/** Milliseconds that one attempt may take. */
	readonly timeout: number;
	/** Milliseconds that one row may go on being retried. */
	readonly retryFor: number;
	/** Ends the run. */
	readonly cancel: AbortSignal | undefined;
	/**
	 * One attempt at one call, with this execution's means, for whoever's rows are in it.
	 * @param timeout milliseconds
	 * @param signal ends it when nobody waits for it any more
	 */
	exchange(url: string, shape: Shape, timeout: number, signal: AbortSignal): Promise<Reply>;
	/** Its rows join no call that left before they were asked for. */
	readonly afresh: boolean;
	/** Told now and then how far a long run has come: counts, no names and no keys. */
	readonly log: (line: string) => void;
}

/** Calls that ended without an answer, one after the other, before a run is given up. */
export const MOST_LOST_IN_A_ROW = 3;

/** The pairs of one execution on their way, and what became of each. */
export class Run {
	readonly outcomes: PairOutcome[];
	/** Its plan, as far as no rows are made of it yet. The last goes first, after the lists. */
	stars: Star[] = [];
	/** A single row may travel around its other centre as well. */
	canMove = false;
	/** Rows that are in no call yet, by centre. The last goes first; others may be empty. */
	readonly lists: RowList[] = [];
	/** Pairs in these lists, and those that no row is made for yet. */
	waiting = 0;
	/** Calls of a certain make-up that wait to be sent: again, or in halves. The last goes first. */
	readonly formed: Call[] = [];
	/** The row of each pair that has no outcome yet. */
	readonly rows: (Row | undefined)[];
	/** Pairs that were rejected while nothing at all has gone through: it may prove not to be the rows. */
	readonly rejected: number[] = [];
	/** Calls with rows of this run in flight, or resting before they are sent again. */
	inFlight = 0;
	/** Calls that carried rows of this run. */
	calls = 0;
	/** QCC has answered rows of this run one by one. */
	wentThrough = false;
	failure: Failure | null = null;
	/** Why a call was last put back. */
	lastRefusal: Reason | null = null;

	private readonly refusals = new Map<number, number>();
	private lostInARow = 0;
	private left: number;
	private finish: (result: SendResult) => void = () => undefined;
	readonly finished: Promise<SendResult>;

	constructor(
		readonly action: Action,
		readonly pairs: PairTable,
		readonly settings: RunSettings,
	) {
		this.left = pairs.size;
		// In full at once: filled from the middle, as stars would, a list grows into a slow one.
		this.outcomes = new Array<PairOutcome>(pairs.size);
		this.rows = new Array<Row | undefined>(pairs.size);
		this.finished = new Promise((resolve) => {
			this.finish = resolve;
		});
		if (this.left === 0) this.end();
	}

	get isOver(): boolean {
		return this.left === 0;
	}

	/** Its pairs without an outcome. */
	get unanswered(): number {
		return this.left;
	}

	/** Nothing more of it is to be sent. */
	get isStopped(): boolean {
		return this.failure?.stopped === true || this.settings.cancel?.aborted === true;
	}

	/** How its pairs are to travel. */
	plan(stars: readonly Star[], canMove: boolean): void {
		this.stars = stars.toReversed();
		this.canMove = canMove;
		for (const { pairs } of stars) this.waiting += pairs.length;
	}

	/** No rows are made any more. */
	dropStars(): void {
		for (const { pairs } of this.stars.splice(0)) this.waiting -= pairs.length;
	}

	settle(pair: number, outcome: PairOutcome): void {
		const first = this.outcomes[pair] === undefined;
		this.outcomes[pair] = outcome;
		this.rows[pair] = undefined;
		if (!first) return;
		this.left -= 1;
		if (this.left === 0) this.end();
	}

	private end(): void {
		const { outcomes, failure, calls } = this;
		this.finish({ outcomes, failure, calls });
	}

	/** The first cause is the one to tell: what follows it is often its consequence. */
	fail(reason: Reason, stopped: boolean): void {
		if (this.failure === null || (stopped && !this.failure.stopped)) {
			this.failure = { reason, stopped };
		}
	}

	/** How far it has come, in a line for the log. */
	progress(): string {
		const { size } = this.pairs;
		const done = `${size - this.left} of ${size} rows answered`;
		const waits = this.lastRefusal ? `; last refusal: ${this.lastRefusal.what}` : '';
		return `QCC Radar: ${done}, ${this.calls} calls sent${waits}`;
	}

	/** QCC has answered a call of this run. */
	answered(): void {
		this.lostInARow = 0;
	}

	/** QCC has answered rows of this run one by one. */
	goesThrough(): void {
		this.wentThrough = true;
		this.answered();
	}

	/** A call was given up. @returns whether it is one too many */
	lost(): boolean {
		this.lostInARow += 1;
		return this.lostInARow >= MOST_LOST_IN_A_ROW;
	}

	/** A call was refused for its rows. @returns how many were with this code */
	refused(code: number): number {
		const count = (this.refusals.get(code) ?? 0) + 1;
		this.refusals.set(code, count);
		return count;
	}
}
