import fc from 'fast-check';
import { elements, readCompany, readLoginName } from '../../../nodes/QccRadar/read/names';

const textOf = (name: ReturnType<typeof readCompany>) => name.text;

describe('a login name', () => {
	test.each<[string, unknown, string]>([
		['plain', '13800138000', '13800138000'],
		['a number', 13800138000, '13800138000'],
		['a number with the country’s code', 8613800138000, '13800138000'],
		['a CRM’s spelling', '+86 138-0013-8000', '13800138000'],
		['the exit code', '0086 13800138000', '13800138000'],
		['the code alone', '8613800138000', '13800138000'],
		['brackets', '(+86) 138 0013 8000', '13800138000'],
		['full width', '＋８６（１３８）００１３－８０００', '13800138000'],
		['other dashes', '138–0013—8000', '13800138000'],
		['marks of a contact list', '\u202d+86\u00a0138\u20110013\u20118000\u202c', '13800138000'],
		['a soft hyphen', '138\u00ad0013\u00ad8000', '13800138000'],
		['line breaks around', '\r\n13800138000\u0085', '13800138000'],
		['a name', '李雷', '李雷'],
		['a name in full width', 'ｌｉ．ｌｅｉ＠ｑｃｃ', 'li.lei@qcc'],
		['too few digits', '+86138001380', '+86138001380'],
		['too many digits', '86138001380001', '86138001380001'],
		['a landline', '010-62345678', '010-62345678'],
		['no mobile number', '+8612800138000', '+8612800138000'],
		['the trunk’s zero', '013800138000', '013800138000'],
		['a number of Hong Kong', '+852-6123-4567', '+852-6123-4567'],
		['a number of North America', '+13805551234', '+13805551234'],
		['a number of North America, in groups', '1-380-555-1234', '1-380-555-1234'],
		['a number of North America, in brackets', '(1)3805551234', '(1)3805551234'],
		['a code twice', '+86008613800138000', '+86008613800138000'],
	])('%s', (_, value, text) => {
		expect(readLoginName(value)).toEqual({ text, problem: null });
	});

	test.each([
		['two of them', '13800138000 13900139000'],
		['a comma in full width', '13800138000，13900139000'],
		['a foreign number with spaces', '+1 380 555 1234'],
		['a line break inside', '138\n0013'],
	])('%s is unfit', (_, value) => {
		expect(readLoginName(value).problem).toBe(
			'has a comma or white space inside: one login name is expected',
		);
	});
});

describe('a company', () => {
	test.each([
		['zero width', '小米\u200b科技\u200c有限\u200d公司\u2060', '小米科技有限公司'],
		['direction', '\u202a小米\u200e科技\u2069', '小米科技'],
		['control', '小米\u0000科技\u007f', '小米科技'],
		['a byte order mark', '\ufeff小米科技', '小米科技'],
		['an ideographic variation', '葛\u{e0100}饰区公司', '葛饰区公司'],
		['an emoji’s variation', '小米\u2600\ufe0f科技', '小米\u2600科技'],
		['a joined emoji', '\u{1f469}\u200d\u{1f4bb}公司', '\u{1f469}\u{1f4bb}公司'],
		['a filler', '小米\u3164科技', '小米科技'],
	])('marks of %s do not travel', (_, value, text) => {
		expect(readCompany(value)).toEqual({ text, problem: null });
	});

	test.each([
		['white space inside', 'Acme\u3000(China)\tCo., Ltd.'],
		['full width', '小米（北京）科技Ａ'],
		['characters of one’s own', '\ue000\ue001公司'],
		['outside the basic plane', '𠮷𠮷'],
		['a dash inside', '可口-可乐'],
		['a hash inside', '#1 公司'],
		['a credit code', '91110108551385082Q'],
		['digits around an E', '12E45'],
	])('%s stays', (_, value) => {
		expect(readCompany(value)).toEqual({ text: value, problem: null });
	});
});

describe('what a spreadsheet leaves where a value failed is unfit', () => {
	test.each(
		['#N/A', '#REF!', '#VALUE!', '#NAME?', '#DIV/0!', '#NUM!', '#NULL!', '#n/a', '####'].flatMap(
			(value) => [value, ` ${value}\u200b`],
		),
	)('%p', (value) => {
		const shown = value.trim().replace('\u200b', '');
		const problem = `is “${shown}”: a spreadsheet shows it where a value failed, so correct that cell`;
		expect(readCompany(value).problem).toBe(problem);
		expect(readLoginName(value).problem).toBe(problem);
	});

	test('in full width', () => {
		expect(readCompany('＃Ｎ／Ａ').problem).toContain('is “#N/A”');
	});

	test.each(['-', '–', '—', '－', '−', ' - '])('a dash, %p', (value) => {
		expect(readCompany(value).problem).toBe('is a lone dash');
		expect(readLoginName(value).problem).toBe('is a lone dash');
	});

	test.each(['1.38E+10', '1.38e+10', '1E+10', '1.3800138E10', '１．３８Ｅ＋１０'])(
		'a number cut short, %p',
		(value) => {
			const problem =
				'is a number in exponent form: a spreadsheet shortened it, so format the column as text and enter the number again';
			expect(readCompany(value).problem).toBe(problem);
			expect(readLoginName(value).problem).toBe(problem);
		},
	);

	test.each(['С\ufffd\ufffd', '\ufffd'])('the wrong encoding, %p', (value) => {
		expect(readCompany(value).problem).toBe(
			'was read with the wrong encoding: Excel’s CSV in China is GBK, so read the file as GBK or save it as UTF-8',
		);
	});
});

describe('whatever comes', () => {
	const odd = fc.constantFrom(
		...['\u200b', '\u202d', '\ufeff', '\u00ad', '\u0085', '\u3000', '\u2028', '\t', '\n', '\0'],
		...['\ufe0f', '\u{e0100}', '\u200d', '\ufffd', '\ud83d', '+86', '0086', '86', '138', '-', '（'],
		...['0013', '8000', '1', '#N/A', 'E+', ',', '，', ';', '[', ']', '"', '公司', '１', '＋'],
	);
	const text = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.array(odd, { maxLength: 8 }).map((parts) => parts.join('')),
	);
	const anything = fc.oneof(text, fc.anything());

	test('a name is read or has its problem, and nothing throws', () => {
		fc.assert(
			fc.property(anything, (value) => {
				for (const read of [readLoginName, readCompany]) {
					for (const one of [value, ...elements(value)]) {
						const name = read(one);
						if (name.problem === null) expect(name.text).not.toBe('');
						if (name.text === null) expect(name.problem).not.toBeNull();
					}
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('a name that was read is read again as it is', () => {
		fc.assert(
			fc.property(text, (value) => {
				for (const read of [readLoginName, readCompany]) {
					const name = read(value);
					if (name.text !== null && name.text !== '') expect(read(name.text)).toEqual(name);
				}
			}),
			{ numRuns: 500 },
		);
	});

	const digits = (least: number, most: number) =>
		fc.string({
			unit: fc.constantFrom(...Array.from('0123456789')),
			minLength: least,
			maxLength: most,
		});

	test('a number of another country keeps its code', () => {
		const code = fc
			.constantFrom('1', '7', '33', '44', '49', '65', '81', '82', '84', '852', '853', '886', '91')
			.filter((one) => !one.startsWith('86'));
		const separator = fc.constantFrom('', '-', '.');
		fc.assert(
			fc.property(code, separator, digits(6, 12), (country, between, rest) => {
				const number = `+${country}${between}${rest}`;
				expect(textOf(readLoginName(number))).toBe(number);
			}),
		);
	});

	test('a mainland mobile number is its 11 digits in any spelling', () => {
		const mobile = fc
			.tuple(fc.constantFrom(...Array.from('3456789')), digits(9, 9))
			.map(([second, rest]) => `1${second}${rest}`);
		const prefix = fc.constantFrom(
			'',
			'+86',
			'+86 ',
			'0086-',
			'86',
			'(+86) ',
			'（86）',
			'\u202d+86 ',
		);
		const between = fc.constantFrom('', ' ', '-', '\u2011', '－', '\u200b', '\u3000');
		fc.assert(
			fc.property(mobile, prefix, between, (number, before, gap) => {
				const spelled = [number.slice(0, 3), number.slice(3, 7), number.slice(7)].join(gap);
				expect(readLoginName(before + spelled)).toEqual({ text: number, problem: null });
			}),
		);
	});

	test('a plain name is read as it is with a mark that nobody sees', () => {
		const letter = fc.constantFrom(...Array.from('企查鿿一（）()azAZ09E.,-#+ \n\ufffd９'));
		fc.assert(
			fc.property(fc.array(letter, { maxLength: 6 }), (letters) => {
				const name = letters.join('');
				for (const read of [readCompany, readLoginName]) {
					expect(read(name)).toEqual(read(`\u200b${name}`));
				}
			}),
			{ numRuns: 5_000 },
		);
	});
});
