import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A user folder of its own for n8n-core, which reads its place when it is loaded: to be imported
 * before it. A real n8n of this user is neither read nor written.
 */
const folder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_LOG_LEVEL ??= 'silent';
process.on('exit', () => {
	rmSync(folder, { recursive: true, force: true });
});
