import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readOptions, type Options } from '../../../nodes/QccRadar/read/options';

/** What n8n makes of each option's expression; an error is thrown. */
type Given = Partial<Record<keyof Options, unknown>>;

/** As much of n8n's context as reads options, and the names of those that were evaluated. */
function contextOf(options: unknown) {
	const evaluated: string[] = [];
	const given = new Map(Object.entries(options ?? {}) as [string, unknown][]);
	const context = {
		getNodeParameter: (parameter: string) => {
			if (parameter === 'options') return options;
			const name = parameter.replace(/^options\./, '');
			evaluated.push(name);
			const value = given.get(name);
			if (value instanceof Error) throw value;
			return value;
		},
	} as unknown as IExecuteFunctions;
	return { context, evaluated };
}

const read = (given: unknown, operation = 'sync') =>
	readOptions(contextOf(given).context, operation);

const DEFAULTS = {
	batchSize: 500,
	dryRun: false,
	failOnRejectedRows: false,
	includeInputFields: false,
	leaveOutUnchanged: false,
	maxConcurrency: 5,
	maxRemovals: 30,
	maxUrlLength: 0,
	retryFor: 300,
	timeout: 60_000,
};

/** Least and most of each, as the description has it. */
const RANGES = {
	batchSize: [1, 500],
	maxConcurrency: [1, 5],
	maxRemovals: [0, 100],
	maxUrlLength: [0, Infinity],
	retryFor: [0, Infinity],
	timeout: [1, 2 ** 31 - 1],
} as const;
const NUMBERS = Object.keys(RANGES) as (keyof typeof RANGES)[];
const SWITCHES = [
	'dryRun',
	'failOnRejectedRows',
	'includeInputFields',
	'leaveOutUnchanged',
] as const;

test.each([[{}], [undefined], [null], [''], [[]]])('%p: all is as described', (options) => {
	expect(read(options)).toEqual({ options: DEFAULTS, problem: null });
});

test.each([undefined, null, '', ' \u3000'])('%p leaves any option as it is', (nothing) => {
	const given = Object.fromEntries([...NUMBERS, ...SWITCHES].map((name) => [name, nothing]));
	expect(read(given)).toEqual({ options: DEFAULTS, problem: null });
});

test('text that is a number is read as that number, in whatever width and white space', () => {
	const wide = (text: string) =>
		text.replace(/[!-~]/g, (narrow) => String.fromCharCode(narrow.charCodeAt(0) + 0xfee0));
	const name = fc.constantFrom(...NUMBERS);
	fc.assert(
		fc.property(name, fc.double({ min: 1, max: 1e4, noNaN: true }), (option, number) => {
			const expected = read({ [option]: number });
			expect(expected.problem).toBeNull();
			for (const text of [`${number}`, ` ${number}\n`, wide(`${number}`)]) {
				expect(read({ [option]: text })).toEqual(expected);
			}
		}),
	);
});

test.each<[keyof Options, Record<number, number>]>([
	['batchSize', { 1: 1, 200: 200, 500: 500, 501: 500, 20.9: 20 }],
	['maxConcurrency', { 0: 1, 1: 1, 5: 5, 6: 5 }],
	['maxRemovals', { [-1]: 0, 0: 0, 0.5: 0.5, 100: 100, 101: 100 }],
	['maxUrlLength', { [-1]: 0, 0: 0, 4000: 4000 }],
	['retryFor', { 0.5: 0.5, 7200: 7200 }],
	['timeout', { 1: 1, 1000.9: 1000, 1e12: 2 ** 31 - 1 }],
])('%s, as given and as taken: %j', (name, values) => {
	for (const [given, taken] of Object.entries(values)) {
		const options = { ...DEFAULTS, [name]: taken };
		expect(read({ [name]: Number(given) })).toEqual({ options, problem: null });
	}
});

test('whatever number is given, the option stays within its range', () => {
	const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
	fc.assert(
		fc.property(fc.constantFrom(...NUMBERS), number, (name, given) => {
			fc.pre(name !== 'timeout' || given <= 0 || given >= 1);
			const [least, most] = RANGES[name];
			const value = read({ [name]: given }).options[name];
			expect([value >= least, value <= most]).toEqual([true, true]);
		}),
	);
});

test.each([0, '0', '０', '0.0'])('%p for a time means its default', (zero) => {
	const { options, problem } = read({ timeout: zero, retryFor: zero });
	expect({ options, problem }).toEqual({ options: DEFAULTS, problem: null });
});

test.each<[boolean, unknown[]]>([
	[true, [true, 'true', 'TRUE', ' True\n', 'ｔｒｕｅ', 'yes', '1', 1]],
	[false, [false, 'false', 'FALSE', ' False\n', 'ｆａｌｓｅ', 'no', '0', 0]],
])('what is read as %p', (expected, spellings) => {
	for (const name of SWITCHES) {
		const answers = spellings.map((value) => read({ [name]: value }));
		const options = { ...DEFAULTS, [name]: expected };
		expect(answers).toEqual(spellings.map(() => ({ options, problem: null })));
	}
});

const NOT_A_NUMBER = { parameter: 'Batch Size', what: 'is not a number' };
const NEITHER = { parameter: 'Dry Run', what: 'is neither true nor false' };
test.each<[Given, { parameter: string; what: string }]>([
	...[NaN, Infinity, 'many', '5 rows', '30%', true, false, {}, [], [5]].map(
		(batchSize): [Given, typeof NOT_A_NUMBER] => [{ batchSize }, NOT_A_NUMBER],
	),
	...['maybe', '未知', 2, -1, NaN, {}, [], [true]].map((dryRun): [Given, typeof NEITHER] => [
		{ dryRun },
		NEITHER,
	]),
	[
		{ maxRemovals: new Error('no such field') },
		{ parameter: 'Max Removals (Percent)', what: 'has an expression that failed: no such field' },
	],
])('%p cannot be read, and the option is named', (given, problem) => {
	expect(read(given)).toEqual({ options: DEFAULTS, problem });
});

test('of several that cannot be read the first is named; the others are read all the same', () => {
	const failed = new Error('gone');
	expect(read({ timeout: failed, maxRemovals: 50, dryRun: 'maybe', retryFor: 'long' })).toEqual({
		options: { ...DEFAULTS, maxRemovals: 50 },
		problem: NEITHER,
	});
});

test('what only a sync has is not even evaluated elsewhere, nor what nobody has heard of', () => {
	const given = {
		maxRemovals: new Error('gone'),
		leaveOutUnchanged: true,
		unheardOf: 1,
		timeout: 9,
	};
	const { context, evaluated } = contextOf(given);
	expect(readOptions(context, 'create')).toEqual({
		options: { ...DEFAULTS, timeout: 9 },
		problem: null,
	});
	expect(evaluated).toEqual(['timeout']);
});

test('nothing that an expression can yield makes it throw', () => {
	const given = fc.dictionary(fc.constantFrom(...NUMBERS, ...SWITCHES), fc.anything());
	fc.assert(
		fc.property(given, (options) => {
			const { problem } = read(options);
			expect(problem === null || problem.what.startsWith('is n')).toBe(true);
		}),
	);
});

test('less than one of what is whole counts as none: its default', () => {
	expect(read({ timeout: 0.5, batchSize: 0.9 })).toEqual({ options: DEFAULTS, problem: null });
});
