import { SAFE_URL_BYTES } from '../qcc/endpoints';

/** The gap between what passes and what fails is closed until one is within this factor of the other. */
const CLOSE_ENOUGH = 1.1;
/** Calls that pass before a longer URL than the limit is tried: at most one refused call in so many. */
const CALLS_BETWEEN_DOUBTS = 50;
/** How much longer, in turn. A limit may have been lifted, raised, or raised by little. */
const DOUBTS = [Infinity, 2, 1.25];

/**
 * How long a URL the server takes, learned from what passed and what failed: the document names no
 * limit, and the ones in use (4, 8, 16 kB) belong to web servers and proxies on the way.
 * Lengths are bytes of the whole URL.
 *
 * A page that only passed by looks like a limit. Where URLs as long have passed before, it takes two
 * refusals with no such URL passing between them; elsewhere one is enough, and the limit is doubted
 * again now and then.
 */
export class UrlLimit {
	private passed = 0;
	private failed = Infinity;
	/** The target of the one call that tries for more. */
	private probe: number | null = null;
	/** The shortest URL refused since one as long has passed, where one had passed before. */
	private suspect = Infinity;
	/** What was believed when a URL last passed. */
	private before = { passed: 0, failed: Infinity };
	private passes = 0;
	private doubts = 0;

	/**
	 * The length to fill the next call to. Once a limit is met: half of what failed until something
	 * passes, then what passed, with one call at a time trying the middle of the gap, and when it is
	 * closed, now and then, more than what failed.
	 * To be followed by `pass`, `fail` or `lost` with the same target.
	 */
	next(): number {
		if (this.failed === Infinity) return Infinity;
		if (this.passed === 0) return Math.max(SAFE_URL_BYTES, Math.floor(this.failed / 2));
		const known = this.known();
		if (this.probe !== null) return known;
		if (this.failed > known * CLOSE_ENOUGH) this.probe = Math.floor((known + this.failed) / 2);
		else if (this.passes >= CALLS_BETWEEN_DOUBTS) this.probe = this.doubt();
		return this.probe ?? known;
	}

	private doubt(): number {
		return Math.ceil(this.failed * (DOUBTS[this.doubts % DOUBTS.length] ?? Infinity));
	}

	/** What is known to pass, without trying for more: what a plan can count on. */
	known(): number {
		return this.failed === Infinity ? Infinity : Math.max(SAFE_URL_BYTES, this.passed);
	}

	/** A URL of so many bytes reached QCC. */
	pass(target: number, bytes: number): void {
		this.lost(target);
		this.passes += 1;
		this.passed = Math.max(this.passed, bytes);
		if (this.failed <= this.passed) this.failed = Infinity;
		if (this.suspect <= bytes) this.suspect = Infinity;
		this.before = { passed: this.passed, failed: this.failed };
	}

	/** A URL of so many bytes was refused for its length. */
	fail(target: number, bytes: number): void {
		const doubted = target === this.probe && bytes > this.failed;
		this.lost(target);
		if (bytes <= this.passed && this.suspect === Infinity) {
			this.suspect = bytes;
			return;
		}
		if (doubted) this.doubts += 1;
		this.passes = 0;
		this.suspect = Infinity;
		this.failed = Math.min(this.failed, bytes);
		if (this.passed >= this.failed) this.passed = 0;
	}

	/** A short URL was refused as well: what was refused since one passed was not refused for its length. */
	wrongAddress(target: number): void {
		this.lost(target);
		this.suspect = Infinity;
		({ passed: this.passed, failed: this.failed } = this.before);
	}

	/** The call told nothing of its URL's length. */
	lost(target: number): void {
		if (target === this.probe) this.probe = null;
	}
}
