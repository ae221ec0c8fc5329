import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../local/observer.ts';
import { fixtureTemplate } from '../../local/testdata/assembly.ts';
import { type FixtureCloud, startFixtureCloud } from '../../local/testdata/fixture-cloud.ts';

const template = fixtureTemplate({
  slow: { handler: 'index.slow', properties: { Environment: { Variables: { GREETING: 'hi' } } } },
  echo: { handler: 'index.echo' },
  moody: { handler: 'index.moody' },
});

const SOON = { timeout: 5_000 };

type Kind = CloudEvent['kind'];
type Of<K extends Kind> = Extract<CloudEvent, { kind: K }>;

describe('an observer of the local cloud', () => {
  let cloud: FixtureCloud;
  let events: CloudEvent[] = [];
  const publish = (event: CloudEvent) => events.push(event);
  beforeAll(async () => {
    const observer = { publish, logLinesWith: ['has finished'] };
    cloud = await startFixtureCloud(template, { observer });
  });
  afterAll(() => cloud.close());
  beforeEach(() => {
    events = [];
  });

  const told = <K extends Kind>(kind: K) =>
    events.filter((event): event is Of<K> => event.kind === kind);

  it('is told the states of an environment in their order', async () => {
    await cloud.get('/slow?ms=0');
    const [first] = told('environment');
    const states = told('environment')
      .filter(({ environment }) => environment === first?.environment)
      .map(({ state }) => state);
    expect(states).toEqual(['starting', 'idle', 'busy', 'idle']);
    await cloud.get('/slow?ms=0');
    expect(told('environment').at(-1)).toMatchObject({
      ...first,
      state: 'idle',
      atMs: expect.any(Number),
    });
  });

  it('is told each request, and its answer with the same id', async () => {
    await cloud.get('/slow?ms=50');
    const [request] = told('request');
    expect(request).toMatchObject({ api: 'api', route: '/slow' });
    const [answer] = told('answer');
    expect(answer).toMatchObject({ id: request?.id, api: 'api', route: '/slow', status: 200 });
    expect(answer?.latencyMs).toBeGreaterThanOrEqual(45);
    expect(JSON.parse(answer?.result ?? '')).toMatchObject({ statusCode: 200 });
  });

  it('is told at once when whoever asked goes away', async () => {
    const abort = new AbortController();
    const asked = fetch(`${cloud.url}/slow?ms=1000`, { signal: abort.signal }).catch(() => 'gone');
    await expect.poll(() => told('request').length).toBe(1);
    abort.abort();
    await asked;
    await expect.poll(() => told('answer').map(({ status }) => status)).toEqual([undefined]);
    await sleep(1_200);
    expect(told('answer')).toHaveLength(1);
  });

  it('is sent the log lines that it asked for, and no others', async () => {
    await cloud.get('/slow?ms=0');
    await cloud.get('/echo');
    expect(told('log')).toEqual([
      {
        kind: 'log',
        functionName: 'fixture-slow',
        environment: expect.stringMatching(/^[0-9a-f]{32}$/),
        text: 'slow has finished\n',
      },
    ]);
  });

  it('is told new variables', async () => {
    const url = `${cloud.lambdaUrl}/2015-03-31/functions/fixture-moody/configuration`;
    const body = JSON.stringify({ Environment: { Variables: { MOOD: 'good' } } });
    await fetch(url, { method: 'PUT', body });
    expect(told('variables')).toEqual([
      { kind: 'variables', functionName: 'fixture-moody', variables: { MOOD: 'good' } },
    ]);
  });

  it('is told what a table holds when it changes, and of the engine when that ends and returns', async () => {
    const watch = cloud.watchTables();
    const last = () => told('table').at(-1)?.items;
    await expect.poll(last).toEqual([]);
    await put(cloud, 'a');
    watch.look();
    await expect.poll(last, { timeout: 500 }).toEqual([{ pk: { S: 'a' } }]);
    const published = told('table').length;
    watch.look();
    await sleep(1_500);
    expect(told('table')).toHaveLength(published);

    await cloud.engine.stop();
    await cloud.engine.start();
    const engine = told('engine').map(({ state, end }) => [state, end]);
    expect(engine).toEqual([
      ['stopped', 'signal SIGKILL'],
      ['running', undefined],
    ]);
    await expect.poll(last, SOON).toEqual([]);
    process.kill(cloud.engine.pid, 'SIGKILL');
    await expect.poll(() => told('engine').at(-1)).toMatchObject({ state: 'lost' });
    await cloud.engine.start();
    watch.stop();
  });
});

async function put({ engine }: FixtureCloud, key: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({
    ...{ endpoint: engine.endpoint, region: 'us-east-1', credentials },
  });
  await client.send(new PutItemCommand({ TableName: 'fixture-table', Item: { pk: { S: key } } }));
  client.destroy();
}
