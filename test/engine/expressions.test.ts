import fc from 'fast-check';
import { isSafeObjectProperty, type IDataObject } from 'n8n-workflow';
import {
	propertyPath,
	valueReader,
	type ParameterSource,
} from '../../nodes/QccRadar/read/parameters';
import { nodeContext } from '../harness/nodeContext';

type Result = { value: unknown } | { threw: string };

function resultOf(read: () => unknown): Result {
	try {
		return { value: read() };
	} catch (error) {
		return { threw: (error as Error).message };
	}
}

/** What the engine makes of an expression, what our reader makes of it, and what that asked. */
function readBoth(company: string, json: IDataObject) {
	const context = nodeContext({ company }, [[json]]);
	let asked = 0;
	const source: ParameterSource = {
		raw: (name) => context.getNodeParameter(name, 0, '', { rawExpressions: true }),
		evaluate: (name, item) => {
			asked += 1;
			return context.getNodeParameter(name, item, '');
		},
		json: () => context.getInputData()[0]?.json,
		itemCount: 1,
	};
	return {
		engine: resultOf(() => context.getNodeParameter('company', 0, '')),
		reader: resultOf(() => valueReader(source, 'company')(0)),
		asked,
	};
}

const KEYS = [
	...[
		'a',
		'b',
		'_1',
		'$c',
		'公司',
		'名称',
		'a b',
		'企业 名称',
		'a-b',
		'a.b',
		'0',
		'1',
		'',
		'}}',
		'{{',
		'//',
	],
	...['length', 'name', 'constructor', 'toString', 'isEmpty', 'first', 'json', '007', '010'],
	...[
		'binding',
		'prototype',
		'caller',
		'callee',
		'arguments',
		'__proto__',
		'__sanitize',
		'$',
		'$$',
	],
	...['mainModule', 'dlopen', 'execve', '_load', 'getPrototypeOf', 'defineProperty', 'process'],
	...[
		'globalThis',
		'this',
		'class',
		'new',
		'null',
		'$json',
		'___n8n_data',
		'a.constructor',
		'eval',
	],
	...[
		'__lookupGetter__',
		'getBuiltinModule',
		'prepareStackTrace',
		'loadEnvFile',
		'valueOf',
		'then',
	],
];
const IDENTIFIER = /^[\p{L}$_][\p{L}\p{N}$_]*$/u;
const LEAVES: IDataObject[string][] = [
	...[null, true, 0, 1.5, 13800138000, '', '甲公司', ' 甲公司 ', '={{ $json.a }}', '{{ 1 }}'],
	...['2024-01-01T00:00:00.000Z', 'null', '[1]', '小米\n科技'],
];

const { json } = fc.letrec<{ json: IDataObject; value: IDataObject[string] }>((tie) => ({
	value: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		fc.constantFrom(...LEAVES),
		tie('json'),
		fc.array(tie('value'), { maxLength: 3 }),
	),
	json: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), {
		maxKeys: 6,
		noNullPrototype: true,
	}),
}));

const space = fc.constantFrom('', '', ' ', '  ', '\n', '\t');

/** One spelling of a step into a property. */
function step(key: string): fc.Arbitrary<string> {
	const spellings = [
		space.map((s) => `[${s}${JSON.stringify(key)}${s}]`),
		fc.constant(`['${key}']`),
	];
	if (IDENTIFIER.test(key)) spellings.push(fc.constant(`.${key}`), fc.constant(`.\n  ${key}`));
	if (/^\d+$/.test(key)) spellings.push(fc.constant(`[${key}]`));
	return fc.oneof(...spellings);
}

function expression(path: readonly string[]): fc.Arbitrary<string> {
	return fc
		.tuple(space, fc.tuple(...path.map(step)), space)
		.map(([before, steps, after]) => `={{${before}$json${steps.join('')}${after}}}`);
}

/** Paths of all values in a piece of JSON, through its own properties alone. */
function pathsOf(value: unknown): string[][] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => [
		[key],
		...pathsOf(inner).map((path) => [key, ...path]),
	]);
}

const anyPath = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 });

/** JSON, and a path that leads somewhere in it, or nowhere. */
const jsonAndPath = json.chain((data) => {
	const paths = pathsOf(data);
	const known = paths.length > 0 ? fc.constantFrom(...paths) : anyPath;
	const beyond = fc.tuple(known, anyPath).map(([path, more]) => [...path, ...more.slice(0, 1)]);
	return fc.tuple(fc.constant(data), fc.oneof(known, known, beyond, anyPath));
});

test('a plain property is read as n8n’s engine reads it', () => {
	const given = jsonAndPath.chain(([data, path]) => fc.tuple(fc.constant(data), expression(path)));
	fc.assert(
		fc.property(given, ([data, text]) => {
			const { engine, reader } = readBoth(text, data);
			expect(reader).toEqual(engine);
		}),
		{ numRuns: 600 },
	);
});

test('what only looks like a plain property is read as n8n’s engine reads it', () => {
	const disguise = fc.constantFrom<((text: string) => string)[]>(
		(text) => `${text} `,
		(text) => `=x${text.slice(1)}`,
		(text) => `${text}${text.slice(1)}`,
		(text) => text.slice(1),
		(text) => text.replace('$json', '$json?'),
		(text) => text.replace('$json', '($json)'),
		(text) => text.replace('$json', '$input.item.json'),
		(text) => text.replace('}}', '.trim() }}'),
		(text) => text.replace('}}', '.length }}'),
		(text) => text.replace('}}', ' + "" }}'),
		(text) => text.replace('}}', '// }}'),
		(text) => text.replace('}}', '}'),
	);
	const given = jsonAndPath.chain(([data, path]) =>
		fc.tuple(fc.constant(data), expression(path), disguise),
	);
	fc.assert(
		fc.property(given, ([data, text, change]) => {
			const { engine, reader } = readBoth(change(text), data);
			expect(reader).toEqual(engine);
		}),
		{ numRuns: 300 },
	);
});

test('for a property that is there the engine is not asked', () => {
	const plain = (key: string) => propertyPath(`={{ $json[${JSON.stringify(key)}] }}`) !== null;
	const given = json
		.map((data) => ({ data, paths: pathsOf(data).filter((path) => path.every(plain)) }))
		.filter(({ paths }) => paths.length > 0)
		.chain(({ data, paths }) =>
			fc.tuple(fc.constant(data), fc.constantFrom(...paths).chain(expression)),
		);
	fc.assert(
		fc.property(given, ([data, text]) => {
			// `[007]` is an octal number to one engine and an error to another.
			fc.pre(!/\[\s*0\d/.test(text));
			expect(readBoth(text, data).asked).toBe(0);
		}),
		{ numRuns: 300 },
	);
});

test('no word that n8n refuses in an expression is read past it', () => {
	const words = [
		Object,
		Object.prototype,
		Function,
		Function.prototype,
		Error,
		Array,
		process,
		Reflect,
	]
		.flatMap((one: object) => Object.getOwnPropertyNames(one))
		.concat('binding', '_linkedBinding', '_load', 'caller', 'callee', 'arguments', 'mainModule')
		.concat('prepareStackTrace', 'getBuiltinModule', 'dlopen', 'execve', 'loadEnvFile');
	const refused = [...new Set(words)].filter((word) => !isSafeObjectProperty(word));
	expect(refused.length).toBeGreaterThan(15);
	expect(refused.filter((word) => propertyPath(`={{ $json.${word} }}`) !== null)).toEqual([]);
});

test('columns that only sound like such words are read without the engine', () => {
	for (const name of ['bindings', 'callers', 'arguments_', 'proto', 'type', 'id', '公司$']) {
		expect(propertyPath(`={{ $json["${name}"] }}`)).toEqual([name]);
	}
});

const COMPANY = { name: '甲公司', ids: ['91110108551385082Q', 110108012660422], 名称: null };
test.each<[string, unknown, number]>([
	['={{ $json.company.name }}', '甲公司', 0],
	['={{ $json["company"].ids[1] }}', 110108012660422, 0],
	['={{ $json.company.名称 }}', null, 0],
	['={{ $json.company.名称.more }}', undefined, 0],
	['={{ $json.missing }}', undefined, 0],
	['={{ $json.missing.more }}', undefined, 0],
	['={{ $json.company.ids }}', COMPANY.ids, 0],
	['={{ $json.company.ids.length }}', 2, 0],
	['甲公司', '甲公司', 0],
	['={{ $json.company.name.trim() }}', '甲公司', 1],
	['={{ $json.company.name.length }}', 3, 1],
	['={{ $json.company.ids.first() }}', COMPANY.ids[0], 1],
	['=上海{{ $json.company.name }}', '上海甲公司', 1],
])('%s', (text, value, asked) => {
	const both = readBoth(text, { company: COMPANY });
	expect(both).toEqual({ engine: { value }, reader: { value }, asked });
});
