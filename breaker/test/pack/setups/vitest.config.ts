import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The packed library in the tools and runtimes of its users: `npm run test:package`. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    globalSetup: join(import.meta.dirname, 'install.ts'),
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
