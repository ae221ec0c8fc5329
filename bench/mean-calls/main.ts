/** Prints the mean number of calls until the circuit trips, by the share of them that fail. */
import { readCommandLine, UsageError, wholeNumber } from '../command-line.ts';
import { RULES, tableOf } from './table.ts';

const USAGE = `npm run mean-calls -- [--failure-rate SHARE --failure-threshold NUMBER]

  --failure-rate SHARE          from 0.01 to 1
  --failure-threshold NUMBER    a whole number, at least 1
  --help                        shows this

Without both: the table of the library's README.`;

const TEXT = { type: 'string' } as const;
const OPTIONS = { 'failure-rate': TEXT, 'failure-threshold': TEXT } as const;

console.log(tableOf(readCommandLine(USAGE, OPTIONS, rulesOf)).join('\n'));

interface Given {
  readonly 'failure-rate'?: string;
  readonly 'failure-threshold'?: string;
}

function rulesOf(given: Given) {
  const { 'failure-rate': rate, 'failure-threshold': threshold } = given;
  if (rate === undefined && threshold === undefined) return RULES;
  const failureRate = Number(rate);
  if (!(failureRate >= 0.01 && failureRate <= 1))
    throw new UsageError(`--failure-rate: got "${rate}", expected a number from 0.01 to 1`);
  return [{ failureRate, failureThreshold: wholeNumber('--failure-threshold', String(threshold)) }];
}
