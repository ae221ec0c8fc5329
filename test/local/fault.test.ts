import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fixtureTemplate } from '../../local/testdata/assembly.ts';
import { type FixtureCloud, startFixtureCloud } from '../../local/testdata/fixture-cloud.ts';

const Variables = { SIMULATE_FAILURE: 'false', FAILURE_HANG_MS: '30000', OTHER: 'kept' };
const declared = fixtureTemplate({
  recommendations: { handler: 'index.echo', properties: { Environment: { Variables } } },
  slow: {
    handler: 'index.slow',
    properties: { Timeout: 10, Environment: { Variables: { GREETING: 'old' } } },
  },
});
const template = {
  ...declared,
  Outputs: {
    ...declared.Outputs,
    RecommendationsFunctionName: { Value: { Ref: 'recommendations' } },
  },
};

const run = promisify(execFile);

describe('switching the failure', () => {
  let cloud: FixtureCloud;
  let client: LambdaClient;
  beforeAll(async () => {
    cloud = await startFixtureCloud(template);
    client = new LambdaClient({
      endpoint: cloud.lambdaUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterAll(() => {
    client.destroy();
    return cloud.close();
  });

  const fault = (...args: string[]) =>
    run(process.execPath, [
      'ops/fault.ts',
      ...args,
      ...['--outputs', join(cloud.stateDir, 'outputs.json')],
    ]);
  const variables = async () => (await cloud.get('/recommendations')).body.env;

  it('on and off changes the variables of the function and keeps the others', async () => {
    expect(await variables()).toMatchObject(Variables);
    await fault('on', '--hang-ms', '1000');
    const on = { SIMULATE_FAILURE: 'true', FAILURE_HANG_MS: '1000', OTHER: 'kept' };
    expect(await variables()).toMatchObject(on);
    const { stdout } = await fault('off');
    expect(await variables()).toMatchObject({ ...on, SIMULATE_FAILURE: 'false' });
    expect(stdout).toContain('fixture-recommendations: SIMULATE_FAILURE=false');
  });

  it.each([
    [['sideways'], 'npm run fault -- on|off'],
    [['off', '--hang-ms', '5'], 'goes with `on`'],
    [['on', '--target', 'moon'], 'write one of local, localstack, aws'],
    [['on', '--function', 'nobody'], 'Function not found: nobody'],
  ])('says what is wrong with %j', async (args, words) => {
    await expect(fault(...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(words),
    });
  });

  it('without a local run says how to start one', async () => {
    const elsewhere = run(process.execPath, ['ops/fault.ts', 'on', '--outputs', 'nowhere.json']);
    await expect(elsewhere).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere.json cannot be read: start `npm run local` first'),
    });
  });

  it('lets a running invocation finish in its old environment and starts a new one', async () => {
    const running = cloud.get('/slow?ms=500');
    await expect.poll(() => cloud.logs('slow').join()).toContain('START');
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'fixture-slow',
        Environment: { Variables: { GREETING: 'new' } },
      }),
    );
    expect((await cloud.get('/slow?ms=0')).body.greeting).toBe('new');
    const old = (await running).body;
    expect(old.greeting).toBe('old');
    expect((await cloud.get('/slow?ms=0')).body.environment).not.toBe(old.environment);
  });

  it('is in force once the environments that are kept ready have the new variables', async () => {
    const prewarmed = await startFixtureCloud(template, { prewarm: 1 });
    onTestFinished(() => prewarmed.close());
    const url = `${prewarmed.lambdaUrl}/2015-03-31/functions/fixture-slow/configuration`;
    const body = JSON.stringify({ Environment: { Variables: { GREETING: 'new' } } });
    const status = async (init?: RequestInit) =>
      ((await (await fetch(url, init)).json()) as Record<string, unknown>).LastUpdateStatus;
    expect(await status({ method: 'PUT', body })).toBe('InProgress');
    await expect.poll(() => status()).toBe('Successful');
    expect((await prewarmed.get('/slow?ms=0')).body.greeting).toBe('new');
  });

  it.each([
    ['{', 'InvalidRequestContentException'],
    ['', 'InvalidRequestContentException'],
    ['null', 'InvalidParameterValueException'],
    ['[]', 'InvalidParameterValueException'],
    ['{"Environment":null}', 'InvalidParameterValueException'],
    ['{"Environment":{"Variables":[]}}', 'InvalidParameterValueException'],
    ['{"Environment":{"Variables":{"ONE":1}}}', 'InvalidParameterValueException'],
    ['{"Environment":{"Variables":{"__proto__":"x"}}}', 'InvalidParameterValueException'],
  ])('the Lambda API refuses a body of %j with 400, and changes nothing', async (body, type) => {
    const url = `${cloud.lambdaUrl}/2015-03-31/functions/fixture-recommendations/configuration`;
    const before = await (await fetch(url)).text();
    const response = await fetch(url, { method: 'PUT', body });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe(type);
    expect(await response.json()).toMatchObject({ Type: 'User', Message: expect.any(String) });
    expect(await (await fetch(url)).text()).toBe(before);
  });

  it('answers the Lambda API like AWS, and refuses what it cannot change', async () => {
    const FunctionName = 'fixture-slow';
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject({
      FunctionName,
      Timeout: 10,
      MemorySize: 128,
      Handler: 'index.slow',
      LastUpdateStatus: 'Successful',
    });
    const update = client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 5 }),
    );
    await expect(update).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });
});
