/** `npm run report`: makes the four files again from what the last run has recorded. */
import { resolve } from 'node:path';
import { textTable } from './rows.ts';
import { writeReport } from './write.ts';

console.log(textTable(await writeReport(resolve('results'))));
