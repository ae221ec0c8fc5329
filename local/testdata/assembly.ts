/** Writes a small cloud assembly, so that the rules of the local cloud can be tested without the real stack. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Template } from '../template/assembly.ts';

export const STACK_NAME = 'fixture';

export interface FixtureFunction {
  readonly handler: string;
  /** Further properties of the function. */
  readonly properties?: Record<string, unknown>;
  /** Path parts; the function's own name unless given. */
  readonly path?: string[];
  readonly method?: string;
  readonly integration?: Record<string, unknown>;
  /** `AWS_IAM` for signed requests only. */
  readonly authorization?: string;
}

/** Each function is served by the API at `/<name>`. */
export function fixtureTemplate(functions: Record<string, FixtureFunction>): Template {
  const resources = Object.entries(functions).map(([name, fn]) => functionResources(name, fn));
  return {
    Resources: {
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: `${STACK_NAME}-api` } },
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { RestApiId: { Ref: 'Api' }, StageName: 'test' },
      },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: `${STACK_NAME}-table`,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        },
      },
      ...Object.assign({}, ...resources),
    },
    Outputs: { ApiUrl: { Value: API_URL }, TableName: { Value: { Ref: 'Table' } } },
  };
}

/** As the stack writes it. */
export const API_URL = {
  'Fn::Join': [
    '',
    [
      'https://',
      { Ref: 'Api' },
      '.execute-api.',
      { Ref: 'AWS::Region' },
      '.',
      { Ref: 'AWS::URLSuffix' },
      '/',
      { Ref: 'Stage' },
    ],
  ],
};

function functionResources(name: string, fn: FixtureFunction): Template['Resources'] {
  const { handler, properties = {}, path = [name], method = 'GET', integration = {} } = fn;
  const { authorization: AuthorizationType = 'NONE' } = fn;
  const resourceId = (depth: number) => `${name}Resource${depth}`;
  const resources = path.map((PathPart, i) => {
    const ParentId =
      i === 0 ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : { Ref: resourceId(i - 1) };
    const Properties = { RestApiId: { Ref: 'Api' }, ParentId, PathPart };
    return [resourceId(i), { Type: 'AWS::ApiGateway::Resource', Properties }] as const;
  });
  const uri = [
    'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/',
    { 'Fn::GetAtt': [name, 'Arn'] },
    '/invocations',
  ];
  return {
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `${STACK_NAME}-${name}`,
        Handler: handler,
        Code: { S3Bucket: { 'Fn::If': ['a', 'b', 'c'] }, S3Key: 'functions.zip' },
        ...properties,
      },
    },
    ...Object.fromEntries(resources),
    [`${name}Method`]: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Api' },
        ResourceId: { Ref: resourceId(path.length - 1) },
        HttpMethod: method,
        AuthorizationType,
        Integration: { Type: 'AWS_PROXY', Uri: { 'Fn::Join': ['', uri] }, ...integration },
      },
    },
  };
}

export function writeAssembly(directory: string, template: Template): void {
  const write = (file: string, content: unknown) =>
    writeFileSync(join(directory, file), JSON.stringify(content));
  mkdirSync(directory, { recursive: true });
  cpSync(
    fileURLToPath(new URL('./functions', import.meta.url)),
    join(directory, 'asset.functions'),
    {
      recursive: true,
    },
  );
  write('manifest.json', {
    artifacts: {
      [STACK_NAME]: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'fixture.template.json' },
      },
      assets: { type: 'cdk:asset-manifest', properties: { file: 'fixture.assets.json' } },
    },
  });
  write('fixture.template.json', template);
  write('fixture.assets.json', {
    files: {
      functions: {
        source: { path: 'asset.functions' },
        destinations: { here: { objectKey: 'functions.zip' } },
      },
    },
  });
}
