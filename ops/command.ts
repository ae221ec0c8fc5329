/** What the operator's commands share: how a command line is read, and how a command ends when something is wrong. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { explain } from './targets.ts';

type ParsedValues<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>['values'];

interface CommandSyntax<O extends ParseArgsOptionsConfig, W extends string> {
  readonly usage: string;
  /** Exactly one of these words is expected. */
  readonly words: readonly W[];
  readonly options: O;
}

interface CommandLine<O extends ParseArgsOptionsConfig, W extends string> {
  readonly word: W;
  readonly values: ParsedValues<O>;
}

/** Ends the process with one line on standard error and exit code 1 when `main` throws. */
export async function runCommand(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

/** Undefined: the person asked for the usage, and it has been printed. */
export function readCommandLine<O extends ParseArgsOptionsConfig, W extends string>(
  syntax: CommandSyntax<O, W>,
): CommandLine<O, W> | undefined {
  const { usage, words, options } = syntax;
  refuseOptionsTakenByNpm(options, process.argv.slice(2));
  const { values, positionals } = parseArgs({
    options: { ...options, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if ('help' in values && values.help) {
    console.log(usage);
    return undefined;
  }
  return { word: onlyWord(positionals, words, usage), values: values as ParsedValues<O> };
}

function onlyWord<W extends string>(
  [given, ...others]: readonly string[],
  words: readonly W[],
  usage: string,
): W {
  const word = words.find((known) => known === given);
  if (word !== undefined && others.length === 0) return word;
  const choice = `write one of ${words.join(', ')}`;
  if (given === undefined) throw new Error(`a word is missing: ${choice}\n\n${usage}`);
  if (word === undefined) throw new Error(`${given} is unknown: ${choice}\n\n${usage}`);
  throw new Error(`${others.join(' ')} is too much after ${word}\n\n${usage}`);
}

/**
 * Without `--` before it, npm takes an option for a setting of its own and hands it on as a variable: the command
 * would do something else than what it was told.
 */
export function refuseOptionsTakenByNpm(
  options: ParseArgsOptionsConfig,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const script = env.npm_lifecycle_event;
  if (script === undefined) return;
  const isTaken = (name: string) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined;
  const isGiven = (name: string) => args.some((arg) => arg.split('=')[0] === `--${name}`);
  const taken = Object.keys(options).find((name) => isTaken(name) && !isGiven(name));
  if (taken === undefined) return;
  throw new Error(
    `npm has taken --${taken} for a setting of its own: write -- before it, as in npm run ${script} -- --${taken}`,
  );
}
