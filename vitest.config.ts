import { defineConfig } from 'vitest/config';

const CONDITIONS = ['fleet-breaker-source', 'node'];
/** Whole programs, for as long as their outages last, or bundles. They measure times, so each has the machine to itself. */
const END_TO_END = [
  'live/live.test.ts',
  'load/artillery.test.ts',
  'load/demo.test.ts',
  'test/gateways/bad-answers.test.ts',
  'test/local/store-outage.test.ts',
];

export default defineConfig({
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: {
    globalSetup: 'test/global-setup.ts',
    pool: 'threads',
    // More of them only wait for each other where there are two processors, as on most machines of CI.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
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
            'breaker/test/pack/**',
            ...END_TO_END,
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: END_TO_END,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
