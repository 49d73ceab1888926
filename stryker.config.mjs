/**
 * Mutation tests of the pure parts by their unit tests alone: `npm run mutate`, or for one file
 * `npm run mutate -- --mutate nodes/QccRadar/account/window.ts`. By hand, not in CI: it takes
 * minutes.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
	mutate: [
		'qcc/answer.ts',
		'qcc/verdict.ts',
		'account/urlLimit.ts',
		'account/window.ts',
		'send/asked.ts',
		'send/centres.ts',
		'send/blame.ts',
		'send/cut.ts',
		'send/endings.ts',
		'send/formed.ts',
		'send/matchRows.ts',
		'send/nextStep.ts',
		'send/queue.ts',
		'sync/*.ts',
	].map((file) => `nodes/QccRadar/${file}`),
	testRunner: 'jest',
	// Random scenes would hide what no test names, and take their time for each mutant.
	jest: {
		config: {
			// With what tests share: through it they are found to be about what it imports.
			roots: ['<rootDir>/test/unit', '<rootDir>/test/harness'],
			testPathIgnorePatterns: ['\\.(model|property)\\.test'],
		},
	},
	coverageAnalysis: 'perTest',
	// swc leaves types aside, in mutants too.
	disableTypeChecks: false,
	reporters: ['clear-text', 'progress'],
	clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
	// A mutant that waits for ever is killed, one on a busy machine is not.
	timeoutMS: 10_000,
	concurrency: 2,
	tempDirName: '.cache/stryker',
	ignorePatterns: ['dist', 'docs', 'examples', 'test/bench', 'test/e2e', 'test/engine'],
};
