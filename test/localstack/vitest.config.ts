import { defineConfig } from 'vitest/config';

/** Apart from the other suites: this one needs an emulator, whose address LOCALSTACK_ENDPOINT is. */
export default defineConfig({
  test: {
    include: ['test/localstack/**/*.test.ts'],
    reporters: ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
