/**
 * What n8n's scanner does before it takes a package in: its own rules over the sources and over the
 * packed tarball, inline disables off. Warnings fail as errors do.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';
import { ESLint, type Linter } from 'eslint';
import { packNode } from '../e2e/nodePackage';

const ROOT = resolve(__dirname, '../..');

interface Scanner {
	readonly SOURCE_FILE_PATTERNS: string[];
	buildScanConfig(): Promise<Linter.Config[]>;
}

/** The scanner is an ES module without types. */
async function loadScanner(): Promise<Scanner> {
	const path = require.resolve('@n8n/scan-community-package/scanner/scanner.mjs');
	return (await import(path)) as Scanner;
}

async function scan(what: string, folder: string, patterns: string[]): Promise<number> {
	const scanner = await loadScanner();
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await scanner.buildScanConfig(),
	});
	const results = await eslint.lintFiles(patterns);
	const sum = (count: 'errorCount' | 'warningCount') =>
		results.reduce((total, result) => total + result[count], 0);
	const errors = sum('errorCount');
	const warnings = sum('warningCount');
	const formatter = await eslint.loadFormatter('stylish');
	process.stdout.write(await formatter.format(results));
	process.stdout.write(
		`${what}: ${results.length} files, ${errors} errors, ${warnings} warnings\n`,
	);
	return errors + warnings;
}

async function main(): Promise<void> {
	const { SOURCE_FILE_PATTERNS } = await loadScanner();
	const folder = mkdtempSync(join(tmpdir(), 'qcc-radar-verify-'));
	try {
		const tarball = await packNode(ROOT);
		execFileSync('tar', ['-xzf', tarball.path, '-C', folder]);
		const found =
			(await scan('sources', ROOT, SOURCE_FILE_PATTERNS)) +
			(await scan('tarball', join(folder, 'package'), ['**/*.{js,ts,json}']));
		process.exitCode = found === 0 ? 0 : 1;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

void main();
