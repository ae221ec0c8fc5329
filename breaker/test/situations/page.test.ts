/** The page of the situations names tests that there are. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PAGE = join(import.meta.dirname, '../../docs/situations.md');
const SITUATIONS = 25;

/** The rows of its tables: the file and the title of each test. */
const rows = [...readFileSync(PAGE, 'utf8').matchAll(/\]\((\S+)\): "(.+)" \|$/gm)];

it('Each situation of the page is shown by a test of that title', () => {
  const missing = rows.filter(([, file = '', title = '']) => {
    const titles = titlesIn(join(dirname(PAGE), file));
    return !titles.some((each) => matches(title, each));
  });
  expect(missing.map(([, file, title]) => `${file}: ${title}`)).toEqual([]);
  expect(rows).toHaveLength(SITUATIONS);
});

function titlesIn(file: string): string[] {
  const literals = readFileSync(file, 'utf8').matchAll(/'([^'\n]+)',/g);
  return [...literals].map(([, title = '']) => title);
}

/** `…` stands for what differs from case to case, and a title may go on after a colon. */
function matches(title: string, inFile: string): boolean {
  const [start = '', end = ''] = title.split('…');
  const isWhole = title.includes('…') ? inFile.endsWith(end) : inFile === start;
  return inFile.startsWith(start) && (isWhole || inFile.startsWith(`${start}: `));
}
