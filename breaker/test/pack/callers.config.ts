import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What callers do, tried on the library as it is packed and installed in the folder PACKED. */
const dist = join(process.env.PACKED ?? '', 'node_modules/fleet-breaker/dist/esm');

export default defineConfig({
  root: join(import.meta.dirname, '../callers'),
  resolve: {
    alias: [
      { find: /^fleet-breaker$/, replacement: join(dist, 'index.js') },
      { find: /^fleet-breaker\/dynamodb$/, replacement: join(dist, 'stores/dynamodb-store.js') },
      {
        find: /^fleet-breaker\/dynamodb-lite$/,
        replacement: join(dist, 'stores/dynamodb-lite-store.js'),
      },
    ],
  },
  test: { pool: 'threads', testTimeout: 20_000, hookTimeout: 120_000 },
});
