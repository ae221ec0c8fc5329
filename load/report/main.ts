/** `npm run report`: makes the four files again from what the last run has recorded. */
import { resolve } from 'node:path';
import { textTable } from './render/rows.ts';
import { writeReport } from './write.ts';

try {
  console.log(textTable(await writeReport(resolve('results'))));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  console.error('results/raw holds no complete run: start npm run demo first');
  process.exitCode = 1;
}
