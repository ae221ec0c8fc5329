/**
 * Changes the library in small ways, and demands that for each a test fails. A change that no test
 * notices is a rule that nobody watches. `npm run test:mutation [-- protocol/view.ts ...]`: only the
 * code of these files.
 */
import { mutateCode } from './code.ts';
import { removeConditions } from './conditions.ts';

const files = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const conditions = files.length > 0 ? 0 : await removeConditions();
const code = mutateCode(files);
process.exitCode = conditions + code > 0 ? 1 : 0;
