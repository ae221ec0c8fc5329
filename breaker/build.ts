/** Compiles `src` into `dist`: as ECMAScript modules and as CommonJS, each with its types and source maps. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, 'dist');
const COMMON_JS = [
  ['--module', 'commonjs'],
  ['--moduleResolution', 'bundler'],
  ['--verbatimModuleSyntax', 'false'],
].flat();

function compile(format: string, flags: readonly string[]): void {
  const outDir = join(DIST, format);
  const settings = ['--project', join(import.meta.dirname, 'tsconfig.build.json')];
  execFileSync('tsc', [...settings, '--outDir', outDir, ...flags], { stdio: 'inherit' });
  nameCompiledFiles(outDir);
}

/** The compiler leaves `./call.ts` in declarations, where not every version of it looks for `call.d.ts`. */
function nameCompiledFiles(outDir: string): void {
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
    const path = join(outDir, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/(['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js'));
  }
}

rmSync(DIST, { recursive: true, force: true });
compile('esm', []);
compile('cjs', COMMON_JS);
// The package's other files are modules.
writeFileSync(join(DIST, 'cjs/package.json'), '{ "type": "commonjs" }\n');
