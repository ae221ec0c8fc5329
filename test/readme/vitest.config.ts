import { defineConfig } from 'vitest/config';

/** `npm run test:readme`: it starts the whole demonstration, so nothing runs beside it. */
export default defineConfig({
  test: {
    include: ['test/readme/**/*.test.ts'],
    reporters: ['verbose'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
