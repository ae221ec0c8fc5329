/** What the gateways' logs tell of the circuit: every generation once, each going on from the one before. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly generation: number;
  readonly operation: string;
  readonly scope: 'fleet' | 'instance';
}

/** Reads what has been added to the logs of a directory since it was last asked. */
export class LogFollower {
  readonly #directory: string;
  readonly #streams = new Map<string, Stream>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  newLines(): string[] {
    return readdirSync(this.#directory).flatMap((file) => this.#newLinesOf(file));
  }

  #newLinesOf(file: string): string[] {
    const descriptor = openSync(join(this.#directory, file), 'r');
    const { ino, size } = fstatSync(descriptor);
    const known = this.#streams.get(file);
    // A log that was too long has been deleted, and another begun under its name.
    const stream = known?.ino === ino ? known : { ino, readBytes: 0, halfLine: '' };
    const added = Buffer.alloc(size - stream.readBytes);
    readSync(descriptor, added, 0, added.length, stream.readBytes);
    closeSync(descriptor);
    const lines = `${stream.halfLine}${added}`.split('\n');
    const halfLine = lines.pop() ?? '';
    this.#streams.set(file, { ino, readBytes: size, halfLine });
    return lines;
  }
}

interface Stream {
  readonly ino: number;
  readonly readBytes: number;
  readonly halfLine: string;
}

export function transitionsIn(lines: readonly string[]): Transition[] {
  return lines
    .filter((line) => line.includes('"circuit transition"'))
    .map((line) => JSON.parse(line).transition);
}

/** What is wrong with the fleet's history, whose latest generation is known; empty when all is explained. */
export function problemsOf(transitions: readonly Transition[], generation: number): string[] {
  const history = transitions
    .filter(({ scope }) => scope === 'fleet')
    .sort((a, b) => a.generation - b.generation);
  const problems: string[] = [];
  let [state, reached] = ['CLOSED', 0];
  for (const { from, to, generation: next, operation } of history) {
    if (next === reached) problems.push(`generation ${next} is told twice`);
    else if (next !== reached + 1)
      problems.push(`generation ${next} comes after ${reached}: nobody tells of those between`);
    else if (from !== state)
      problems.push(
        `generation ${next} (${operation}) leaves ${from}, but the circuit was ${state}`,
      );
    [state, reached] = [to, next];
  }
  if (reached !== generation)
    problems.push(`the circuit has generation ${generation}, and the logs end with ${reached}`);
  return problems;
}
