import { faultsOf } from '../../harness/syncCases';

const CASES = 100_000;

test(`${CASES} random runs: nothing desired is lost, no row lies, and they converge`, async () => {
	const failures: unknown[] = [];
	for (let seed = 1; seed <= CASES && failures.length < 3; seed++) {
		const found = await faultsOf(seed);
		if (found.length > 0) failures.push({ seed, found });
	}
	expect(failures).toEqual([]);
}, 300_000);
