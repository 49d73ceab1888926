const { rm } = require('node:fs/promises');
const { dest, src } = require('gulp');

/** Removes the last build, so that a deleted source leaves nothing behind. */
function clean() {
	return rm('dist', { recursive: true, force: true });
}

/** Copies what tsc leaves where it is: icons and the codex. */
function assets() {
	return src(['nodes/**/*.{svg,json}', 'credentials/**/*.svg'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

module.exports = { clean, assets };
