/**
 * The page's load: the demonstration's own, by Artillery, without an end. Artillery cannot change the number of its
 * users, so a change starts another one, and the one before goes when that has begun.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Child, startChild } from '../load/children.ts';

export interface Target {
  /** Artillery's environment: v1 or v2. */
  readonly variant: string;
  readonly url: string;
}

export interface Load {
  /** On each target. */
  setUsers(users: number): void;
  stop(): Promise<void>;
}

interface LoadOptions {
  readonly targets: readonly Target[];
  /** Told when Artillery has ended by itself. */
  readonly onTrouble: (said: string) => void;
}

const USERS_PER_SECOND = 10;
/** Longer than anybody watches. */
const LOAD_SECONDS = 7 * 24 * 3600;
const ARTILLERY = join(
  dirname(createRequire(import.meta.url).resolve('artillery/package.json')),
  'bin/run',
);

export function createLoad({ targets, onTrouble }: LoadOptions): Load {
  let running: Child[] = [];
  const endAll = (children: readonly Child[]) => Promise.all(children.map((child) => child.stop()));

  function start(target: Target, users: number, onBegun: () => void): Child {
    const child = startArtillery(target, users, onBegun);
    void child.exited.then(() => {
      if (running.includes(child)) onTrouble(child.lastLines());
    });
    return child;
  }

  return {
    setUsers(users) {
      const before = running;
      running = [];
      let missing = targets.length;
      const onBegun = () => {
        missing -= 1;
        if (missing === 0) void endAll(before);
      };
      running = targets.map((target) => start(target, users, onBegun));
    },
    async stop() {
      const last = running;
      running = [];
      await endAll(last);
    },
  };
}

function startArtillery({ variant, url }: Target, users: number, onBegun: () => void): Child {
  const phases = [{ duration: Math.max(1, users / USERS_PER_SECOND), arrivalCount: users }];
  // The products differ from run to run, as everything else does here.
  const variables = { loadSeconds: LOAD_SECONDS, seed: Date.now() % 1_000_000 };
  let hasBegun = false;
  return startChild({
    args: [
      ...[ARTILLERY, 'run', '--environment', variant, '--target', url],
      ...['--overrides', JSON.stringify({ config: { phases, variables } })],
      'load/artillery.yml',
    ],
    env: { ARTILLERY_DISABLE_TELEMETRY: 'true', HTTP_PROXY: '', HTTPS_PROXY: '' },
    onLine(line) {
      if (hasBegun || !line.includes('Phase started')) return;
      hasBegun = true;
      onBegun();
    },
  });
}
