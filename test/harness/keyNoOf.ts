import { createHash } from 'node:crypto';

/** As the simulator numbers companies that stand in no list. */
export function keyNoOf(company: string): string {
	return createHash('md5').update(company).digest('hex');
}
