import { SAFE_URL_BYTES } from '../qcc/endpoints';

/** The gap between what passes and what fails is closed until one is within this factor of the other. */
const CLOSE_ENOUGH = 1.1;

/**
 * How long a URL the server takes, learned from what passed and what failed: the document names no
 * limit, and the ones in use (4, 8, 16 kB) belong to web servers and proxies on the way.
 * Lengths are bytes of the whole URL.
 */
export class UrlLimit {
	private passed = 0;
	private failed = Infinity;
	private probe: number | null = null;

	/**
	 * The length to fill the next call to. Once a limit is met: half of what failed until something
	 * passes, then what passed, with one call at a time trying the middle of the gap.
	 * To be followed by `pass`, `fail` or `lost` with the same target.
	 */
	next(): number {
		if (this.failed === Infinity) return Infinity;
		if (this.passed === 0) return Math.max(SAFE_URL_BYTES, Math.floor(this.failed / 2));
		const known = this.known();
		if (this.probe !== null || this.failed <= known * CLOSE_ENOUGH) return known;
		this.probe = Math.floor((known + this.failed) / 2);
		return this.probe;
	}

	/** What is known to pass, without trying for more: what a plan can count on. */
	known(): number {
		return this.failed === Infinity ? Infinity : Math.max(SAFE_URL_BYTES, this.passed);
	}

	/** A URL of so many bytes reached QCC. */
	pass(target: number, bytes: number): void {
		this.lost(target);
		this.passed = Math.max(this.passed, bytes);
		if (this.failed <= this.passed) this.failed = Infinity;
	}

	/** A URL of so many bytes was refused for its length. */
	fail(target: number, bytes: number): void {
		this.lost(target);
		this.failed = Math.min(this.failed, bytes);
		if (this.passed >= this.failed) this.passed = 0;
	}

	/** The call told nothing of its URL's length. */
	lost(target: number): void {
		if (target === this.probe) this.probe = null;
	}
}
