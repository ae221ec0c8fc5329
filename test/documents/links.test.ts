/** Links within the repository lead somewhere, and diagrams name what there is. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES, textOf } from './pages.ts';

interface Link {
  readonly page: string;
  readonly target: string;
}

/** Links and pictures, without those in code. */
function linksOf(page: string): Link[] {
  const text = textOf(page).replaceAll(/^ *```.*?^ *```$/gms, '');
  const links = text.matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = '']) => ({ page, target }));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const headings = textOf(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function leadsNowhere({ page, target }: Link): boolean {
  if (/^https?:/.test(target)) return false;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(file)) return true;
  return anchor !== undefined && !anchorsOf(file).includes(anchor);
}

const links = PAGES.flatMap(linksOf);

test('every link to a file or a heading leads to one', () => {
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(leadsNowhere)).toEqual([]);
});

test('a link that leads nowhere would be noticed', () => {
  const nowhere = ['missing.md', 'README.md#no-such-heading', '#nor-this'];
  for (const target of nowhere) expect(leadsNowhere({ page: 'README.md', target })).toBe(true);
  expect(leadsNowhere({ page: 'README.md', target: '#run-it' })).toBe(false);
});

test('every page can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const { target } of links.filter((link) => link.page === page)) {
      const file = normalize(join(dirname(page), target.split('#')[0] ?? ''));
      if (PAGES.includes(file)) reached.add(file);
    }
  const isRecord = (page: string) => page.startsWith('docs/adr/');
  expect(PAGES.filter((page) => !reached.has(page) && !isRecord(page))).toEqual([]);
});
