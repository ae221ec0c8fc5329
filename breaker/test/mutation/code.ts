/**
 * Runs Stryker over the pure files of the library, and compares what no test has killed with
 * equivalents.json: the mutants that do nothing else than the original does, each with the reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = join(import.meta.dirname, '../..');
const REPORT = join(LIBRARY, '../.cache/mutation.json');

/** A mutant that is known to change nothing. */
interface Equivalent {
  /** Below `src`. */
  readonly file: string;
  /** The line of the source that the mutation begins in, without its indentation. */
  readonly line: string;
  /** What Stryker puts there, if it makes several mutants of the line. */
  readonly becomes?: readonly string[];
  readonly because: string;
}

interface Report {
  readonly files: Readonly<Record<string, { source: string; mutants: readonly ReportedMutant[] }>>;
}

interface ReportedMutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number } };
}

interface Mutant {
  readonly file: string;
  readonly lineNumber: number;
  readonly line: string;
  readonly becomes: string;
  readonly status: string;
}

const KILLED = new Set(['Killed', 'Timeout']);

/** Answers how many mutants are neither killed nor excused, and how many excuses excuse nothing. */
export function mutateCode(files: readonly string[]): number {
  rmSync(REPORT, { force: true });
  const chosen = files.length > 0 ? ['--mutate', files.map((file) => `src/${file}`).join()] : [];
  const args = ['stryker', 'run', 'test/mutation/stryker.config.json', ...chosen];
  const run = spawnSync('npx', ['--no-install', ...args], { cwd: LIBRARY, stdio: 'inherit' });
  if (!existsSync(REPORT)) {
    console.log(`Stryker has left no report: ${run.signal ?? run.error?.message ?? run.status}`);
    return 1;
  }
  const mutants = mutantsIn(JSON.parse(readFileSync(REPORT, 'utf8')) as Report);
  const alive = mutants.filter(({ status }) => !KILLED.has(status));
  const known = equivalents().filter(({ file }) => mutants.some((mutant) => mutant.file === file));
  const survivors = alive.filter((mutant) => !known.some((each) => excuses(each, mutant)));
  const idle = known.filter((each) => !alive.some((mutant) => excuses(each, mutant)));
  for (const { file, lineNumber, line, becomes, status } of survivors)
    console.log(`${status.toUpperCase()}  src/${file}:${lineNumber}\n- ${line}\n+ ${becomes}`);
  for (const { file, line } of idle)
    console.log(`NOT NEEDED in equivalents.json, or its line has changed: ${file}\n  ${line}`);
  const excused = alive.length - survivors.length;
  console.log(
    `\n${mutants.length - alive.length} of ${mutants.length} mutants killed, ${excused} equivalent`,
  );
  return survivors.length + idle.length;
}

function equivalents(): Equivalent[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'equivalents.json'), 'utf8'));
}

function excuses(known: Equivalent, { file, line, becomes }: Mutant): boolean {
  if (known.file !== file || known.line !== line) return false;
  return known.becomes === undefined || known.becomes.includes(becomes);
}

function mutantsIn({ files }: Report): Mutant[] {
  return Object.entries(files).flatMap(([path, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.map(({ replacement, mutatorName, status, location }) => ({
      file: path.replace(/^src\//, ''),
      lineNumber: location.start.line,
      line: (lines[location.start.line - 1] ?? '').trim(),
      becomes: replacement ?? mutatorName,
      status,
    }));
  });
}
