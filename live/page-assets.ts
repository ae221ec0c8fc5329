/** The page's files, made when the command starts: its script is bundled, and nothing is written to disk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, stop } from 'esbuild';

export type Assets = Readonly<Record<string, { readonly type: string; readonly text: string }>>;

const PAGE = join(import.meta.dirname, 'page');

export async function pageAssets(): Promise<Assets> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE, 'main.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  // Else esbuild keeps a process of its own for the next build.
  await stop();
  const read = (name: string) => readFileSync(join(PAGE, name), 'utf8');
  return {
    '/': { type: 'text/html; charset=utf-8', text: read('index.html') },
    '/style.css': { type: 'text/css; charset=utf-8', text: read('style.css') },
    '/main.js': { type: 'text/javascript; charset=utf-8', text: outputFiles[0]?.text ?? '' },
  };
}
