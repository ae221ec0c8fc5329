/** The directories and the runtime that all environments share. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

export interface Places {
  readonly runtimeFile: string;
  readonly logDir: string;
  readonly compileCacheDir: string;
}

/**
 * Clears the logs of the last run and compiles the runtime. Compiled once, because stripping the types again in every
 * thread would cost each of them 16 ms and 7 MB.
 */
export async function preparePlaces(
  stateDir: string,
  functions: { name: string }[],
): Promise<Places> {
  const logDir = join(stateDir, 'logs');
  rmSync(logDir, { recursive: true, force: true });
  for (const { name } of functions) mkdirSync(join(logDir, name), { recursive: true });
  const runtimeFile = join(stateDir, 'runtime.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./runtime.ts', import.meta.url))],
    outfile: runtimeFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  // Else esbuild keeps a process of its own for the next build.
  await stop();
  return { runtimeFile, logDir, compileCacheDir: join(stateDir, 'compile-cache') };
}
