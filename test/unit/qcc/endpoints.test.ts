import fc from 'fast-check';
import { callUrl, canBeListed, listedBytes } from '../../../nodes/QccRadar/qcc/endpoints';

const PATH = 'https://pro.qcc.com/api/radar_ext/';
test.each([
	['assign', 'user', 'batchAddRadarCompanyListToExistedUser?loginName=%2B86%201&keyWordList='],
	[
		'unassign',
		'user',
		'batchCancelRadarCompanyListFromExistedUser?loginName=%2B86%201&keyWordList=',
	],
	['assign', 'company', 'batchAddRadarCompanyToExistedUserList?keyWord=%2B86%201&loginNameList='],
	[
		'unassign',
		'company',
		'batchCancelRadarCompanyFromExistedUserList?keyWord=%2B86%201&loginNameList=',
	],
] as const)('the URL to %s around a %s', (action, shape, start) => {
	const url = (names: string[]) => callUrl('https://pro.qcc.com', action, shape, '+86 1', names);
	expect(url(['甲', 'A&B'])).toBe(`${PATH}${start}%E7%94%B2,A%26B`);
	expect(url(['Acme, Inc.'])).toBe(`${PATH}${start}Acme%2C%20Inc.`);
	expect(url([])).toBe(PATH + start);
});

test.each([
	['a', true, 2],
	['甲乙', true, 19],
	['甲，乙', true, 28],
	['甲(中)', true, 21],
	['甲,乙', false, 22],
])('%s: can be listed %p, %d bytes', (name, listed, bytes) => {
	expect(canBeListed(name)).toBe(listed);
	expect(listedBytes(name)).toBe(bytes);
	const url = (names: string[]) => callUrl('', 'assign', 'user', '', names).length;
	expect(url(['x', name]) - url(['x'])).toBe(bytes);
});

test('a name takes as many bytes as it has when it is encoded', () => {
	const text = fc.string({ unit: 'binary', maxLength: 8 });
	fc.assert(
		fc.property(text, (name) => {
			expect(listedBytes(name)).toBe(encodeURIComponent(name).length + 1);
		}),
		{
			examples: ['\u07ff\u0800', '\ud7ff\ue000\uffff', '\u{10000}\u{10ffff}', '\x7f\x80'].map(
				(name) => [name],
			),
		},
	);
});
