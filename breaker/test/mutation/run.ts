/**
 * Takes away every single condition of every write, and every guard named in guards.txt, one at a
 * time, and runs the library's tests on what is left. A mutant that no test fails on is a rule that
 * nobody watches. `npm run test:mutation [-- <words>]`: only the mutants with those words.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CASES, ME } from '../stores/cases.ts';
import { guards } from './guards.ts';
import { edit, kindOf, type Mutant } from './weaken.ts';

const PARALLEL = 2;
const LIMIT_MS = 120_000;
const VITEST = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const CONFIG = join(import.meta.dirname, 'vitest.config.ts');

interface Candidate {
  readonly title: string;
  readonly mutant: Mutant;
}
/** `broken`: the tests could not be run, which says nothing. */
interface Verdict {
  readonly killer?: string | undefined;
  readonly broken?: string | undefined;
}

const children = new Set<ReturnType<typeof spawn>>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(1);
  });

function candidates(): Candidate[] {
  const conditions = CASES.flatMap(({ write }) => {
    const { operation, conditions } = write(ME);
    return conditions.map((condition) => ({ operation, ...kindOf(condition) }));
  });
  const titled: Candidate[] = conditions.map((mutant) => ({
    title: `${mutant.operation} without: ${mutant.attribute} ${mutant.is}`,
    mutant,
  }));
  for (const { rule, ...mutant } of guards()) {
    edit(mutant);
    titled.push({ title: `${mutant.file} without: ${rule}`, mutant });
  }
  return [...new Map(titled.map((candidate) => [candidate.title, candidate])).values()];
}

/** What the tests say of a mutant, or of the library as it is. */
function test(mutant?: Mutant): Promise<Verdict> {
  const args = [VITEST, 'run', '--config', CONFIG];
  const env = { ...process.env, MUTANT: mutant && JSON.stringify(mutant) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.on('close', () => {
      clearTimeout(timer);
      children.delete(child);
      resolve(
        child.signalCode ? { killer: `nothing ends within ${LIMIT_MS} ms` } : verdictIn(output),
      );
    });
  });
}

function verdictIn(output: string): Verdict {
  const line = output.split('\n').findLast((text) => text.startsWith('{"killers"'));
  if (!line) return { broken: stripVTControlCharacters(output.slice(-2_000)) };
  const { killers, broken } = JSON.parse(line) as { killers: string[]; broken: string[] };
  return { killer: killers[0], broken: killers.length > 0 ? undefined : broken[0] };
}

async function judge({ title, mutant }: Candidate): Promise<boolean> {
  const { killer, broken } = await test(mutant);
  const word = broken ? 'BROKEN  ' : killer ? 'killed  ' : 'SURVIVED';
  console.log(`${word}  ${title.padEnd(90)}  ${broken ?? killer ?? ''}`);
  return killer !== undefined && !broken;
}

async function main(words: readonly string[]): Promise<void> {
  const chosen = candidates().filter(({ title }) => words.every((word) => title.includes(word)));
  const { killer, broken } = await test();
  if (killer || broken)
    throw new Error(`The tests fail on the library as it is: ${killer ?? broken}`);
  const waiting = chosen.values();
  const lanes = Array.from({ length: PARALLEL }, async () => {
    let killed = 0;
    for (const candidate of waiting) if (await judge(candidate)) killed++;
    return killed;
  });
  const killed = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0);
  console.log(`\n${killed} of ${chosen.length} mutants killed`);
  process.exitCode = killed === chosen.length ? 0 : 1;
}

await main(process.argv.slice(2));
