import assert from 'node:assert/strict';

import {
	ADMINISTRATOR,
	ANNA,
	assigned,
	BEN,
	HUAWEI,
	readExample,
	refused,
	removed,
	TENCENT,
	UNKNOWN,
	WEBHOOK_KEY,
	XIAOMI,
	type Bench,
} from './bench';

const CARL = '13700137000';

const taken = (loginName: string, keyWord: string) => ({
	...assigned(loginName, keyWord),
	assigned: true,
});

const given = (loginName: string, keyWord: string) => ({
	...removed(loginName, keyWord),
	assigned: false,
});

/** 03: what the CRM is answered, and what QCC holds afterwards. */
export async function crmWebhook({ server, simulator }: Bench): Promise<void> {
	await server.publishWorkflow(await readExample('03-crm-webhook'));
	const post = async (body: unknown, key = WEBHOOK_KEY.value) => {
		const response = await fetch(`${server.url}/webhook/qcc-radar-owner`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: key },
			body: JSON.stringify(body),
		});
		return { status: response.status, text: await response.text() };
	};
	const tell = async (body: unknown) => {
		simulator.resetStats();
		const { status, text } = await post(body);
		return { status, body: JSON.parse(text) as unknown, calls: simulator.calls.length };
	};

	simulator.assign(ANNA, XIAOMI);
	const change = { company: XIAOMI, oldLoginName: ANNA, newLoginName: BEN };
	assert.equal((await post(change, 'guessed')).status, 403);
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`]);

	assert.deepEqual(await tell(change), {
		status: 200,
		body: { success: true, rows: [taken(BEN, XIAOMI), given(ANNA, XIAOMI)] },
		calls: 2,
	});
	assert.deepEqual(simulator.pairs(), [`${BEN} ${XIAOMI}`]);

	// The owner who stays, as a number, as a text, and as a person writes it.
	for (const oldLoginName of [Number(BEN), BEN, '+86 139-0013-9000']) {
		const { status, body } = await tell({ ...change, oldLoginName });
		assert.deepEqual(
			{ status, body },
			{ status: 200, body: { success: true, rows: [taken(BEN, XIAOMI)] } },
		);
		assert.deepEqual(simulator.pairs(), [`${BEN} ${XIAOMI}`]);
	}

	assert.deepEqual(await tell({ company: TENCENT, newLoginName: Number(ANNA) }), {
		status: 200,
		body: { success: true, rows: [taken(ANNA, TENCENT)] },
		calls: 1,
	});

	// An administrator's removal may stop following the company for everybody: the new owner keeps it.
	simulator.assign(ADMINISTRATOR, HUAWEI);
	const handover = { company: HUAWEI, oldLoginName: ADMINISTRATOR, newLoginName: BEN };
	const handed = await tell(handover);
	assert.equal(handed.status, 200, JSON.stringify(handed.body));
	assert.deepEqual(
		simulator.pairs(),
		[`${ANNA} ${TENCENT}`, `${BEN} ${XIAOMI}`, `${BEN} ${HUAWEI}`].sort(),
	);

	// What cannot succeed: nothing is sent, or the old owner keeps the company.
	const example = [
		[{}, 'Change 1 of 1 lacks company and newLoginName'],
		[[], 'The list of changes is empty'],
		[{ ...change, newLoginName: '' }, 'Change 1 of 1 lacks newLoginName'],
		[[change, { company: null, newLoginName: BEN }], 'Change 2 of 2 lacks company'],
		[[change, 'gibberish'], 'Change 2 of 2 lacks company and newLoginName'],
	] as const;
	for (const [body, message] of example) {
		assert.deepEqual(await tell(body), {
			status: 400,
			body: { success: false, message, rows: [] },
			calls: 0,
		});
	}
	const unfit = await tell({ ...change, oldLoginName: BEN, newLoginName: '138,139' });
	assert.deepEqual([unfit.status, unfit.calls], [422, 0], JSON.stringify(unfit.body));
	const standing = [`${ANNA} ${TENCENT}`, `${BEN} ${XIAOMI}`, `${BEN} ${HUAWEI}`].sort();
	assert.deepEqual(simulator.pairs(), standing);
	simulator.assign(BEN, UNKNOWN);
	const unknown = await tell({ company: UNKNOWN, oldLoginName: BEN, newLoginName: ANNA });
	assert.equal(unknown.status, 422, JSON.stringify(unknown.body));
	const [first] = (unknown.body as { rows: object[] }).rows;
	assert.deepEqual(first, { ...refused(ANNA, UNKNOWN), assigned: false });
	assert.deepEqual(simulator.pairs(), [...standing, `${BEN} ${UNKNOWN}`].sort());

	// What may pass.
	for (const code of [103, 110]) {
		simulator.faults = () => ({ kind: 'code', code });
		const { status, body } = await tell({ ...change, oldLoginName: BEN, newLoginName: ANNA });
		assert.equal(status, 502, JSON.stringify(body));
		simulator.faults = undefined;
	}
	assert.deepEqual(simulator.pairs(), [...standing, `${BEN} ${UNKNOWN}`].sort());

	// Several at once: the calls are shared, and of two changes of a company the later counts.
	simulator.clear();
	simulator.assign(ANNA, XIAOMI);
	simulator.assign(ANNA, TENCENT);
	simulator.assign(ANNA, HUAWEI);
	const several = await tell([
		{ company: XIAOMI, oldLoginName: ANNA, newLoginName: BEN },
		{ company: XIAOMI, oldLoginName: BEN, newLoginName: CARL },
		{ company: TENCENT, oldLoginName: ANNA, newLoginName: CARL },
		{ company: HUAWEI, oldLoginName: ANNA, newLoginName: BEN },
		{ company: HUAWEI, oldLoginName: Number(BEN), newLoginName: Number(ANNA) },
	]);
	assert.equal(several.status, 200, JSON.stringify(several.body));
	assert.deepEqual(
		simulator.pairs(),
		[`${CARL} ${XIAOMI}`, `${CARL} ${TENCENT}`, `${ANNA} ${HUAWEI}`].sort(),
	);
}
