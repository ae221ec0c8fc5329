/** The repository's pages, and what is printed on them as code. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Every page, by its path from the root of the repository. */
export const PAGES: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { encoding: 'utf8' },
)
  .trim()
  .split('\n');

export function textOf(page: string): string {
  return readFileSync(page, 'utf8');
}

/** What the fenced blocks of a language hold, in their order. */
export function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms);
  return [...blocks].filter(([, of]) => of === language).map(([, , block = '']) => block);
}

/** The commands of a shell block, without what is said about them. */
export function commandsOf(block: string): string[] {
  const commands = block.split('\n').map((line) => line.replace(/(^|\s+)#.*$/, ''));
  return commands.filter((command) => command !== '');
}

/** The block whose first command is that one. Throws where there is none. */
export function blockFrom(page: string, firstCommand: string): string[] {
  const blocks = blocksOf(textOf(page), 'sh').map(commandsOf);
  const found = blocks.find(([first]) => first === firstCommand);
  if (!found) throw new Error(`${page} has no block that begins with: ${firstCommand}`);
  return found;
}
