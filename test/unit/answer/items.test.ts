import { toItems } from '../../../nodes/QccRadar/answer/items';
import type { AnsweredRow } from '../../../nodes/QccRadar/answer/rows';
import type { Request } from '../../../nodes/QccRadar/read/request';
import { finish } from '../../harness/finish';

const ROW: AnsweredRow = {
	item: 0,
	input: 0,
	problem: null,
	loginName: '138',
	keyWord: '甲公司',
	action: 'unassign',
	outcome: 'unknown',
	status: null,
	msg: 'No answer',
	keyNo: null,
	reason: null,
	assigned: null,
};

test('an item’s own fields come after the row’s and never over them; its error stays behind', () => {
	const json = {
		phone: '138',
		outcome: 'ok',
		error: { loginName: '138', keyWord: '甲公司', assigned: true },
	};
	const request = {
		inputs: [[{ json }]],
		inputNames: [],
		options: { includeInputFields: true, dryRun: false },
		errorOutput: false,
	} as unknown as Request;
	const [item] = finish(toItems([ROW], request));
	expect(item).toEqual({
		json: {
			loginName: '138',
			keyWord: '甲公司',
			outcome: 'unknown',
			msg: 'No answer',
			success: false,
			status: null,
			keyNo: null,
			action: 'unassign',
			assigned: null,
			phone: '138',
		},
		pairedItem: { item: 0 },
	});
	expect(Object.keys(item?.json ?? {}).at(-1)).toBe('phone');
	expect(json.error.assigned).toBe(true);
});
