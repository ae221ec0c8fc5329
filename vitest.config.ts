import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['fleet-breaker-source', 'node'] },
  ssr: { resolve: { conditions: ['fleet-breaker-source', 'node'] } },
  test: {
    globalSetup: 'test/global-setup.ts',
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '.cache/**',
      '**/cdk.out/**',
      '**/dist/**',
      'test/localstack/**',
      'test/chaos/**',
      'test/fuzz/**',
      'test/readme/**',
      'breaker/test/pack/setups/**',
    ],
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
