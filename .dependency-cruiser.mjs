/**
 * The direction of imports, held by `npm run lint`. The tree is the pipeline: a stage imports the
 * stages before it in this list and itself, nothing else. Imports of types count too.
 */
const STAGES = [
	'timing.ts',
	'qcc/',
	'description/',
	'account/',
	'read/',
	'plan/',
	'send/',
	'sync/',
	'answer/',
	'QccRadar.node.ts',
];

const pathOf = (stage) => `^nodes/QccRadar/${stage.replaceAll('.', '\\.')}`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const downwards = STAGES.slice(0, -1).map((stage, i) => ({
	name: `${stage} imports later stages`,
	severity: 'error',
	from: { path: pathOf(stage) },
	to: { path: STAGES.slice(i + 1).map(pathOf) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [
		...downwards,
		{
			name: 'a file outside every stage',
			comment: 'A new folder takes its place in the list above.',
			severity: 'error',
			from: { path: '^nodes/', pathNot: STAGES.map(pathOf) },
			to: {},
		},
		{
			name: 'a circle',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{
			name: 'credentials stand on qcc/ alone',
			severity: 'error',
			from: { path: '^credentials/' },
			to: { path: '^(nodes|credentials)/', pathNot: pathOf('qcc/') },
		},
		{
			name: 'the node knows the credential by its name alone',
			severity: 'error',
			from: { path: '^nodes/' },
			to: { path: '^credentials/' },
		},
		{
			name: 'what is published knows no tests',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { path: '^test/' },
		},
		{
			name: 'a file that nothing leads to',
			severity: 'error',
			from: { path: ['^nodes/QccRadar/QccRadar\\.node\\.ts$', '^credentials/'] },
			to: { path: '^nodes/', pathNot: pathOf('QccRadar.node.ts'), reachable: false },
		},
		{
			name: 'an orphan',
			severity: 'error',
			from: { orphan: true },
			to: {},
		},
		{
			name: 'an import that leads nowhere',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true },
		},
		{
			name: 'the simulator is written from the document, not from the node',
			severity: 'error',
			from: { path: '^test/simulator/' },
			to: { path: '^(nodes|credentials)/' },
		},
		{
			name: 'test/unit and test/engine hold tests alone',
			comment: 'What tests share belongs into test/harness.',
			severity: 'error',
			from: { path: '^test/(unit|engine)/', pathNot: '\\.test\\.ts$' },
			to: {},
		},
		{
			name: 'a test imported by another file',
			severity: 'error',
			from: {},
			to: { path: '\\.test\\.ts$' },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '\\.(json|svg)$' },
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: true,
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['require', 'import', 'node', 'default', 'types'],
		},
	},
};
