import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The packed library in the tools and runtimes of its users: `npm run test:package`. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    globalSetup: join(import.meta.dirname, 'setups/install.ts'),
    include: ['pack.test.ts', 'setups/setups.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
