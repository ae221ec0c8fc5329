import { describe, expect, it } from 'vitest';
import { type FixtureFunction, fixtureTemplate } from '../testdata/assembly.ts';
import { readStack } from './stack.ts';

const read = (functions: Record<string, FixtureFunction>) =>
  readStack({
    stackName: 'fixture',
    template: fixtureTemplate(functions),
    assetDirs: new Map([['functions.zip', '/code']]),
  });

const plain: FixtureFunction = { handler: 'index.echo' };

describe('reading the template', () => {
  it('gives a function the limits of Lambda where the template is silent', () => {
    const [fn] = read({ plain }).functions;
    expect(fn).toEqual({
      name: 'fixture-plain',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:fixture-plain',
      handler: 'index.echo',
      codeDir: '/code',
      functionTimeoutMs: 3000,
      memoryMb: 128,
      environment: {},
      reservedConcurrency: undefined,
    });
  });

  it('takes limits and variables from the template', () => {
    const properties = {
      Timeout: 35,
      MemorySize: 512,
      ReservedConcurrentExecutions: 7,
      Environment: { Variables: { TABLE: { Ref: 'Table' }, HANG_MS: 30_000 } },
    };
    const [fn] = read({ plain: { ...plain, properties } }).functions;
    expect(fn).toMatchObject({
      functionTimeoutMs: 35_000,
      memoryMb: 512,
      reservedConcurrency: 7,
      environment: { TABLE: 'fixture-table', HANG_MS: '30000' },
    });
  });

  it('follows the tree of resources to the path of a route', () => {
    const nested = { ...plain, path: ['a', '{id}', 'b'], method: 'ANY' };
    expect(read({ nested }).apis[0]?.routes).toEqual([
      {
        method: 'ANY',
        path: '/a/{id}/b',
        functionName: 'fixture-nested',
        integrationTimeoutMs: 29_000,
        isSigned: false,
      },
    ]);
  });

  it('knows from the template which route is for signed requests only', () => {
    const internal = { ...plain, authorization: 'AWS_IAM' };
    expect(read({ internal }).apis[0]?.routes[0]?.isSigned).toBe(true);
  });

  it('takes the integration limit from the template', () => {
    const quick = { ...plain, integration: { TimeoutInMillis: 500 } };
    expect(read({ quick }).apis[0]?.routes[0]?.integrationTimeoutMs).toBe(500);
  });

  it('creates a table from what CreateTable takes, and leaves the rest of its properties out', () => {
    expect(read({}).tables).toEqual([
      {
        TableName: 'fixture-table',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      },
    ]);
  });

  it('resolves the outputs', () => {
    const { outputs, apis } = read({});
    expect(outputs).toEqual({
      ApiUrl: `https://${apis[0]?.id}.execute-api.us-east-1.amazonaws.com/test`,
      TableName: 'fixture-table',
    });
  });

  it.each<[string, FixtureFunction, RegExp]>([
    [
      'a variable that it cannot resolve',
      { ...plain, properties: { Environment: { Variables: { URL: { 'Fn::If': [] } } } } },
      /^fn \(AWS::Lambda::Function\), property Environment\.Variables\.URL: Fn::If/,
    ],
    [
      'code that the assembly does not have',
      { ...plain, properties: { Code: { S3Key: 'other.zip' } } },
      /^fn, property Code\.S3Key: the assembly has no asset other\.zip/,
    ],
    [
      'an integration of another kind',
      { ...plain, integration: { Type: 'MOCK' } },
      /^fnMethod \(AWS::ApiGateway::Method\), property Integration: .* only/,
    ],
    [
      'a function without a name',
      { ...plain, properties: { FunctionName: undefined } },
      /^fn \(AWS::Lambda::Function\), property FunctionName/,
    ],
  ])('stops at %s', (_, fn, message) => {
    expect(() => read({ fn })).toThrow(message);
  });
});
