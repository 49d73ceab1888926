import fc from 'fast-check';

import type { AnswerRow } from '../../../nodes/QccRadar/qcc/answer';
import { matchRows } from '../../../nodes/QccRadar/send/matchRows';

const row = (
	echo: string | null,
	status: number | null = 200,
	keyNo: string | null = null,
	msg: string | null = null,
): AnswerRow => ({ echo, status, msg, keyNo });

/** Statuses instead of rows: enough where the rule is which row, and shorter to read. */
const matched = (names: readonly string[], rows: readonly AnswerRow[]) =>
	matchRows(names, rows).map((match) => match?.status ?? null);

interface Case {
	rule: string;
	names: string[];
	rows: AnswerRow[];
	expected: (AnswerRow | null)[];
}

test.each<Case>([
	{
		rule: 'a name is answered by the row that repeats it exactly, in any order',
		names: ['甲公司', '乙公司', '丙公司'],
		rows: [row('丙公司', 500), row('甲公司', 200, 'a1'), row('乙公司', 200, 'b1')],
		expected: [row('甲公司', 200, 'a1'), row('乙公司', 200, 'b1'), row('丙公司', 500)],
	},
	{
		rule: 'a row without a readable status answers nobody, in whatever place',
		names: ['甲公司', '乙公司'],
		rows: [row('乙公司', null, 'b1'), row('甲公司')],
		expected: [row('甲公司'), null],
	},
	{
		rule: 'rows of one name that agree in their status and contradict it in words are none',
		names: ['甲公司'],
		rows: [row('甲公司', 200, null, '保存成功'), row('甲公司', 200, null, '保存失败')],
		expected: [null],
	},
	{
		rule: 'an exact row wins over one in another spelling',
		names: ['Acme (CN)'],
		rows: [row('acme （CN）', 500), row('Acme (CN)', 200)],
		expected: [row('Acme (CN)', 200)],
	},
	{
		rule: 'another width, case or spacing will do',
		names: ['Ａｃｍｅ（中国）', 'beta(cn)', '丙公司 '],
		rows: [row(' 丙公司', 500), row('BETA（CN）', 500), row('ACME(中国)', 200)],
		expected: [row('ACME(中国)', 200), row('BETA（CN）', 500), row(' 丙公司', 500)],
	},
	{
		rule: 'names that share a spelling are answered by rows as many as they, if these agree',
		names: ['甲(1)', '甲（1）'],
		rows: [row('甲(１)', 500), row('甲(１)', 500)],
		expected: [row('甲(１)', 500), row('甲(１)', 500)],
	},
	{
		rule: 'names that share a spelling are not answered by fewer rows',
		names: ['甲(1)', '甲（1）'],
		rows: [row('甲(１)', 200)],
		expected: [null, null],
	},
	{
		rule: 'a row that repeats one of them exactly answers that one alone',
		names: ['甲(1)', '甲（1）'],
		rows: [row('甲(1)', 200)],
		expected: [row('甲(1)', 200), null],
	},
	{
		rule: 'names that share a spelling are not answered by rows that disagree',
		names: ['甲(1)', '甲（1）'],
		rows: [row('甲(１)', 200), row('甲(１)', 500)],
		expected: [null, null],
	},
	{
		rule: 'where no name is repeated, position decides in an answer of the same length',
		names: ['甲公司', '乙公司'],
		rows: [row(null, 200, 'a1'), row(null, 500)],
		expected: [row(null, 200, 'a1'), row(null, 500)],
	},
	{
		rule: 'position decides beside names that stand in their own place',
		names: ['甲公司', '乙公司'],
		rows: [row('甲公司', 200), row(null, 500)],
		expected: [row('甲公司', 200), row(null, 500)],
	},
	{
		rule: 'position decides nothing when a name stands in another place',
		names: ['甲公司', '乙公司'],
		rows: [row(null, 500), row('甲公司', 200)],
		expected: [row('甲公司', 200), null],
	},
	{
		rule: 'position decides nothing in a shorter answer',
		names: ['甲公司', '乙公司'],
		rows: [row(null, 200)],
		expected: [null, null],
	},
	{
		rule: 'position decides nothing in a longer answer',
		names: ['甲公司'],
		rows: [row(null, 200), row(null, 200)],
		expected: [null],
	},
	{
		rule: 'a row that repeats some other name answers nobody',
		names: ['甲公司', '乙公司'],
		rows: [row('甲公司', 200), row('丙公司', 200)],
		expected: [row('甲公司', 200), null],
	},
	{
		rule: 'a foreign row takes nothing from the others',
		names: ['甲公司', '乙公司'],
		rows: [row('丙公司', 500), row('甲公司', 200), row('乙公司', 200)],
		expected: [row('甲公司', 200), row('乙公司', 200)],
	},
	{
		rule: 'rows that agree are one answer',
		names: ['甲公司'],
		rows: [row('甲公司', 200, 'a1'), row('甲公司', 200, 'a1')],
		expected: [row('甲公司', 200, 'a1')],
	},
	{
		rule: 'rows that agree but for the company number are an answer without one',
		names: ['甲公司'],
		rows: [row('甲公司', 200, 'a1'), row('甲公司', 200, 'a2')],
		expected: [row('甲公司', 200, null)],
	},
	{
		rule: 'rows that contradict each other are no answer',
		names: ['甲公司'],
		rows: [row('甲公司', 200), row('甲公司', 500)],
		expected: [null],
	},
	{
		rule: 'a row without a readable status is no answer',
		names: ['甲公司', '乙公司'],
		rows: [row('甲公司', null), row('乙公司', 200)],
		expected: [null, row('乙公司', 200)],
	},
	{
		rule: 'position decides nothing beside an entry that is no row',
		names: ['甲公司', '乙公司'],
		rows: [row(null, null), row(null, 200)],
		expected: [null, null],
	},
	{
		rule: 'an entry that is no row takes its place, and nothing from rows with names',
		names: ['甲公司', '乙公司'],
		rows: [row(null, null), row('乙公司', 200)],
		expected: [null, row('乙公司', 200)],
	},
	{
		rule: 'a row that repeats something, but no name of the list, is nobody’s, nor is its place',
		names: ['甲公司', '乙公司'],
		rows: [row('', 200), row(null, 200)],
		expected: [null, null],
	},
	{
		rule: 'a row that repeats one of two alike, beside a row without a name, may be the other’s',
		names: ['甲(1)', '甲（1）'],
		rows: [row(null, 500), row('甲(1)', 200)],
		expected: [null, null],
	},
	{
		rule: 'rows that refuse in different words are no answer: one may say that it stands already',
		names: ['甲公司'],
		rows: [row('甲公司', 500, null, '该公司已监控'), row('甲公司', 500, null, '关键字不存在')],
		expected: [null],
	},
	{
		rule: 'rows that confirm in different words are an answer without words',
		names: ['甲公司'],
		rows: [row('甲公司', 200, null, '删除成功'), row('甲公司', 200, null, '取消关注成功')],
		expected: [row('甲公司', 200)],
	},
	{
		rule: 'an empty answer says nothing',
		names: ['甲公司'],
		rows: [],
		expected: [null],
	},
])('$rule', ({ names, rows, expected }) => {
	expect(matchRows(names, rows)).toEqual(expected);
});

describe('whatever the names', () => {
	/** Few letters, so that names meet in their spellings as real ones do. */
	const name = fc.string({
		unit: fc.constantFrom(...Array.from('甲乙Aaａ（( ,1')),
		minLength: 1,
		maxLength: 4,
	});
	const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 });
	/** No two of which an answer could confuse. */
	const strangers = fc.uniqueArray(name, {
		minLength: 1,
		maxLength: 8,
		selector: (text) => text.normalize('NFKC').trim().toLowerCase(),
	});
	const status = fc.constantFrom(200, 500);
	const wide = (text: string) =>
		text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
	const respell = fc.constantFrom<((text: string) => string)[]>(
		(text) => text,
		(text) => text.normalize('NFKC'),
		(text) => text.toUpperCase(),
		(text) => ` ${text} `,
		wide,
	);
	/** A name, what QCC says of it, and how it spells it. */
	const spoken = (of: fc.Arbitrary<string[]>) =>
		of.chain((list) =>
			fc.tuple(...list.map((text) => fc.record({ text: fc.constant(text), status, respell }))),
		);

	test('shuffled rows give the same statuses', () => {
		const answer = spoken(names).chain((all) =>
			fc.record({
				all: fc.constant(all),
				order: fc.shuffledSubarray(all, { minLength: all.length }),
				foreign: fc.array(name, { maxLength: 2 }),
			}),
		);
		fc.assert(
			fc.property(answer, ({ all, order, foreign }) => {
				const asked = all.map(({ text }) => text);
				const rowsOf = (speakers: typeof order) => [
					...speakers.map((one) => row(one.respell(one.text), one.status)),
					...foreign.map((text) => row(text, 500)),
				];
				expect(matched(asked, rowsOf(order))).toEqual(matched(asked, rowsOf(all)));
				expect(matched(asked, rowsOf(order).reverse())).toEqual(matched(asked, rowsOf(all)));
			}),
		);
	});

	test('a name is answered by its own row, and not at all where that is missing', () => {
		const answer = spoken(strangers).chain((all) =>
			fc.record({ all: fc.constant(all), present: fc.shuffledSubarray(all) }),
		);
		fc.assert(
			fc.property(answer, ({ all, present }) => {
				const rows = present.map((one) => row(one.respell(one.text), one.status));
				const asked = all.map(({ text }) => text);
				const expected = all.map((one) => (present.includes(one) ? one.status : null));
				expect(matched(asked, rows)).toEqual(expected);
			}),
		);
	});

	test('a name is never answered where its row is missing, though others look like it', () => {
		const answer = spoken(names).chain((all) =>
			fc.record({ all: fc.constant(all), missing: fc.nat({ max: all.length - 1 }) }),
		);
		fc.assert(
			fc.property(answer, ({ all, missing }) => {
				const rows = all
					.filter((_, i) => i !== missing)
					.map((one) => row(one.text.normalize('NFKC'), one.status));
				const exact = rows.some(({ echo }) => echo === all[missing]?.text);
				const status = matched(
					all.map(({ text }) => text),
					rows,
				)[missing];
				if (!exact) expect(status).toBeNull();
			}),
		);
	});

	test.each([
		['a name of its own place', row('乙公司', null)],
		['a message', row(null, null, null, '处理中')],
		['a keyNo', row(null, null, 'b1')],
	])('an entry of which nothing but %s can be read keeps its place', (_, entry) => {
		expect(matched(['甲公司', '乙公司'], [row(null, 200), entry])).toEqual([200, null]);
	});

	test('by position alone nothing is told of a list that holds an entry that is no row', () => {
		const answer = names.chain((list) =>
			fc.record({
				list: fc.constant(list),
				statuses: fc.array(status, { minLength: list.length, maxLength: list.length }),
				hole: fc.nat({ max: list.length - 1 }),
			}),
		);
		fc.assert(
			fc.property(answer, ({ list, statuses, hole }) => {
				const rows = statuses.map((one) => row(null, one));
				expect(matched(list, rows)).toEqual(statuses);
				expect(
					matched(
						list,
						rows.map((one, i) => (i === hole ? row(null, null) : one)),
					),
				).toEqual(list.map(() => null));
			}),
		);
	});

	test('rows that contradict each other answer nobody', () => {
		fc.assert(
			fc.property(spoken(names), (all) => {
				const rows = all.flatMap((one) =>
					[200, 500].map((contrary) => row(one.respell(one.text), contrary)),
				);
				expect(
					matched(
						all.map(({ text }) => text),
						rows,
					),
				).toEqual(all.map(() => null));
			}),
		);
	});
});
