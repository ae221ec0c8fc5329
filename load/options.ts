import { parseArgs } from 'node:util';
import { DemoError } from './errors.ts';

export interface Options {
  readonly quick: boolean;
  readonly help: boolean;
}

export const usage = `npm run demo -- [options]

  --quick   about a minute: fewer users, a shorter load and a shorter hang
  --help    this text

Starts the local cloud with recommendations hanging, loads v1, then v2, and writes
results/comparison.html, results/results_v1.html, results/results_v2.html and
results/comparison_report.json. What was recorded stays in results/raw.`;

export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
