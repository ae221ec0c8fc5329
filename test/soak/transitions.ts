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
  readonly #readBytes = new Map<string, number>();
  readonly #halfLines = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  newLines(): string[] {
    return readdirSync(this.#directory).flatMap((file) => this.#newLinesOf(file));
  }

  #newLinesOf(file: string): string[] {
    const descriptor = openSync(join(this.#directory, file), 'r');
    const from = this.#readBytes.get(file) ?? 0;
    const added = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - from));
    readSync(descriptor, added, 0, added.length, from);
    closeSync(descriptor);
    this.#readBytes.set(file, from + added.length);
    const lines = `${this.#halfLines.get(file) ?? ''}${added}`.split('\n');
    this.#halfLines.set(file, lines.pop() ?? '');
    return lines;
  }
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
