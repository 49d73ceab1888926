import fc from 'fast-check';
import {
	ByCompany,
	fold,
	PossibleCompanies,
	Words,
} from '../../../nodes/QccRadar/sync/sameCompany';

/** A word, the keyNo that the ledger has of it, and the one that this run was told. */
type Known = readonly [word: string, recalled?: string | null, told?: string | null];

function wordsOf(known: readonly Known[]): Words {
	const words = new Words(known.map(([word]) => word));
	known.forEach(([, recalled, told], i) => {
		if (told) words.tell(i, told);
		if (recalled) words.recall(i, recalled);
	});
	return words;
}

/** Whether the second word is found among the companies of the first. */
function isOne(first: Known, second: Known): boolean {
	const companies = new ByCompany<string>(wordsOf([first, second]));
	companies.add(0, 'the first');
	return companies.has(1);
}

describe('words that differ in width, case or white space alone fold alike, and no others', () => {
	test.each([
		['width', '小米（北京）科技', '小米(北京)科技'],
		['the width of digits and letters', '９１ＡＢ', '91AB'],
		['case', 'Acme Ltd', 'ACME LTD'],
		['white space inside', 'Acme Ltd', 'AcmeLtd'],
		['wide white space', '小米\u3000科技', '小米科技'],
		['white space of other kinds', '小米\u00a0\t科\u2009技', '小米科技'],
	])('%s', (_, one, other) => {
		expect(fold(one)).toBe(fold(other));
	});

	test.each([
		['a bracket that is not there', '小米(北京)科技', '小米北京科技'],
		['punctuation', 'Acme, Ltd.', 'Acme Ltd'],
		['one more word', '小米科技', '小米科技有限公司'],
		['another script', '华为技术', '華為技術'],
	])('%s', (_, one, other) => {
		expect(fold(one)).not.toBe(fold(other));
	});
});

describe('one company, by what is known of two words', () => {
	test.each<[string, Known, Known, boolean]>([
		['equal keyNos, unlike words', ['甲名', 'A'], ['甲码', 'A'], true],
		['equal keyNos, one told and one the ledger’s', ['甲名', null, 'A'], ['甲码', 'A'], true],
		['unequal keyNos, unlike words', ['甲', 'A'], ['乙', 'B'], false],
		['unequal keyNos, words that fold alike', ['甲(1)', 'A'], ['甲（1）', 'B'], false],
		['one unknown, words that fold alike', ['甲(1)', 'A'], ['甲（1）'], true],
		['one unknown, unlike words', ['甲名', 'A'], ['甲码'], false],
		['both unknown, words that fold alike', ['Acme'], ['ＡＣＭＥ'], true],
		['both unknown, unlike words', ['甲名'], ['甲码'], false],
		['a keyNo told before the ledger’s equal one', ['甲', 'A', 'B'], ['乙', 'A'], false],
		['a keyNo told before the ledger’s unequal one', ['甲', 'B', 'A'], ['乙', 'A'], true],
	])('%s', (_, one, other, same) => {
		expect([isOne(one, other), isOne(other, one)]).toEqual([same, same]);
	});

	test('rows of the ledger that disagree on a keyNo know none, in whatever order', () => {
		for (const keyNos of [
			['A', 'B'],
			['A', 'B', 'A'],
			['B', 'A', 'A'],
		]) {
			const words = wordsOf([['甲'], ['乙', 'A']]);
			for (const keyNo of keyNos) words.recall(0, keyNo);
			expect(words.keyNo(0)).toBeNull();
			words.tell(0, 'A');
			words.recall(0, 'C');
			expect(words.keyNo(0)).toBe('A');
		}
	});

	test('all that were added under a company are found, in their order', () => {
		const words = wordsOf([['甲名', 'A'], ['甲码', 'A'], ['甲名 '], ['乙', 'B'], ['甲 名', 'C']]);
		const companies = new ByCompany<number>(words);
		for (const word of [0, 1, 2, 3, 4]) companies.add(word, word);
		expect([0, 1, 2, 3, 4].map((word) => companies.find(word))).toEqual([
			[0, 1, 2],
			[0, 1],
			[0, 2, 4],
			[3],
			[4, 2],
		]);
	});

	test('it is the rule, and the same from either side, for any two words', () => {
		const SPELLINGS = [['甲(1)Co', '甲（1）CO', '甲 (1) co'], ['乙码'], ['丙', ' 丙']];
		const keyNo = fc.constantFrom(null, 'A', 'B');
		const known = fc
			.constantFrom(...SPELLINGS.flatMap((alike, i) => alike.map((word) => ({ i, word }))))
			.chain(({ i, word }) => fc.record({ i: fc.constant(i), word: fc.constant(word), keyNo }));
		fc.assert(
			fc.property(known, known, (one, other) => {
				const bothKnown = one.keyNo !== null && other.keyNo !== null;
				const expected = bothKnown ? one.keyNo === other.keyNo : one.i === other.i;
				const [first, second]: Known[] = [
					[one.word, one.keyNo],
					[other.word, other.keyNo],
				];
				if (!first || !second) throw new Error('Two words make two');
				expect([isOne(first, second), isOne(second, first)]).toEqual([expected, expected]);
			}),
		);
	});
});

test.each<[string, Known[], Known, boolean]>([
	['none', [], ['甲', 'A'], false],
	['none, and a word without keyNo', [], ['甲'], false],
	['a company with its keyNo', [['甲', 'A']], ['甲码', 'A'], true],
	['another keyNo', [['甲', 'A']], ['甲', 'B'], false],
	['a word whose keyNo is unknown', [['甲', 'A']], ['乙'], true],
	['a company that is unknown among them', [['甲', 'A'], ['乙']], ['丙', 'C'], true],
])(
	'what companies may be, %s: only keyNos show that a word is none of them',
	(_, added, word, may) => {
		const companies = new PossibleCompanies(wordsOf([...added, word]));
		for (const i of added.keys()) companies.add(i);
		expect(companies.mayHave(added.length)).toBe(may);
	},
);

test('a word is settled by its keyNo or an answer without one, and silent when none came', () => {
	const words = wordsOf([['甲', 'A'], ['乙'], ['丙'], ['丁'], ['戊']]);
	words.ask(0, false);
	words.ask(2, true);
	words.ask(3, false);
	words.ask(4, false);
	words.tell(4, 'E');
	const facts = [0, 1, 2, 3, 4].map((word) => [words.isSettled(word), words.isSilent(word)]);
	expect(facts).toEqual([
		[true, false],
		[false, false],
		[true, false],
		[false, true],
		[true, false],
	]);
});
