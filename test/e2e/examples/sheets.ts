import assert from 'node:assert/strict';

import { keyNoOf } from '../../simulator/ledger';
import { ANNA, BEN, HUAWEI, readExample, TENCENT, UNKNOWN, XIAOMI } from './bench';
import type { Bench } from './bench';

/** Whoever asks about this one is told that the query is locked: no fault of the row. */
const LOCKED = '广州被锁定有限公司';
const CARL = '13700137000';

/** 04: each run sends what has no result, or one that was not the row's fault, and nothing else. */
export async function googleSheets({ server, simulator, outside }: Bench): Promise<void> {
	const workflow = await readExample('04-google-sheets');
	const head = ['id', 'company', 'phone', 'msg', 'outcome', 'keyNo', 'action'];
	const run = async () => {
		simulator.clear();
		simulator.resetStats();
		const execution = await server.runWorkflow(workflow);
		assert.equal(execution.status, 'success', JSON.stringify(execution.error));
		return simulator.pairs();
	};
	outside.cells = [
		head,
		[1, XIAOMI, 13800138000],
		[2, TENCENT, ANNA, '保存成功', 'ok', keyNoOf(TENCENT), 'assign'],
		[3, UNKNOWN, BEN],
		[4, HUAWEI, BEN, 'No answer', 'unknown', '', 'assign'],
		[5, XIAOMI, BEN, 'Out of quota', 'notSent', '', 'assign'],
		[6, TENCENT, BEN, 'Unfit', 'notSent', '', 'none'],
		[7, '#N/A', ANNA],
		[8, LOCKED, CARL],
	];
	simulator.faults = ({ centre, values }) =>
		[centre, ...values].includes(LOCKED) ? { kind: 'code', code: 110 } : undefined;
	assert.deepEqual(
		await run(),
		[`${ANNA} ${XIAOMI}`, `${BEN} ${XIAOMI}`, `${BEN} ${HUAWEI}`].sort(),
	);
	const [, , , , , , , unfit, locked] = outside.cells;
	assert.deepEqual(outside.cells.slice(0, 7), [
		head,
		[1, XIAOMI, 13800138000, '保存成功', 'ok', keyNoOf(XIAOMI), 'assign'],
		[2, TENCENT, ANNA, '保存成功', 'ok', keyNoOf(TENCENT), 'assign'],
		[3, UNKNOWN, BEN, '关键字不存在', 'rejected', '', 'assign'],
		[4, HUAWEI, BEN, '保存成功', 'ok', keyNoOf(HUAWEI), 'assign'],
		[5, XIAOMI, BEN, '保存成功', 'ok', keyNoOf(XIAOMI), 'assign'],
		[6, TENCENT, BEN, 'Unfit', 'notSent', '', 'none'],
	]);
	assert.deepEqual([unfit?.[4], unfit?.[6]], ['notSent', 'none']);
	assert.deepEqual([locked?.[4], locked?.[6]], ['notSent', 'assign']);

	// Only the locked row is tried again.
	simulator.faults = undefined;
	assert.deepEqual(await run(), [`${CARL} ${LOCKED}`]);
	assert.deepEqual(outside.cells[8]?.slice(3), ['保存成功', 'ok', keyNoOf(LOCKED), 'assign']);
	assert.deepEqual(await run(), []);
	assert.equal(simulator.calls.length, 0);
}
