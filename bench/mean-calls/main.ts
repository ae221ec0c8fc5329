/** Prints the mean number of calls until the circuit trips, by the share of them that fail. */
import { parseArgs } from 'node:util';
import { RULES, tableOf } from './table.ts';

const USAGE = `npm run mean-calls -- [--failure-rate SHARE --failure-threshold NUMBER]

  --failure-rate SHARE          from 0.01 to 1
  --failure-threshold NUMBER    a whole number, at least 1
  --help                        shows this

Without both: the table of the library's README.`;

process.exitCode = main();

function main(): number {
  try {
    const text = { type: 'string' } as const;
    const options = {
      'failure-rate': text,
      'failure-threshold': text,
      help: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ options });
    console.log(values.help ? USAGE : tableOf(rulesOf(values)).join('\n'));
    return 0;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
}

interface Given {
  readonly 'failure-rate'?: string;
  readonly 'failure-threshold'?: string;
}

function rulesOf(given: Given) {
  const { 'failure-rate': rate, 'failure-threshold': threshold } = given;
  if (rate === undefined && threshold === undefined) return RULES;
  const failureRate = Number(rate);
  const failureThreshold = Number(threshold);
  if (!(failureRate >= 0.01 && failureRate <= 1))
    throw new RangeError(`--failure-rate: got "${rate}", expected a number from 0.01 to 1`);
  if (!Number.isInteger(failureThreshold) || failureThreshold < 1)
    throw new RangeError(`--failure-threshold: got "${threshold}", expected a whole number`);
  return [{ failureRate, failureThreshold }];
}
