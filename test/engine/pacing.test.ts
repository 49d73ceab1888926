import { runNode } from '../harness/engine';

const ITEMS = 20_000;

/** What stands in the output for item i of a dry run, 200 companies of one user to a call. */
const planned = (i: number) => {
	const call = Math.floor(i / 200) + 1;
	return {
		json: {
			action: 'assign',
			loginName: '13800000000',
			keyWord: `测试公司${i}有限公司`,
			keyNo: null,
			success: null,
			outcome: 'planned',
			status: null,
			msg: `Would be sent in call ${call} of ${ITEMS / 200}`,
			call,
		},
		pairedItem: { item: i },
	};
};

test('the event loop turns while n8n resolves an expression for each item', async () => {
	let turns = 0;
	const timer = setInterval(() => {
		turns += 1;
	}, 1);
	const { outputs } = await runNode({
		inputs: [
			Array.from({ length: ITEMS }, (_, i) => ({ first: `测试公司${i}`, last: '有限公司' })),
		],
		parameters: {
			resource: 'assignment',
			operation: 'create',
			loginName: '13800000000',
			company: '={{ $json.first + $json.last }}',
			options: { dryRun: true },
		},
		credential: { appKey: 'key', secretKey: 'secret', baseUrl: 'http://127.0.0.1' },
	});
	clearInterval(timer);
	expect(outputs).toEqual([Array.from({ length: ITEMS }, (_, i) => planned(i))]);
	// Without pacing it does not turn at all.
	expect(turns).toBeGreaterThan(8);
});
