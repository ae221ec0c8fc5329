import { defineConfig } from 'vitest/config';

/** The library's own tests by themselves, without what the rest of the repository sets up. */
export default defineConfig({
  resolve: { conditions: ['fleet-breaker-source', 'node'] },
  ssr: { resolve: { conditions: ['fleet-breaker-source', 'node'] } },
  test: { pool: 'threads', testTimeout: 20_000, hookTimeout: 120_000 },
});
