/**
 * `npm run bench`: measures every part, each as a program of its own, and writes bench/results.json and
 * docs/performance.md. With `--only NAME` (may be repeated) the other parts stay as they were measured before.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, UsageError } from './command-line.ts';
import { PARTS, type PartSpec } from './suite/parts.ts';
import { render } from './suite/render.ts';
import { isMet, type Measured, type Part, type Results } from './suite/results.ts';

const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'bench/results.json');
const PAGE = join(ROOT, 'docs/performance.md');
const PROGRAM = join(import.meta.dirname, 'suite/program.ts');

const USAGE = `npm run bench -- [--only NAME]

  --only NAME   one of ${Object.keys(PARTS).join(', ')};
                may be repeated; the other parts stay as they were measured before
  --help        shows this`;
const OPTIONS = { only: { type: 'string', multiple: true } } as const;

async function main(): Promise<void> {
  const names = readCommandLine(USAGE, OPTIONS, namesOf);
  for (const [name, spec] of Object.entries(PARTS)) {
    if (!names.includes(name)) continue;
    const part = await measurePart(name, spec);
    write(part);
    const missed = part.goals.filter((goal) => !isMet(goal)).length;
    const goals = `${part.goals.length - missed} of ${part.goals.length} goals met`;
    console.log(`${name}: ${Math.round(part.machine.seconds)} s, ${goals}`);
  }
}

function namesOf({ only = Object.keys(PARTS) }: { only?: string[] }): string[] {
  const unknown = only.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no "${unknown}"`);
  return only;
}

async function measurePart(name: string, spec: PartSpec): Promise<Part> {
  const { title, about } = spec;
  const loadBefore = loadavg()[0] ?? Number.NaN;
  const startedAtMs = performance.now();
  const measuredAt = new Date().toISOString();
  const measured = await measuredBy(spec);
  const [{ model = 'unknown' } = {}, ...others] = cpus();
  const machine = {
    ...{ measuredAt, seconds: (performance.now() - startedAtMs) / 1_000, loadBefore },
    ...{ processor: model, processors: others.length + 1, node: process.versions.node },
  };
  return { name, title, about, machine, ...measured };
}

async function measuredBy({ module, nodeOptions = [] }: PartSpec): Promise<Measured> {
  const file = join(import.meta.dirname, 'suite', module);
  const execArgv = ['--conditions=fleet-breaker-source', ...nodeOptions];
  const program = fork(PROGRAM, [file], { execArgv, cwd: ROOT });
  const kill = () => program.kill();
  process.once('exit', kill);
  const ended = once(program, 'exit').then(([code]) => {
    throw new Error(`The program of ${module} has ended without figures (exit code ${code})`);
  });
  try {
    const [measured] = await Promise.race([once(program, 'message'), ended]);
    return measured;
  } finally {
    ended.catch(() => {});
    process.off('exit', kill);
  }
}

/** The parts stay in their order, whichever was measured last. */
function write(part: Part): void {
  const { parts }: Results = existsSync(RESULTS)
    ? JSON.parse(readFileSync(RESULTS, 'utf8'))
    : { parts: [] };
  const byName = new Map([...parts, part].map((one) => [one.name, one]));
  const results = { parts: Object.keys(PARTS).flatMap((name) => byName.get(name) ?? []) };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(PAGE, render(results));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();
