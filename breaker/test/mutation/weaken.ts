/**
 * Takes one condition away from one kind of write, in the module's source on its way into the tests,
 * as WEAKENED in the environment says. So the source itself needs no hooks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf, type Weakened } from '../support/weakened.ts';

/** The condition to take away; undefined if none is, to see that the tests pass then. */
export const weakened: Weakened | undefined =
  JSON.parse(process.env.WEAKENED ?? 'null') ?? undefined;

const WRITES = ['writes.ts', 'streak-writes.ts'].map((file) =>
  join(import.meta.dirname, '../../src/protocol', file),
);

/** A module in the place of another that takes the condition out of whatever that one makes. */
function weakenedWrites(file: string, mutant: Weakened): string {
  const names = [...readFileSync(file, 'utf8').matchAll(/^export function (\w+)/gm)];
  const wrapped = names.map(([, name]) => `export const ${name} = weaken(original.${name});`);
  return `import * as original from '${file}?original';
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
export function weakening(mutant: Weakened) {
  return {
    name: 'weakening',
    enforce: 'pre' as const,
    load: (id: string) => (WRITES.includes(id) ? weakenedWrites(id, mutant) : undefined),
  };
}
