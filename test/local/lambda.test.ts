import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CloudEvent } from '../../local/observer.ts';
import { API_URL, fixtureTemplate } from '../../local/testdata/assembly.ts';
import { type FixtureCloud, startFixtureCloud } from '../../local/testdata/fixture-cloud.ts';

const TEMPLATE = fixtureTemplate({
  echo: {
    handler: 'index.echo',
    properties: {
      Timeout: 7,
      MemorySize: 256,
      Environment: { Variables: { OWN: 'x', API_URL, NODE_OPTIONS: '--enable-source-maps' } },
    },
  },
  slow: { handler: 'index.slow', properties: { Timeout: 10 } },
  hurried: { handler: 'index.slow', properties: { Timeout: 0.2 } },
  spin: { handler: 'index.spin', properties: { Timeout: 0.2 } },
  moody: { handler: 'index.moody' },
  broken: { handler: 'broken.handler' },
  missing: { handler: 'index.nothing' },
  single: { handler: 'index.slow', properties: { ReservedConcurrentExecutions: 1 } },
});

describe('an execution environment', () => {
  let cloud: FixtureCloud;
  beforeAll(async () => {
    cloud = await startFixtureCloud(TEMPLATE);
  });
  afterAll(() => cloud.close());

  const environmentOf = async (path: string) => (await cloud.get(path)).body.environment;

  it('is used again, with the state of its module', async () => {
    const first = (await cloud.get('/moody')).body;
    const second = (await cloud.get('/moody')).body;
    expect(second.environment).toBe(first.environment);
    expect(second.invocations).toBe(Number(first.invocations) + 1);
  });

  it('serves one request at a time: more at once start more of them', async () => {
    const environments = await Promise.all(
      Array.from({ length: 3 }, () => environmentOf('/slow?ms=2500')),
    );
    expect(new Set(environments).size).toBe(3);
    expect(environments).toContain(await environmentOf('/slow?ms=0'));
  });

  it('has the variables of the template, the ones of Lambda, and nothing of its host', async () => {
    const { env } = (await cloud.get('/echo')).body as { env: Record<string, string> };
    expect(env).toMatchObject({
      OWN: 'x',
      API_URL: `${cloud.url.replace('localhost', '127.0.0.1')}/test`,
      _HANDLER: 'index.echo',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'fixture-echo',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_ENDPOINT_URL_DYNAMODB: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(env).not.toHaveProperty('HOME');
  });

  it('gets the context of its invocation', async () => {
    const { context, remainingMs } = (await cloud.get('/echo')).body;
    expect(context).toEqual({
      functionName: 'fixture-echo',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fixture-echo',
      memoryLimitInMB: '256',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      logGroupName: '/aws/lambda/fixture-echo',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    });
    expect(remainingMs).toBeGreaterThan(6000);
    expect(remainingMs).toBeLessThanOrEqual(7000);
  });

  it('writes a log stream like CloudWatch, Init Duration in its first report only', async () => {
    await cloud.get('/echo');
    await cloud.get('/echo');
    const [log = ''] = cloud.logs('echo');
    const [id] = /[0-9a-f-]{36}/.exec(log) ?? [];
    const [start, line, end, report] = log.split('\n');
    expect(start).toBe(`START RequestId: ${id} Version: $LATEST`);
    expect(JSON.parse(line ?? '')).toEqual({ seen: '/echo' });
    expect(end).toBe(`END RequestId: ${id}`);
    expect(report).toMatch(
      /^REPORT RequestId: [\w-]+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
    );
    expect(log.match(/Init Duration/g)).toHaveLength(1);
  });

  it('survives an error that its handler throws', async () => {
    const before = await environmentOf('/moody');
    const { status, body } = await cloud.get('/moody?how=throw');
    expect({ status, body }).toEqual({ status: 502, body: { message: 'Internal server error' } });
    expect(await environmentOf('/moody')).toBe(before);
    expect(cloud.logs('moody').join()).toMatch(/ERROR\tInvoke Error\t.*"errorMessage":"a bad day"/);
  });

  it.each([
    ['exit', 'exit status 3'],
    ['crash', 'Error: from nowhere'],
  ])('ends with the process of the function (%s), and a new one takes over', async (how, words) => {
    const before = await environmentOf('/moody');
    expect((await cloud.get(`/moody?how=${how}`)).status).toBe(502);
    expect(await environmentOf('/moody')).not.toBe(before);
    expect(cloud.logs('moody').join()).toContain(`Runtime exited with error: ${words}`);
  });

  it.each(['/hurried?ms=5000', '/spin'])(
    'is killed when the invocation outlasts the timeout of the function (%s)',
    async (path) => {
      const name = path === '/spin' ? 'spin' : 'hurried';
      expect((await cloud.get(path)).status).toBe(502);
      const [log = ''] = cloud.logs(name);
      expect(log).toMatch(
        / [\w-]{36} Task timed out after 0\.20 seconds\nEND .*\nREPORT .*Status: timeout\n$/,
      );
      expect(log).not.toContain('slow has finished');
    },
  );

  it('is replaced after a timeout', async () => {
    const before = await environmentOf('/hurried?ms=0');
    await cloud.get('/hurried?ms=5000');
    expect(await environmentOf('/hurried?ms=0')).not.toBe(before);
  });

  it.each([
    ['broken', 'the module is broken'],
    ['missing', 'Runtime.HandlerNotFound'],
  ])('does not start when the function cannot be loaded (%s)', async (name, words) => {
    expect((await cloud.get(`/${name}`)).status).toBe(502);
    expect(cloud.logs(name).join()).toContain(words);
  });

  it('is refused to a request beyond the reserved concurrency of the function', async () => {
    const first = cloud.get('/single?ms=500');
    await isUnderWay(cloud, 'single');
    const second = await cloud.get('/single?ms=0');
    expect(second).toEqual({ status: 500, body: { message: 'Internal server error' } });
    expect((await first).status).toBe(200);
    expect((await cloud.get('/single?ms=0')).status).toBe(200);
  });
});

function lambdaClient({ lambdaUrl }: FixtureCloud): LambdaClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new LambdaClient({
    ...{ endpoint: lambdaUrl, region: 'us-east-1', credentials, maxAttempts: 1 },
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** Two requests may overtake each other on their way. */
const isUnderWay = (cloud: FixtureCloud, name: string) =>
  expect.poll(() => cloud.logs(name).join()).toMatch(/START (?!.*END )/s);

describe('the whole account', () => {
  it('throttles beyond its concurrency: 429 for who invokes a function, 500 for a user of its API', async () => {
    const throttled: string[] = [];
    const publish = (event: CloudEvent) => {
      if (event.kind === 'throttled') throttled.push(event.functionName);
    };
    const observer = { publish };
    const cloud = await startFixtureCloud(TEMPLATE, { accountConcurrency: 2, observer });
    onTestFinished(() => cloud.close());
    const client = lambdaClient(cloud);
    const first = cloud.get('/slow?ms=800');
    await isUnderWay(cloud, 'slow');
    const direct = client.send(new InvokeCommand({ FunctionName: 'fixture-moody' }));
    await expect(direct).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      $metadata: { httpStatusCode: 429 },
    });
    const second = await cloud.get('/moody');
    expect(second).toEqual({ status: 500, body: { message: 'Internal server error' } });
    expect(throttled).toEqual(['fixture-moody', 'fixture-moody']);
    expect((await first).status).toBe(200);
  });

  it('throttles no longer than the calls last that fill it', async () => {
    const cloud = await startFixtureCloud(TEMPLATE, { accountConcurrency: 3 });
    onTestFinished(() => cloud.close());
    const users = Array.from({ length: 10 }, () => cloud.get('/slow?ms=700'));
    const statuses = (await Promise.all(users)).map(({ status }) => status);
    // One place is kept for the function with a reservation.
    expect(statuses.toSorted()).toEqual([200, 200, ...Array.from({ length: 8 }, () => 500)]);
    for (let i = 0; i < 10; i++) expect((await cloud.get('/slow?ms=0')).status).toBe(200);
  });

  it('lets functions be invoked through the API of Lambda', async () => {
    const cloud = await startFixtureCloud(TEMPLATE);
    onTestFinished(() => cloud.close());
    const client = lambdaClient(cloud);
    const invoke = async (how?: string) => {
      const Payload = JSON.stringify({ queryStringParameters: { how } });
      const answer = await client.send(
        new InvokeCommand({ FunctionName: 'fixture-moody', Payload }),
      );
      return { ...answer, result: JSON.parse(answer.Payload?.transformToString() ?? '') };
    };
    expect((await invoke()).result).toMatchObject({ statusCode: 200 });
    const failed = await invoke('throw');
    expect(failed).toMatchObject({
      FunctionError: 'Unhandled',
      result: { errorType: 'TypeError', errorMessage: 'a bad day' },
    });
  });

  it('ends environments that nobody needs, but for those that were started ahead', async () => {
    const states = new Map<string, string>();
    const publish = (event: CloudEvent) => {
      if (event.kind === 'environment') states.set(event.environment, event.state);
    };
    const options = { prewarm: 1, idleLimitMs: 500, observer: { publish } };
    const { slow } = { slow: { handler: 'index.slow' } };
    const cloud = await startFixtureCloud(fixtureTemplate({ slow }), options);
    onTestFinished(() => cloud.close());
    await Promise.all(Array.from({ length: 4 }, () => cloud.get('/slow?ms=300')));
    const statesNow = () => [...states.values()].toSorted();
    expect(statesNow().filter((state) => state === 'idle').length).toBeGreaterThan(1);
    await expect.poll(statesNow).toEqual(['gone', 'gone', 'gone', 'idle']);
    await sleep(1_000);
    expect(statesNow()).toContain('idle');
    expect((await cloud.get('/slow?ms=0')).status).toBe(200);
  });

  it('starts environments ahead, which loggers do not take for cold starts', async () => {
    const { echo } = { echo: { handler: 'index.echo' } };
    const cloud = await startFixtureCloud(fixtureTemplate({ echo }), { prewarm: 2 });
    onTestFinished(() => cloud.close());
    const { env } = (await cloud.get('/echo')).body as { env: Record<string, string> };
    expect(env.AWS_LAMBDA_INITIALIZATION_TYPE).toBe('provisioned-concurrency');
  });

  it('does not come up when a function to start ahead cannot be loaded', async () => {
    const broken = fixtureTemplate({ broken: { handler: 'broken.handler' } });
    await expect(startFixtureCloud(broken, { prewarm: 1 })).rejects.toThrow(
      'fixture-broken does not start: Error: the module is broken',
    );
  });
});
