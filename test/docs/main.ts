/** Writes the pages that are made from code. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { codesPage } from './codesPage';

writeFileSync(resolve(__dirname, '../../docs/codes.md'), codesPage());
