/**
 * Which words name one company. QCC resolves a name, a registration number, a credit code, and likely
 * a former name or another width of brackets, to one company, whose keyNo tells it for sure.
 */

/** A word as it is compared while a keyNo is unknown: width, case and white space aside. */
export function fold(word: string): string {
	return word.normalize('NFKC').toLowerCase().replace(/\s/gu, '');
}

/** What is known of the words of a run, by their numbers. */
export class Words {
	private readonly folded: string[] = [];
	private readonly ledgerKeyNos = new Map<number, string | null>();
	private readonly toldKeyNos = new Map<number, string>();
	private readonly askedFor = new Map<number, boolean>();

	constructor(private readonly names: readonly string[]) {}

	/** A keyNo that the ledger has. Two of one word that differ are no knowledge. */
	recall(word: number, keyNo: string): void {
		const known = this.ledgerKeyNos.get(word);
		this.ledgerKeyNos.set(word, known === undefined || known === keyNo ? keyNo : null);
	}

	/** A keyNo that QCC told in this run: it wins over the ledger's. */
	tell(word: number, keyNo: string): void {
		this.toldKeyNos.set(word, keyNo);
	}

	/** Notes that QCC was asked for the word's keyNo. `answered`: with a keyNo or without one. */
	ask(word: number, answered: boolean): void {
		this.askedFor.set(word, answered);
	}

	keyNo(word: number): string | null {
		return this.toldKeyNos.get(word) ?? this.ledgerKeyNos.get(word) ?? null;
	}

	fold(word: number): string {
		return (this.folded[word] ??= fold(this.names[word] ?? ''));
	}

	/** Both keyNos are equal, or one is unknown and the words fold alike. */
	isSame(one: number, other: number): boolean {
		const [a, b] = [this.keyNo(one), this.keyNo(other)];
		return a === null || b === null ? this.fold(one) === this.fold(other) : a === b;
	}

	/** It was asked for in vain: no answer came, so another run may learn more. */
	isSilent(word: number): boolean {
		return this.keyNo(word) === null && this.askedFor.get(word) === false;
	}

	/** No call can tell more of it: its keyNo is known, or QCC has answered it without one. */
	isSettled(word: number): boolean {
		return this.keyNo(word) !== null || this.askedFor.get(word) === true;
	}
}

/** Values by the company of a word, as far as words are known when they are added and looked up. */
export class ByCompany<T> {
	private readonly keyed = new Map<string, T[]>();
	private readonly folded = new Map<string, T[]>();
	private readonly foldedWithoutKeyNo = new Map<string, T[]>();

	constructor(private readonly words: Words) {}

	add(word: number, value: T): void {
		const keyNo = this.words.keyNo(word);
		const folded = this.words.fold(word);
		push(this.folded, folded, value);
		if (keyNo === null) push(this.foldedWithoutKeyNo, folded, value);
		else push(this.keyed, keyNo, value);
	}

	/** Values of the word's company: keyNos are equal, or one is unknown and the words fold alike. */
	find(word: number): readonly T[] {
		const keyNo = this.words.keyNo(word);
		const folded = this.words.fold(word);
		if (keyNo === null) return this.folded.get(folded) ?? [];
		const alike = this.foldedWithoutKeyNo.get(folded) ?? [];
		return [...(this.keyed.get(keyNo) ?? []), ...alike];
	}

	has(word: number): boolean {
		return this.find(word).length > 0;
	}
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
	const list = lists.get(key);
	if (list) list.push(value);
	else lists.set(key, [value]);
}

/** Companies of which some are known by keyNo alone: what may be one of them is told from what is not. */
export class PossibleCompanies {
	private readonly keyNos = new Set<string>();
	private unknown = false;

	constructor(private readonly words: Words) {}

	add(word: number): void {
		const keyNo = this.words.keyNo(word);
		if (keyNo === null) this.unknown = true;
		else this.keyNos.add(keyNo);
	}

	/** False only where the keyNos show that it is none of them. */
	mayHave(word: number): boolean {
		if (this.unknown) return true;
		const keyNo = this.words.keyNo(word);
		return keyNo === null ? this.keyNos.size > 0 : this.keyNos.has(keyNo);
	}
}
