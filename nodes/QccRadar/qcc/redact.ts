import { signature, type QccAccount } from './signature';

/** Takes secrets out of words. */
export type Redact = (words: string) => string;

const BLOT = '***';
/** A shorter key may be a part of any word: it is taken out only where it stands alone. */
const SHORTEST_DISTINCT_KEY = 6;
/** Of a shorter one yet, only a parameter's value can be told from a word: `key=a`. */
const SHORTEST_WORD = 3;

/** An answer may repeat an earlier attempt, by way of a cache: seconds. */
const SIGNED_BEFORE = 300;
const SIGNED_AFTER = 1;
/** A clock that jumps makes an attempt of any length: its two ends are enough. Seconds. */
const LONGEST_ATTEMPT = 600;

const TOKEN_LENGTH = 32;
const HEX_RUN = /[0-9a-f]{32,}/gi;

/** A character as it is, or percent-encoded, once or several times, in any case. */
function inAnyClothes(character: string): string {
	const plain = character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
	const encoded = [...new TextEncoder().encode(character)]
		.map((byte) => `%(?:25)*${byte.toString(16).padStart(2, '0')}`)
		.join('');
	return `(?:${encoded}|${plain}${character === ' ' ? '|\\+' : ''})`;
}

const ASCII_WORD = /[A-Za-z0-9_]/;
/** What a key's first or last letter must not touch, should it be a word of its own. */
function edge(character: string): string {
	return ASCII_WORD.test(character) ? '[A-Za-z0-9_]' : '[\\p{L}\\p{N}_]';
}

function patternOf(key: string): string {
	const characters = Array.from(key);
	const pattern = characters.map(inAnyClothes).join('');
	if (characters.length >= SHORTEST_DISTINCT_KEY) return pattern;
	const [first = '', last = ''] = [characters[0], characters.at(-1)];
	if (characters.length >= SHORTEST_WORD) {
		return `(?<!${edge(first)})${pattern}(?!${edge(last)})`;
	}
	return `(?<=key["']?\\s*[=:：]\\s*["']?)${pattern}(?!${edge(last)})`;
}

/** The seconds in which an attempt may have been signed: both ends of each span, included. */
function signingSpans(from: number, to: number): readonly (readonly [number, number])[] {
	const first = Math.floor(Math.min(from, to) / 1000) - SIGNED_BEFORE;
	const last = Math.floor(Math.max(from, to) / 1000) + SIGNED_AFTER;
	if (last - first <= 2 * LONGEST_ATTEMPT) return [[first, last]];
	return [
		[first, first + LONGEST_ATTEMPT - 1],
		[last - LONGEST_ATTEMPT, last],
	];
}

function withoutTokens(run: string, isToken: (text: string) => boolean): string {
	for (let at = 0; at + TOKEN_LENGTH <= run.length; at++) {
		if (!isToken(run.slice(at, at + TOKEN_LENGTH))) continue;
		const rest = withoutTokens(run.slice(at + TOKEN_LENGTH), isToken);
		return run.slice(0, at) + BLOT + rest;
	}
	return run;
}

/**
 * Takes out of QCC's words what was really sent: both keys, plain or percent-encoded, in any case, and
 * the Tokens of an attempt. Other 32 digits stay: a keyNo has as many.
 * @returns for an attempt that began at `from` and ended at `to`, in milliseconds since 1970 by the clock
 * that signs: what takes out the secrets
 */
export function redactorOf(account: QccAccount): (from: number, to: number) => Redact {
	const keys = [account.appKey, account.secretKey].sort((one, other) => other.length - one.length);
	const pattern = new RegExp(keys.map(patternOf).join('|'), 'giu');
	/** The second of each Token, kept from attempt to attempt: nearly every answer has keyNos to hold against them. */
	const tokens = new Map<string, number>();
	const signed = new Set<number>();
	const sign = (second: number) => {
		if (signed.has(second)) return;
		signed.add(second);
		tokens.set(signature(account, second * 1000).Token, second);
	};

	return (from, to) => {
		const spans = signingSpans(from, to);
		let isReady = false;
		const isToken = (text: string) => {
			if (!isReady) {
				for (const [first, last] of spans) {
					for (let second = first; second <= last; second++) sign(second);
				}
				isReady = true;
			}
			const second = tokens.get(text.toUpperCase());
			return (
				second !== undefined && spans.some(([first, last]) => first <= second && second <= last)
			);
		};
		return (words) =>
			words.replace(HEX_RUN, (run) => withoutTokens(run, isToken)).replace(pattern, BLOT);
	};
}
