import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const localstack = (endpoint: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, ['ops/localstack.ts', ...args], {
    env: { ...process.env, LOCALSTACK_ENDPOINT: endpoint },
  });

test.each([
  [['lower'], 'npm run localstack:deploy|localstack:destroy'],
  [['deploy', 'twice'], 'npm run localstack:deploy|localstack:destroy'],
  [['deploy', '--stage', 'x'], "Unknown option '--stage'"],
  [
    ['deploy'],
    'LocalStack does not answer at http://127.0.0.1:2 (ECONNREFUSED): start it with `npm run localstack:up`',
  ],
])('says what is wrong with %j where nothing listens', async (args, words) => {
  await expect(localstack('http://127.0.0.1:2', ...args)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(words),
  });
});
