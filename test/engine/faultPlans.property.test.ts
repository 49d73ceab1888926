import fc from 'fast-check';
import type { SimulatorOptions } from '../simulator/simulator';
import { FAULT_KINDS } from '../faults/faultKinds';
import { companiesOf, runTrial, wrongsOf, type Pair, type Trial } from '../harness/trial';

/** Executions under way at once: most of their time is waiting. */
const AT_ONCE = 40;
const BATCHES = 10;

/** Without those that claim rows to be done whatever the server did. */
const KINDS = FAULT_KINDS.filter(({ doubtful }) => !doubtful);

const USERS = ['13800000000', '13900000001', 'USER3', 'user3'];
const COMPANIES = [
	'小米科技有限责任公司',
	'Ａcme（上海）有限公司',
	'Acme(上海)有限公司',
	'ACME(上海)有限公司',
	'Acme, Inc.',
	'不存在的公司',
	'Acme & Söhne + 50% = ?#/',
	'甲、乙',
	`${'长'.repeat(120)}公司`,
	`${'远'.repeat(120)}公司`,
	`${'久'.repeat(230)}公司`,
];

const pair: fc.Arbitrary<Pair> = fc.record({
	loginName: fc.constantFrom(...USERS),
	company: fc.constantFrom(...COMPANIES),
});

/** A fault for each of the first calls, undefined being none; or for every call from some call on. */
const plan = fc.record({
	faults: fc.array(fc.option(fc.nat(KINDS.length - 1), { nil: undefined }), {
		maxLength: 12,
	}),
	forever: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const server = fc.record(
	{
		refuseRepeats: fc.boolean(),
		numericStatus: fc.boolean(),
		users: fc.constant(USERS.slice(0, 3)),
		maxUrlBytes: fc.integer({ min: 1500, max: 6000 }),
		poison: fc.dictionary(
			fc.constantFrom(...COMPANIES, ...USERS),
			fc.constantFrom(202, 213, 215, 500, 299),
			{ maxKeys: 2 },
		),
		latency: fc.nat(20),
	},
	{ requiredKeys: [] },
);

const trial: fc.Arbitrary<Trial> = fc.record({
	pairs: fc.array(pair, { minLength: 1, maxLength: 30 }),
	action: fc.constantFrom('assign', 'unassign'),
	onError: fc.constantFrom('stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'),
	options: fc.record({
		batchSize: fc.integer({ min: 1, max: 8 }),
		maxConcurrency: fc.integer({ min: 1, max: 5 }),
		timeout: fc.constant(200),
		// 0 would stand for the default, five minutes.
		retryFor: fc.constantFrom(0.001, 1, 2, 3),
	}),
});

const scene = fc.record({
	trial,
	server,
	plan,
	/** In the server's ledger before. */
	assigned: fc.array(pair, { maxLength: 10 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

async function wrongsIn({ trial, server, plan, assigned }: Scene): Promise<string[]> {
	const { faults, forever } = plan;
	const options: SimulatorOptions = {
		...(server as SimulatorOptions),
		faults: (call) => {
			const place = forever ? (call.n - 1) % Math.max(1, faults.length) : call.n - 1;
			const index = faults[place];
			return index === undefined ? undefined : KINDS[index]?.on(call);
		},
	};
	return wrongsOf(await runTrial(trial, options, assigned));
}

test('whatever fails, and whenever, no row is lost and none is lied about', async () => {
	await runTrial({ pairs: companiesOf(1) });
	const scenes = fc.array(scene, { minLength: AT_ONCE, maxLength: AT_ONCE });
	const lies: unknown[] = [];
	const { failed, seed } = await fc.check(
		fc.asyncProperty(scenes, async (batch) => {
			const wrongs = await Promise.all(batch.map(wrongsIn));
			for (const [i, wrong] of wrongs.entries()) {
				if (wrong.length > 0) lies.push({ scene: batch[i], wrong });
			}
			return lies.length === 0;
		}),
		// The scenes that fail are told alone: shrinking a batch would take minutes.
		{ numRuns: BATCHES, endOnFailure: true },
	);
	expect({ seed, failed, lies }).toEqual({ seed, failed: false, lies: [] });
}, 120_000);
