/**
 * Changes the library's source on its way into the tests, as MUTANT in the environment says, so that
 * the source itself needs no hooks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Condition } from '../../src/protocol/conditional-write.ts';

/** Takes one condition away from one kind of write. */
export interface Weakened {
  readonly operation: string;
  readonly attribute: string;
  readonly is: string;
}

/** Puts other text in the place of some that occurs exactly once in a file of the source. */
export interface Edited {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export type Mutant = Weakened | Edited;

const SOURCE = join(import.meta.dirname, '../../src');
const WRITES = join(SOURCE, 'protocol/writes.ts');

/** A condition that something is absent is another than that it has a value. */
export function kindOf({ attribute, is, value }: Condition): { attribute: string; is: string } {
  return { attribute, is: value === undefined ? 'absent' : is };
}

/** The file's text with the edit made. Throws if that is not possible, for then it tests nothing. */
export function edit({ file, find, replace }: Edited): string {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const occurrences = text.split(find).length - 1;
  if (occurrences === 1) return text.replace(find, () => replace);
  throw new Error(`${file} holds this ${occurrences} times instead of once:\n${find}`);
}

/** A module in the place of writes.ts that takes the condition out of whatever that one makes. */
function weakenedWrites(mutant: Weakened): string {
  const names = [...readFileSync(WRITES, 'utf8').matchAll(/^export function (\w+)/gm)];
  const wrapped = names.map(([, name]) => `export const ${name} = weaken(original.${name});`);
  return `import * as original from '${WRITES}?original';
    const { operation, attribute, is } = ${JSON.stringify(mutant)};
    const kindOf = ${kindOf};
    const isWanted = (kind) => kind.attribute === attribute && kind.is === is;
    const isKept = (condition) => !isWanted(kindOf(condition));
    const weaken = (make) => (...args) => {
      const write = make(...args);
      if (write.operation !== operation) return write;
      return { ...write, conditions: write.conditions.filter(isKept) };
    };
    ${wrapped.join('\n')}`;
}

/** For vite: serves the mutant. */
export function mutation(mutant: Mutant) {
  return {
    name: 'mutation',
    enforce: 'pre' as const,
    load(id: string): string | undefined {
      if ('file' in mutant) return id === join(SOURCE, mutant.file) ? edit(mutant) : undefined;
      return id === WRITES ? weakenedWrites(mutant) : undefined;
    },
  };
}
