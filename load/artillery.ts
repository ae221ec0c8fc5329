import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Child, startChild } from './children.ts';
import { DemoError } from './errors.ts';
import type { Plan } from './plan.ts';
import type { Variant } from './report/report.ts';

interface Load {
  readonly variant: Variant;
  readonly url: string;
  readonly plan: Plan;
  /** Where Artillery writes its JSON. */
  readonly output: string;
  /** Where the processor writes a line per request. */
  readonly requestLog: string;
  /** When this file exists, nobody asks again. */
  readonly stopFile: string;
  readonly isSigned: boolean;
}

export function startArtillery(load: Load): Child {
  const { variant, url, plan, output, requestLog, stopFile, isSigned } = load;
  const package_ = createRequire(import.meta.url).resolve('artillery/package.json');
  return startChild({
    args: [
      join(dirname(package_), 'bin/run'),
      ...['run', '--environment', variant, '--target', url, '--output', output],
      ...['--overrides', JSON.stringify({ config: overrides(plan) }), 'load/artillery.yml'],
    ],
    env: {
      ARTILLERY_DISABLE_TELEMETRY: 'true',
      LOAD_REQUEST_LOG: requestLog,
      LOAD_STOP_FILE: stopFile,
      ...(isSigned && { LOAD_SIGN: 'true' }),
      ...(isLocal(url) && { HTTP_PROXY: '', HTTPS_PROXY: '' }), // Artillery would send loopback there too
    },
  });
}

export async function finished(artillery: Child): Promise<void> {
  const code = await artillery.exited;
  if (code === 0) return;
  throw new DemoError(
    `Artillery ended with ${code ?? 'a signal'}. It said:\n${artillery.lastLines()}`,
  );
}

const overrides = ({ users, usersPerSecond, loadSeconds, seed }: Plan) => ({
  phases: [{ duration: users / usersPerSecond, arrivalCount: users }],
  variables: { loadSeconds, seed },
});

const isLocal = (url: string) => ['127.0.0.1', 'localhost'].includes(new URL(url).hostname);
