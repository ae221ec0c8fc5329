import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, expect, test } from 'vitest';
import { cloudWatchLines, type LogLine } from './log-lines.ts';
import { QUESTIONS } from './log-questions.ts';
import { table } from './table.ts';

const directory = mkdtempSync(join(tmpdir(), 'logs-'));
afterAll(() => rmSync(directory, { recursive: true }));

const at = (second: number) => `2026-11-23T18:00:${String(second).padStart(2, '0')}.000Z`;
const entry = (second: number, fields: object) =>
  JSON.stringify({ level: 'INFO', timestamp: at(second), ...fields });
const transition = (generation: number, change: object) =>
  entry(9, {
    message: 'circuit transition',
    transition: {
      ...{ generation, atMs: Date.parse(at(generation)), from: 'CLOSED', to: 'OPEN' },
      ...{ operation: 'trip', reason: '3 x Error', by: 'a', scope: 'fleet', ...change },
    },
  });
const answered = (second: number, durationMs: number) =>
  entry(second, {
    ...{ message: 'answered', route: '/products/{id}', statusCode: 200, durationMs },
    ...{ cold_start: second === 1, correlation_id: `id-${second}` },
  });

const asked = (question: keyof typeof QUESTIONS, texts: string[]): string[] => {
  const line = (text: string, i: number): LogLine => ({
    atMs: Date.parse(at(i)),
    functionName: 'fn',
    text,
  });
  return table(QUESTIONS[question].answer(texts.map(line)));
};

test('transitions come by generation, whoever wrote them and whenever', () => {
  const probe = { from: 'OPEN', to: 'HALF_OPEN', operation: 'claimProbe', by: 'b' };
  const alone = { scope: 'instance', by: 'c' };
  const lines = [transition(3, alone), transition(2, probe), answered(1, 5), transition(1, {})];
  expect(asked('transitions', lines)).toEqual([
    `${at(1)}  generation 1  CLOSED -> OPEN     trip        3 x Error  by a`,
    `${at(2)}  generation 2  OPEN -> HALF_OPEN  claimProbe  3 x Error  by b`,
    `${at(3)}  generation 3  CLOSED -> OPEN     trip        3 x Error  by c, for itself alone`,
  ]);
});

test('errors are those of the functions and of the platform', () => {
  const error = { name: 'ServiceError', message: 'The service answered 500' };
  const lines = [
    'START RequestId: 1 Version: $LATEST',
    entry(1, { level: 'ERROR', message: 'call failed', error, correlation_id: 'id-1' }),
    `${at(2)} 1 Task timed out after 10.00 seconds`,
    `${at(3)}\t1\tERROR\tInvoke Error\t{"errorType":"TypeError"}`,
    entry(4, { level: 'WARN', message: 'circuit store' }),
    '{"level":"ERROR", broken',
  ];
  expect(asked('errors', lines)).toEqual([
    `${at(1)}  fn  call failed                                   ServiceError: The service answered 500  id-1`,
    `${at(2)}  fn  Task timed out after 10.00 seconds`,
    `${at(3)}  fn  ERROR Invoke Error {"errorType":"TypeError"}`,
  ]);
});

test('slow are the twenty slowest answers, slowest first', () => {
  const lines = Array.from({ length: 25 }, (_, i) => answered(i % 10, i));
  const answers = asked('slow', [...lines, entry(1, { message: 'other', durationMs: 99 })]);
  expect(answers).toHaveLength(20);
  expect(answers[0]).toMatch(/^ {4}24 ms .* fn {2}\/products\/\{id\} 200 .* id-4$/);
  expect(answers[3]).toContain('cold start');
});

test('CloudWatch is asked page by page, only the functions that matter, and a line that two patterns match comes once', async () => {
  const cloudWatch = mockClient(CloudWatchLogsClient);
  cloudWatch
    .on(FilterLogEventsCommand)
    .resolvesOnce({ events: [{ eventId: '1', timestamp: 1, message: 'a\n' }], nextToken: 'more' })
    .resolves({ events: [{ eventId: '2', timestamp: 2, message: 'b' }] });
  const client = new CloudWatchLogsClient({ region: 'us-east-1' });
  const wanted = { sinceMs: 7, part: 'v2', filterPatterns: ['a', 'b'] };
  expect(await cloudWatchLines(client, ['stack-v1', 'stack-v2'], wanted)).toEqual([
    { atMs: 1, functionName: 'stack-v2', text: 'a' },
    { atMs: 2, functionName: 'stack-v2', text: 'b' },
  ]);
  const asked = cloudWatch.commandCalls(FilterLogEventsCommand).map(({ args }) => args[0].input);
  const group = { logGroupName: '/aws/lambda/stack-v2', startTime: 7 };
  expect(asked).toEqual([
    expect.objectContaining({ ...group, filterPattern: 'a' }),
    expect.objectContaining({ ...group, filterPattern: 'b' }),
    expect.objectContaining({ ...group, filterPattern: 'a', nextToken: 'more' }),
  ]);
});

const command = (...args: string[]) =>
  promisify(execFile)(process.execPath, [resolve('ops/logs.ts'), ...args], { cwd: directory });

test('the local logs are read from all environments, as far back as asked', async () => {
  const now = new Date().toISOString();
  const logs = join(directory, '.local/logs/fleet-breaker-demo-gateway-v2');
  mkdirSync(logs, { recursive: true });
  const recent = transition(1, {}).replace(at(9), now);
  writeFileSync(join(logs, 'a.log'), `START RequestId: 1\n${recent}\nEND RequestId: 1\n`);
  writeFileSync(join(logs, 'b.log'), `${transition(2, { by: 'too long ago' })}\n`);
  const { stdout } = await command('transitions', '--since', '1m');
  expect(stdout).toMatch(/^\S+ {2}generation 1 {2}CLOSED -> OPEN {2}trip {2}3 x Error {2}by a\n$/);
  expect((await command('errors')).stdout).toBe('nothing of the kind in the last 1h\n');
});

test.each([
  [['everything'], 'everything is unknown'],
  [['slow', 'fast'], 'fast is too much after slow'],
  [['slow', '--since', 'noon'], '--since noon: write a number and a unit'],
  [['slow', '--target', 'moon'], '--target moon: write one of local, localstack, aws'],
  [['slow', '--target', 'aws'], 'cdk-outputs.json cannot be read'],
])('says what is wrong with %j', async (args, words) => {
  await expect(command(...args)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(words),
  });
});
