/** How a program that measures or explores reads its command line. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** Options that make no sense; the message says which, and what is expected. */
export class UsageError extends Error {}

type Values<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O }>
>['values'];

/**
 * What `read` makes of the options. Prints the usage and ends the program with 0 for `--help`, and with 2, told why, where
 * the options make no sense.
 */
export function readCommandLine<const O extends ParseArgsOptionsConfig, T>(
  usage: string,
  options: O,
  read: (values: Values<O>) => T,
): T {
  try {
    if (process.argv.some((word) => word === '--help' || word === '-h')) {
      console.log(usage);
      process.exit(0);
    }
    return read(parseArgs({ options }).values);
  } catch (error) {
    if (!isUsage(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

/** Throws UsageError unless the text is a whole number, at least 1. */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${option}: got "${text}", expected a whole number, at least 1`);
}

function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code));
}
