import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const localstack = (endpoint: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, ['ops/localstack.ts', ...args], {
    env: { ...process.env, LOCALSTACK_ENDPOINT: endpoint },
  });

test.each([
  [['lower'], 'lower is unknown: write one of deploy, destroy'],
  [['deploy', 'twice'], 'twice is too much after deploy'],
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

test('LocalStack is pinned to a release that needs no account, bound to loopback, patient, and says when it is healthy', () => {
  const compose = readFileSync('docker-compose.yml', 'utf8');
  expect(compose.match(/image: .*/g)).toEqual(['image: localstack/localstack:4.14.0']);
  expect(compose.match(/ports: .*/g)).toEqual(['ports: [127.0.0.1:4566:4566]']);
  expect(compose).toMatch(/LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: 60$/m);
  expect(compose).toMatch(/healthcheck:\n +test: .*\/_localstack\/health$/m);
});
