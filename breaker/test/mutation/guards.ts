/** Reads guards.txt: blocks between empty lines, each of a rule and of lines to take out and put in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edited } from './weaken.ts';

export interface Guard extends Edited {
  readonly rule: string;
}

export function guards(): Guard[] {
  const [, ...blocks] = readFileSync(join(import.meta.dirname, 'guards.txt'), 'utf8').split('\n\n');
  let file = '';
  return blocks.flatMap((block) => {
    const lines = block.trimEnd().split('\n');
    if (block.startsWith('# ')) file = block.slice(2);
    const marked = (mark: string) =>
      lines.flatMap((line) => (line.startsWith(mark) ? line.slice(mark.length) : [])).join('\n');
    const [rule = '', find] = [lines[0], marked('- ')];
    return find ? { file, rule, find, replace: marked('+ ') } : [];
  });
}
