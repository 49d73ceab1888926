import assert from 'node:assert/strict';

import { keyNoOf } from '../../simulator/ledger';
import {
	ANNA,
	BEN,
	CRM_KEY,
	HUAWEI,
	TENCENT,
	UNKNOWN,
	XIAOMI,
	XIAOMI_CODE,
	type Bench,
} from './bench';
import { publishNights } from './nights';

const line = (loginName: string, keyWord: string, keyNo = keyNoOf(keyWord), assigned = true) =>
	[loginName, keyWord, keyNo, assigned].join(' ');

/** 02: night after night QCC holds what the CRM says, the ledger what QCC holds, and one is told. */
export async function scheduledSync({ server, simulator, outside }: Bench): Promise<void> {
	const nights = await publishNights(server, outside);
	const night = async () => {
		simulator.resetStats();
		const { execution, told } = await nights.run();
		const ledger = await nights.ledger();
		return {
			status: execution.status,
			calls: simulator.calls.length,
			pairs: simulator.pairs(),
			ledger: ledger
				.map((row) => [row.loginName, row.keyWord, row.keyNo, row.assigned].join(' '))
				.sort(),
			// The address of the execution stands below what happened.
			told: told.map((text) => text.replace(/\nhttp:\S+$/, '')),
		};
	};

	const relations = [
		{ phone: ANNA, company: XIAOMI },
		{ phone: ANNA, company: TENCENT },
		{ phone: ANNA, company: HUAWEI },
		{ phone: BEN, company: XIAOMI },
	];
	// A CRM may list a relation twice: the ledger never does.
	outside.relations = [...relations, { phone: ANNA, company: XIAOMI }];
	const all = [
		`${ANNA} ${XIAOMI}`,
		`${ANNA} ${TENCENT}`,
		`${ANNA} ${HUAWEI}`,
		`${BEN} ${XIAOMI}`,
	].sort();
	const allLines = relations.map(({ phone, company }) => line(phone, company)).sort();
	const quiet = { status: 'success', told: [] };
	assert.deepEqual(await night(), { ...quiet, calls: 2, pairs: all, ledger: allLines });
	const asked = outside.visits.find(({ url }) => url.hostname === 'crm.example.com');
	assert.equal(asked?.headers[CRM_KEY.name.toLowerCase()], CRM_KEY.value);

	outside.relations = relations;
	assert.deepEqual(await night(), { ...quiet, calls: 0, pairs: all, ledger: allLines });

	outside.relations = [
		...relations.filter(({ company }) => company !== TENCENT),
		{ phone: BEN, company: HUAWEI },
		{ phone: BEN, company: UNKNOWN },
	];
	const changed = [
		`${ANNA} ${XIAOMI}`,
		`${ANNA} ${HUAWEI}`,
		`${BEN} ${XIAOMI}`,
		`${BEN} ${HUAWEI}`,
	].sort();
	const changedLines = [
		line(ANNA, XIAOMI),
		line(ANNA, HUAWEI),
		line(BEN, XIAOMI),
		line(BEN, HUAWEI),
	].sort();
	assert.deepEqual(await night(), {
		status: 'error',
		calls: 2,
		pairs: changed,
		ledger: changedLines,
		told: [
			`Fail the run: 1 rows of the QCC sync were not done 行未完成\n1 × 关键字不存在\n  assign ${BEN} ${UNKNOWN}`,
		],
	});

	// A name becomes a credit code: one company, so nothing is removed, and the ledger follows.
	const renamed = changed
		.map((pair) => pair.split(' '))
		.map(([phone = '', company = '']) => ({
			phone,
			company: company === XIAOMI ? XIAOMI_CODE : company,
		}));
	outside.relations = renamed;
	const renamedLines = [
		line(ANNA, XIAOMI_CODE, keyNoOf(XIAOMI)),
		line(BEN, XIAOMI_CODE, keyNoOf(XIAOMI)),
		line(ANNA, HUAWEI),
		line(BEN, HUAWEI),
	].sort();
	const { calls, ...after } = await night();
	assert.deepEqual(after, { ...quiet, pairs: changed, ledger: renamedLines });
	const actions = new Set(simulator.calls.map(({ action }) => action));
	assert.deepEqual(actions, new Set(['assign']), `${calls} calls`);

	// No answer: the row stays in the ledger, its fate unknown, until a night makes it known.
	outside.relations = [...renamed, { phone: BEN, company: TENCENT }];
	simulator.faults = () => ({ kind: 'http', status: 503 });
	const silent = await night();
	simulator.faults = undefined;
	assert.deepEqual(silent.ledger, [...renamedLines, `${BEN} ${TENCENT}  `].sort());
	assert.deepEqual([silent.status, silent.told.length], ['error', 1]);
	const full = [...changed, `${BEN} ${TENCENT}`].sort();
	const fullLines = [...renamedLines, line(BEN, TENCENT)].sort();
	assert.deepEqual(await night(), { ...quiet, calls: 1, pairs: full, ledger: fullLines });

	// What a night that was cut off may leave: a pair that stands twice. It goes as one.
	const [double] = (await nights.ledger()).filter(({ keyWord }) => keyWord === TENCENT);
	assert(double);
	const { loginName, keyWord, keyNo, assigned } = double;
	await nights.addToLedger([{ loginName, keyWord, keyNo, assigned }]);
	outside.relations = renamed;
	assert.deepEqual(await night(), { ...quiet, calls: 1, pairs: changed, ledger: renamedLines });

	// The brake, and a CRM that is out of order: one message, and all stands.
	const standing = { status: 'error', calls: 0, pairs: changed, ledger: renamedLines };
	outside.relations = [];
	const { told, ...braked } = await night();
	assert.deepEqual(braked, standing);
	assert.equal(told.length, 1);
	assert.match(
		told[0] ?? '',
		/^Fail the run: 4 rows of the QCC sync were not done 行未完成\n4 × .*Max Removals/,
	);

	outside.relations = undefined;
	const { told: failure, ...failed } = await night();
	assert.deepEqual(failed, standing);
	assert.equal(failure.length, 1);
	assert.match(failure[0] ?? '', /^CRM relations: /);
}
