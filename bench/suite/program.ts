/** The inside of a part's program: measures, and sends the figures to the command. */
import type { Measured } from './results.ts';

const [, , module = ''] = process.argv;
const { measure } = (await import(module)) as { readonly measure: () => Promise<Measured> };
const measured = await measure();
process.send?.(measured, () => process.exit());
