import { propertyPath, valueReader } from '../../../nodes/QccRadar/read/parameters';

test.each<[string, string[] | null]>([
	['={{ $json.company }}', ['company']],
	['={{$json.company}}', ['company']],
	['={{\n\t$json.a.b_1.$c\n}}', ['a', 'b_1', '$c']],
	['={{ $json["company name"] }}', ['company name']],
	["={{ $json['企业 名称'].x }}", ['企业 名称', 'x']],
	['={{ $json.公司.名称 }}', ['公司', '名称']],
	['={{ $json[ "a" ][ 0 ].b }}', ['a', '0', 'b']],
	['={{ $json.\na }}', ['a']],
	['={{ $json["a.b]"] }}', ['a.b]']],
	['={{ $json[""] }}', ['']],
	['={{ $json[0] }}', ['0']],
	['={{ $json["007"] }}', ['007']],
	['={{ $json.bindings }}', ['bindings']],
	['={{ $json["a $"] }}', ['a $']],
	['={{ $json[007] }}', null],
	['={{ $json[00] }}', null],
	...['binding', 'prototype', 'caller', 'callee', 'arguments', '__proto__', 'dlopen', '$'].map(
		(word): [string, null] => [`={{ $json.${word} }}`, null],
	),
	['={{ $json["arguments"].a }}', null],
	['={{ $json["a. constructor"] }}', null],
	['={{ $json.constructor }}', null],
	['={{ $json.a["toString"].b }}', null],
	['={{ $json }}', null],
	['{{ $json.company }}', null],
	['={{ $json.company }} ', null],
	[' ={{ $json.company }}', null],
	['=x{{ $json.company }}', null],
	['={{ $json.a }}{{ $json.b }}', null],
	['={{ $json.a.trim() }}', null],
	['={{ $json.a + "" }}', null],
	['={{ $json?.a }}', null],
	['={{ $json.a?.b }}', null],
	['={{ $json["a" + 1] }}', null],
	['={{ $json["a}}b"] }}', null],
	['={{ $json["\\u0061"] }}', null],
	['={{ $json[`a`] }}', null],
	['={{ $json[-1] }}', null],
	['={{ $json[1.5] }}', null],
	['={{ $json.1a }}', null],
	['={{ $json .a }}', null],
	['={{ $item.json.a }}', null],
	['={{ $jsonx.a }}', null],
	['={{ $json["a\'] }}', null],
	['={{ /* */ $json.a }}', null],
	['=$json.a', null],
	['', null],
])('the path of %p', (raw, path) => {
	expect(propertyPath(raw)).toEqual(path);
});

describe('what the engine is asked for', () => {
	const json = {
		company: '甲公司',
		nothing: null,
		list: ['甲公司', { name: '乙公司' }],
		when: new Date(0),
	};
	function readOne(raw: unknown) {
		let asked = 0;
		const evaluate = () => {
			asked += 1;
			return 'from the engine';
		};
		const source = { raw: () => raw, evaluate, json: () => json, itemCount: 1 };
		const value = valueReader(source, 'company')(0);
		return { value, asked };
	}

	test.each<[unknown, unknown]>([
		['甲公司', '甲公司'],
		['{{ $json.company }}', '{{ $json.company }}'],
		[13800138000, 13800138000],
		[undefined, undefined],
		['={{ $json.company }}', '甲公司'],
		['={{ $json.nothing }}', null],
		['={{ $json.nothing.more }}', undefined],
		['={{ $json.missing.more.still }}', undefined],
		['={{ $json.list }}', json.list],
		['={{ $json.list[1].name }}', '乙公司'],
	])('%p: nothing', (raw, value) => {
		expect(readOne(raw)).toEqual({ value, asked: 0 });
	});

	test.each<[unknown]>([
		['={{ $json.company.trim() }}'],
		['={{ $json.company.length }}'],
		['={{ $json.list.first }}'],
		['={{ $json.list[7] }}'],
		['={{ $json.constructor }}'],
		['={{ $json.company.constructor }}'],
		['={{ $json.__proto__ }}'],
		['={{ $json.when }}'],
		['={{ $json.when.x }}'],
		['=甲公司'],
		['='],
		[['={{ $json.company }}']],
	])('%p: all', (raw) => {
		expect(readOne(raw)).toEqual({ value: 'from the engine', asked: 1 });
	});
});
