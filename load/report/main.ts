/**
 * `npm run report -- [RUN]`: makes the files of a run again from what it has recorded, of the newest unless named.
 * `npm run report -- RUN RUN`: lays two runs side by side.
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../../ops/command.ts';
import { findRun } from '../results.ts';
import { sideBySide, textReport } from './render/text.ts';
import type { Report } from './report.ts';
import { readReport, writeReport } from './write.ts';

const USAGE = `npm run report -- [RUN [RUN]]
A RUN is the name of a folder in results (the newest unless given), or a path.
One: its four files are made again. Two: their figures side by side.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [first, second, ...others] = positionals;
  if (others.length > 0) throw new Error(`${others.join(' ')} is too much\n\n${USAGE}`);
  if (second === undefined) {
    const directory = await findRun(first);
    console.log(textReport(await written(writeReport, directory), process.stdout));
    return;
  }
  const directories = [await findRun(first), await findRun(second)] as const;
  const [a, b] = await Promise.all(directories.map((one) => written(readReport, one)));
  if (a && b) console.log(sideBySide([basename(directories[0]), a], [basename(directories[1]), b]));
}

/** A run that was interrupted, or made by an earlier version, cannot be read. */
async function written(
  read: (directory: string) => Promise<Report>,
  directory: string,
): Promise<Report> {
  try {
    return await read(directory);
  } catch (cause) {
    throw new Error(`${directory} holds no complete run of this version`, { cause });
  }
}

await runCommand(main);
