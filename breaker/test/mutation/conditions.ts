/**
 * Takes away every single condition of every write, one at a time, and runs the library's tests on
 * what is left: a condition is a value, so no change of the source text does this.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { allConditions, type Weakened } from '../support/weakened.ts';

const LIMIT_MS = 240_000;
const VITEST = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const CONFIG = join(import.meta.dirname, 'vitest.config.ts');

/** `broken`: the tests could not be run, which says nothing. */
interface Verdict {
  readonly killer?: string | undefined;
  readonly broken?: string | undefined;
}

/** Answers how many mutants no test has killed. */
export async function removeConditions(): Promise<number> {
  const { killer, broken } = await test(null);
  const problem = killer ?? broken;
  if (problem) throw new Error(`The tests fail on the library as it is: ${problem}`);
  const titles = [...allConditions().keys()];
  let survivors = 0;
  for (const [title, mutant] of allConditions()) {
    const verdict = await test(mutant);
    const isKilled = verdict.killer !== undefined && !verdict.broken;
    const word = verdict.broken ? 'BROKEN  ' : isKilled ? 'killed  ' : 'SURVIVED';
    console.log(`${word}  ${title.padEnd(60)}  ${verdict.broken ?? verdict.killer ?? ''}`);
    if (!isKilled) survivors++;
  }
  console.log(`\n${titles.length - survivors} of ${titles.length} conditions killed`);
  return survivors;
}

/** What the tests say of a mutant, or with null of the library as it is. */
function test(mutant: Weakened | null): Promise<Verdict> {
  const env = { ...process.env, WEAKENED: JSON.stringify(mutant) };
  const child = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const timer = setTimeout(end, LIMIT_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve) => {
    child.on('close', () => {
      clearTimeout(timer);
      process.off('exit', end);
      const endless = { broken: `nothing ended within ${LIMIT_MS} ms` };
      resolve(child.signalCode ? endless : verdictIn(output));
    });
  });
}

function verdictIn(output: string): Verdict {
  const line = output.split('\n').findLast((text) => text.startsWith('{"killers"'));
  if (!line) return { broken: stripVTControlCharacters(output.slice(-2_000)) };
  const { killers, broken } = JSON.parse(line) as { killers: string[]; broken: string[] };
  return { killer: killers[0], broken: killers.length > 0 ? undefined : broken[0] };
}
