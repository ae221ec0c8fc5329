import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['fleet-breaker-source', 'node'] },
  ssr: { resolve: { conditions: ['fleet-breaker-source', 'node'] } },
  test: {
    globalSetup: 'test/global-setup.ts',
    include: ['test/chaos/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
    pool: 'threads',
    // A row that shares its two processors with another would be slow for that reason alone.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
