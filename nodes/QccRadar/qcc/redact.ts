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

/** Takes secrets out of what came with an attempt, by its beginning and end in milliseconds since 1970. */
export type Redactor = (from: number, to: number) => Redact;

/** Tokens of so many seconds are kept: those that many attempts of one time have in common. */
const MOST_TOKENS = 5_000;

/** An account's Tokens by their second, kept from attempt to attempt: every answer has keyNos to hold against them. */
class Tokens {
	private readonly seconds = new Map<string, number>();
	private readonly signed = new Set<number>();
	/** How often they were forgotten. */
	forgotten = 0;

	constructor(private readonly account: QccAccount) {}

	sign([first, last]: readonly [number, number]): void {
		for (let second = first; second <= last; second++) {
			if (this.signed.has(second)) continue;
			this.signed.add(second);
			this.seconds.set(signature(this.account, second * 1000).Token.toLowerCase(), second);
		}
	}

	/** The second that a Token was signed in, in any case; undefined for any other text. */
	secondOf(text: string): number | undefined {
		return this.seconds.get(text.toLowerCase());
	}

	forgetMany(): void {
		if (this.signed.size <= MOST_TOKENS) return;
		this.seconds.clear();
		this.signed.clear();
		this.forgotten += 1;
	}
}

/**
 * Takes out of QCC's words what was really sent: both keys, plain or percent-encoded, in any case, and
 * the Tokens of an attempt, by the clock that signs. Other 32 digits stay: a keyNo has as many.
 */
export function redactorOf(account: QccAccount): Redactor {
	const keys = [account.appKey, account.secretKey].sort((one, other) => other.length - one.length);
	const pattern = new RegExp(keys.map(patternOf).join('|'), 'giu');
	const tokens = new Tokens(account);

	return (from, to) => {
		const spans = signingSpans(from, to);
		let signedAt = -1;
		const isToken = (text: string) => {
			if (signedAt !== tokens.forgotten) {
				tokens.forgetMany();
				spans.forEach((span) => {
					tokens.sign(span);
				});
				signedAt = tokens.forgotten;
			}
			const second = tokens.secondOf(text);
			return (
				second !== undefined && spans.some(([first, last]) => first <= second && second <= last)
			);
		};
		const withoutSignature: Redact = (words) => {
			// For speed: a message is shorter, a keyNo as long, and every row has both.
			if (words.length < TOKEN_LENGTH) return words;
			if (words.length === TOKEN_LENGTH) return isToken(words) ? BLOT : words;
			return words.replace(HEX_RUN, (run) => withoutTokens(run, isToken));
		};
		return (words) => withoutSignature(words).replace(pattern, BLOT);
	};
}
