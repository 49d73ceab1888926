import type { Redactor } from '../qcc/redact';
import type { Timing } from '../timing';
import { UrlLimit } from './urlLimit';
import { AccountWindow } from './window';

/**
 * What this process remembers of accounts beyond one execution, by a digest that tells nothing of
 * their keys: calls in flight, and the URL length that the way to QCC takes. No key outlives the
 * executions that use it.
 */

const windows = new Map<string, AccountWindow>();

/** The last used comes last; few accounts meet in one process, and a forgotten length is learned again. */
const urlLimits = new Map<string, UrlLimit>();
const MOST_URL_LIMITS = 100;

/**
 * The account's window, to be left again. It is forgotten when the last has left, unless QCC has asked
 * everybody to wait: that binds who comes next.
 */
export function joinWindow(account: string, timing: Timing): AccountWindow {
	forgetIdle();
	const window = windows.get(account) ?? new AccountWindow(timing);
	windows.set(account, window);
	window.join();
	return window;
}

export function leaveWindow(window: AccountWindow): void {
	window.leave();
	forgetIdle();
}

function forgetIdle(): void {
	for (const [account, window] of windows) if (window.isForgettable) windows.delete(account);
}

/** What has been learned of the URL length for this account's host. */
export function urlLimitOf(account: string): UrlLimit {
	const limit = urlLimits.get(account) ?? new UrlLimit();
	urlLimits.delete(account);
	urlLimits.set(account, limit);
	const [oldest] = urlLimits.keys();
	if (urlLimits.size > MOST_URL_LIMITS && oldest !== undefined) urlLimits.delete(oldest);
	return limit;
}

const redactors = new Map<string, WeakRef<Redactor>>();

/** What takes a credential's secrets out, shared by the executions that meet: it signs for every second. */
export function sharedRedactor(signer: string, make: () => Redactor): Redactor {
	const known = redactors.get(signer)?.deref();
	if (known) return known;
	for (const [other, redactor] of redactors) if (!redactor.deref()) redactors.delete(other);
	const redactor = make();
	redactors.set(signer, new WeakRef(redactor));
	return redactor;
}
