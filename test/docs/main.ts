/** Writes the pages that are made from code. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatted } from '../harness/page';
import { codesPage } from './codesPage';

writeFileSync(resolve(__dirname, '../../docs/codes.md'), formatted(codesPage()));
