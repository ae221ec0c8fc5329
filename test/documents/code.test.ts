/** The TypeScript of the READMEs and the questions: all of it is typed, and the first example of each trips a circuit. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { describeEngines, type Engine } from '../../breaker/test/stores/engines.ts';
import { blocksOf, textOf } from './pages.ts';

const run = promisify(execFile);
const HEALTHY_CALLS = 3;
const FAILING_CALLS = 40;
/** Between two calls, so that a streak has the time to settle. */
const PAUSE_MS = 10;
const READMES = ['README.md', 'breaker/README.md'];
const PAGES = [...READMES, 'breaker/docs/questions.md'];

/** What the pages take for granted: the reader's own calls, and the breaker once it was made. */
const OWN_CALLS = `
async function getRecommendations(id: string, signal?: AbortSignal): Promise<string[]> {
  const response = await fetch(\`\${process.env.URL}/\${id}\`, signal ? { signal } : {});
  if (!response.ok) throw new Error('No recommendations', { cause: response });
  return (await response.json()) as string[];
}
`;

/** In the repository, because that is where a program finds its packages. */
function newFolder(): string {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync(resolve('.cache/documents-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const examples = READMES.map((page) => ({ page, code: blocksOf(textOf(page), 'ts')[0] ?? '' }));

it('is typed: every block', async () => {
  const folder = newFolder();
  const blocks = PAGES.flatMap((page) => blocksOf(textOf(page), 'ts'));
  for (const [i, block] of blocks.entries()) writeFileSync(join(folder, `${i}.ts`), typed(block));
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions,
    include: ['*.ts'],
    exclude: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = resolve('node_modules/.bin/tsc');
  const problems = await run(tsc, ['--project', folder]).catch(({ stdout }) => ({ stdout }));
  expect(problems.stdout).toBe('');
}, 60_000);

/** A block that does not make the breaker itself is about one that there is. */
function typed(block: string): string {
  const given = [
    /const breaker\b/.test(block) ? '' : "declare const breaker: import('fleet-breaker').Breaker;",
    /const store\b/.test(block) ? '' : "declare const store: import('fleet-breaker').CircuitStore;",
    /function getRecommendations\b/.test(block) ? '' : OWN_CALLS,
  ];
  return [...given, block, 'export {};'].join('\n');
}

/** What a program prints. */
async function printedBy(code: string): Promise<string[]> {
  const file = join(newFolder(), 'try.mjs');
  writeFileSync(file, code);
  const args = ['--conditions=fleet-breaker-source', file];
  // What it says of the table on stderr is up to how busy the machine is.
  const { stdout } = await run(process.execPath, args);
  return stdout.trim().split('\n');
}

const [, inMemory = '', onTable = ''] = blocksOf(textOf('breaker/README.md'), 'ts');

it('the example in memory prints what the page says', async () => {
  const [printed = ''] = blocksOf(textOf('breaker/README.md'), '');
  const withoutTime = (line: string) => line.replace(/retry in \d+ ms/, 'retry in some ms');
  const lines = await printedBy(inMemory);
  expect(lines.map(withoutTime)).toEqual(printed.trim().split('\n').map(withoutTime));
});

describeEngines((engine) => {
  it('the example on a table trips at the third failure, and refuses another process', async () => {
    const code = onTable
      .replace('http://localhost:8000', engine().endpoint)
      .replaceAll("'circuits'", "'tried'");
    expect(await printedBy(code)).toEqual([
      '1 fallback, because of TypeError: down',
      '2 fallback, because of TypeError: down',
      'CLOSED -> OPEN (fleet): 3 x TypeError',
      '3 fallback, because of TypeError: down',
      expect.stringMatching(/^4 fallback, because of CircuitOpenError: .*retry in \d+ ms$/),
      expect.stringMatching(/^5 fallback, because of CircuitOpenError: /),
    ]);
    const second = await printedBy(code);
    expect(second).toHaveLength(5);
    for (const line of second) expect(line).toMatch(/fallback, because of CircuitOpenError/);
  });

  it.each(examples)('calls, trips and answers with its fallback: $page', async ({ page, code }) => {
    let calls = 0;
    const server = createServer((_, response) => {
      calls++;
      response.writeHead(calls <= HEALTHY_CALLS ? 200 : 503).end('["a"]');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { client, tableName } = engine();
    const Key = { pk: { S: 'recommendations' } };
    await client.send(new DeleteItemCommand({ TableName: tableName, Key }));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answers = (n: number) => answersOf(`${OWN_CALLS}${code}`, n, { url, engine: engine() });

    const served = Array(HEALTHY_CALLS).fill(['a']);
    const degraded = Array(FAILING_CALLS).fill([]);
    expect(await answers(HEALTHY_CALLS + FAILING_CALLS), page).toEqual([...served, ...degraded]);
    // Each call after the trip would be one more.
    expect(calls).toBeGreaterThan(HEALTHY_CALLS + 1);
    expect(calls).toBeLessThan(HEALTHY_CALLS + FAILING_CALLS);
    const before = calls;
    // Another instance: the circuit is open for it, too.
    expect(await answers(3), page).toEqual([[], [], []]);
    expect(calls).toBe(before);
  });
});

/** What the handler of the example answers, called so many times in a process of its own. */
async function answersOf(code: string, times: number, at: { url: string; engine: Engine }) {
  const folder = newFolder();
  const calls = `
const answers: unknown[] = [];
const context = { getRemainingTimeInMillis: () => 10_000 };
for (let i = 0; i < ${times}; i++) {
  answers.push(await (handler as Function)({ id: 'x' }, context));
  await new Promise((resolve) => setTimeout(resolve, ${PAUSE_MS}));
}
console.log(JSON.stringify(answers));
process.exit();
`;
  writeFileSync(join(folder, 'handler.ts'), code + calls);
  const env = {
    ...process.env,
    ...{ URL: at.url, CIRCUIT_TABLE: at.engine.tableName },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: at.engine.endpoint, AWS_REGION: 'us-east-1' },
    ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
  };
  const args = ['--conditions=fleet-breaker-source', join(folder, 'handler.ts')];
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout);
}
