import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { runNode } from '../harness/engine';
import {
	planOf,
	startSimulator,
	TEST_ACCOUNT,
	type Company,
	type Fault,
	type Simulator,
} from '../simulator/simulator';

const COMPANIES: Company[] = ['甲', '乙', '丙'].map((name, i) => ({
	name: `${name}（上海）有限公司`,
	formerNames: [`原${name}有限公司`],
	creditCode: `9131000000000000${i}X`,
	keyNo: `K${i}`,
}));
/** Every word by which QCC finds a company, another width of its name included. */
const WORDS = COMPANIES.flatMap(({ name, formerNames = [], creditCode = '', keyNo }) =>
	[name, name.normalize('NFKC'), ...formerNames, creditCode].map((word) => ({ word, keyNo })),
);
const USERS = ['13800000001', '13800000002', '13800000003'];
const KEY_NO = new Map(WORDS.map(({ word, keyNo }) => [word, keyNo]));

const pair = fc.record({ loginName: fc.constantFrom(...USERS), of: fc.constantFrom(...WORDS) });
const YES = [true, 1, 'true', 'TRUE', 'yes', undefined];
const UNKNOWN = [null, ''];
const entry = fc.record({
	pair,
	keyed: fc.boolean(),
	yes: fc.constantFrom(...YES),
	unknown: fc.option(fc.constantFrom(...UNKNOWN), { freq: 4, nil: undefined }),
});
const fault = fc.constantFrom<Fault>(
	{ kind: 'reset', when: 'before' },
	{ kind: 'reset', when: 'after' },
	{ kind: 'truncate', when: 'after' },
	{ kind: 'code', code: 199, when: 'after' },
	{ kind: 'code', code: 109 },
	{ kind: 'code', code: 112 },
	{ kind: 'html' },
	{ kind: 'rows', change: (rows) => rows.slice(1) },
);
const scene = fc.record({
	desired: fc.array(pair, { maxLength: 8 }),
	ledger: fc.uniqueArray(entry, {
		selector: ({ pair: { loginName, of } }) => `${loginName} ${of.word}`,
		maxLength: 10,
	}),
	administrators: fc.subarray(USERS),
	strict: fc.boolean(),
	faults: fc.array(fc.option(fault, { freq: 2 }), { maxLength: 8 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

async function sync(
	server: Simulator,
	desired: readonly IDataObject[],
	current: readonly IDataObject[],
): Promise<IDataObject[]> {
	const { outputs, error } = await runNode({
		inputs: [desired, current],
		parameters: {
			resource: 'assignment',
			operation: 'sync',
			loginName: '={{ $json.loginName }}',
			company: '={{ $json.company }}',
			options: { maxRemovals: 100, batchSize: 3, retryFor: 2 },
		},
		credential: { ...TEST_ACCOUNT, baseUrl: server.url },
		onError: 'continueRegularOutput',
	});
	expect(error).toBeUndefined();
	return outputs.flat().map(({ json }) => json);
}

/** Rows that say what the server does not hold. */
function lies(server: Simulator, rows: readonly IDataObject[]): string[] {
	const standing = (row: IDataObject) => server.has(row.loginName as string, row.keyWord as string);
	const companyOf = ({ loginName, keyWord }: IDataObject) =>
		`${loginName as string} ${KEY_NO.get(keyWord as string) ?? ''}`;
	return rows.flatMap((row) => {
		const name = JSON.stringify(row);
		if (row.assigned === true && !standing(row)) return [`does not stand: ${name}`];
		if (row.assigned !== false || !standing(row)) return [];
		const confirmed = row.outcome === 'ok' || row.outcome === 'unchanged';
		const told = rows.some(
			(one) =>
				companyOf(one) === companyOf(row) &&
				(confirmed ? one.assigned === true : one.assigned !== false),
		);
		return told ? [] : [`stands: ${name}`];
	});
}

async function hold({ desired, ledger, administrators, strict, faults }: Scene): Promise<void> {
	const server = await startSimulator({
		companies: COMPANIES,
		openRegister: false,
		administrators,
		refuseRepeats: strict,
		lockAfter: 1000,
	});
	try {
		const wanted = desired.map(({ loginName, of }) => ({ loginName, company: of.word }));
		for (const { pair: one, unknown } of ledger) {
			if (unknown === undefined) server.assign(one.loginName, one.of.word);
		}
		let current: IDataObject[] = ledger.map(({ pair: one, keyed, yes, unknown }) => ({
			loginName: one.loginName,
			keyWord: one.of.word,
			...(keyed && { keyNo: one.of.keyNo }),
			...(unknown === undefined && yes === undefined ? {} : { assigned: unknown ?? yes }),
			...(unknown === null && { assigned: null }),
		}));
		const ends = [
			...new Set(
				desired.map(({ loginName, of }) => {
					return `${loginName} ${COMPANIES.find(({ keyNo }) => keyNo === of.keyNo)?.name ?? ''}`;
				}),
			),
		].sort();
		server.faults = planOf(faults.flatMap((one, i) => (one ? [{ call: i + 1, fault: one }] : [])));
		for (const run of ['troubled', 'answered', 'settled']) {
			const rows = await sync(server, wanted, current);
			expect({ run, lies: lies(server, rows) }).toEqual({ run, lies: [] });
			if (run !== 'troubled') expect({ run, pairs: server.pairs() }).toEqual({ run, pairs: ends });
			if (run === 'settled') expect(server.calls).toEqual([]);
			current = rows.filter(({ assigned }) => assigned !== false);
			server.faults = undefined;
			server.resetStats();
		}
	} finally {
		await server.close();
	}
}

test('whatever fails and whatever companies are called, a sync converges and no row lies', async () => {
	await fc.assert(fc.asyncProperty(scene, hold), { numRuns: 40 });
}, 180_000);
