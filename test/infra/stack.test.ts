import { expect, test } from 'vitest';
import { ofType, type Resource, render, templateFor } from './template.ts';

const template = templateFor();
const functions = ofType(template, 'AWS::Lambda::Function');
const parts = ['gateway-v1', 'gateway-v2', 'product', 'recommendations'];
const names = parts.map((part) => `fleet-breaker-demo-${part}`);

const functionOf = (part: string, from = template) => {
  const found = ofType(from, 'AWS::Lambda::Function').find(({ Properties }) =>
    Properties.FunctionName.endsWith(`-${part}`),
  );
  if (!found) throw new Error(`no function ${part}`);
  return found.Properties;
};
const variablesOf = (part: string, from = template): Record<string, string> =>
  Object.fromEntries(
    Object.entries(functionOf(part, from).Environment.Variables).map(([name, value]) => [
      name,
      render(value),
    ]),
  );

test('there are four functions, each on Node.js 24 and arm64', () => {
  expect(functions.map(({ Properties }) => Properties.FunctionName).sort()).toEqual(names);
  for (const { Properties } of functions) {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  }
});

test('every function logs as JSON under its own name, with readable stack traces', () => {
  for (const part of parts) {
    expect(variablesOf(part)).toMatchObject({
      POWERTOOLS_SERVICE_NAME: part,
      LOG_LEVEL: 'INFO',
      NODE_OPTIONS: '--enable-source-maps',
    });
  }
});

test('every function has one log group, which forgets after a week and goes with the stack', () => {
  const groups = ofType(template, 'AWS::Logs::LogGroup');
  expect(groups.map(({ Properties }) => Properties.LogGroupName).sort()).toEqual(
    names.map((name) => `/aws/lambda/${name}`),
  );
  for (const group of groups) {
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 7 } });
  }
  for (const { Properties } of functions) {
    const { Ref } = Properties.LoggingConfig.LogGroup;
    expect(template.Resources[Ref]?.Properties.LogGroupName).toBe(
      `/aws/lambda/${Properties.FunctionName}`,
    );
  }
});

test('there is one table: on demand, keyed by the name of the circuit', () => {
  const tables = ofType(template, 'AWS::DynamoDB::Table');
  expect(tables.map(({ Properties }) => Properties)).toEqual([
    {
      TableName: 'fleet-breaker-demo-circuits',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    },
  ]);
});

const logs = (id: string) => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`<${id}FunctionLogs.Arn>`],
});
const invoke = (api: string, route: string) => ({
  actions: ['execute-api:Invoke'],
  resources: [
    `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>/<${api}DeploymentStagedemo>/${route}`,
  ],
});
const calls = [
  invoke('ProductApi', 'GET/products/*'),
  invoke('RecommendationsApi', 'GET/recommendations/*'),
];
const circuits = {
  actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
  resources: ['<Circuits.Arn>'],
};

test.each([
  ['product', [logs('Product')]],
  ['recommendations', [logs('Recommendations')]],
  ['gateway-v1', [logs('GatewayV1'), ...calls]],
  ['gateway-v2', [logs('GatewayV2'), ...calls, circuits]],
])('the function %s may do exactly what it needs', (part, allowed) => {
  const roleId = functionOf(part).Role['Fn::GetAtt'][0];
  const role = template.Resources[roleId]?.Properties;
  expect(Object.keys(role)).toEqual(['AssumeRolePolicyDocument']);
  const statements = ofType(template, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements.map(({ Effect }) => Effect)).toEqual(allowed.map(() => 'Allow'));
  expect(
    statements.map(({ Action, Resource }) => ({
      actions: [Action].flat(),
      resources: [Resource].flat().map(render),
    })),
  ).toEqual(allowed);
});

test('there are no other roles, policies or managed permissions', () => {
  expect(ofType(template, 'AWS::IAM::Role')).toHaveLength(4);
  expect(ofType(template, 'AWS::IAM::Policy')).toHaveLength(4);
  const iamTypes = Object.values(template.Resources).filter(({ Type }) => Type.includes('::IAM::'));
  expect(iamTypes).toHaveLength(8);
});

const pathOf = (resourceId: { readonly Ref?: string }): string => {
  const resource = resourceId.Ref ? template.Resources[resourceId.Ref] : undefined;
  if (!resource) return '';
  return `${pathOf(resource.Properties.ParentId)}/${resource.Properties.PathPart}`;
};
const routeOf = ({ Properties }: Resource) => ({
  route: `${Properties.HttpMethod} ${pathOf(Properties.ResourceId)}`,
  api: template.Resources[Properties.RestApiId.Ref]?.Properties.Name,
  handler: /<(\w+)\.Arn>/.exec(render(Properties.Integration.Uri))?.[1],
  authorization: Properties.AuthorizationType,
  integration: Properties.Integration.Type,
});

test('the gateways are public, and the services behind them answer signed requests only', () => {
  const route = (method: string, id: string, part: string, authorization: string) => ({
    route: `GET ${method}`,
    api: `fleet-breaker-demo-${part}`,
    handler: `${id}Function`,
    authorization,
    integration: 'AWS_PROXY',
  });
  expect(ofType(template, 'AWS::ApiGateway::Method').map(routeOf)).toEqual([
    route('/products/{id}', 'Product', 'product', 'AWS_IAM'),
    route('/recommendations/{id}', 'Recommendations', 'recommendations', 'AWS_IAM'),
    route('/product-details/{id}', 'GatewayV1', 'gateway-v1', 'NONE'),
    route('/product-details/{id}', 'GatewayV2', 'gateway-v2', 'NONE'),
    route('/circuit-status', 'GatewayV2', 'gateway-v2', 'NONE'),
  ]);
});

test('a function is invoked by the routes of its own API and by nothing else', () => {
  const permissions = ofType(template, 'AWS::Lambda::Permission').map(
    ({ Properties }) =>
      `${render(Properties.FunctionName)} ${Properties.Principal} ${render(Properties.SourceArn)}`,
  );
  const grant = (id: string, route: string) =>
    `<${id}Function.Arn> apigateway.amazonaws.com arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${id}Api>/<${id}ApiDeploymentStagedemo>/GET/${route}`;
  expect(permissions).toEqual([
    grant('Product', 'products/*'),
    grant('Recommendations', 'recommendations/*'),
    grant('GatewayV1', 'product-details/*'),
    grant('GatewayV2', 'product-details/*'),
    grant('GatewayV2', 'circuit-status'),
  ]);
});

test('every API has one stage, named as the deployment, and throttled', () => {
  const stages = ofType(template, 'AWS::ApiGateway::Stage').map(({ Properties }) => Properties);
  expect(new Set(stages.map(({ RestApiId }) => RestApiId.Ref)).size).toBe(4);
  expect(stages).toHaveLength(4);
  for (const stage of stages) {
    expect(stage.StageName).toBe('demo');
    expect(stage.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 1_000,
        ThrottlingBurstLimit: 500,
      }),
    ]);
  }
});

const url = (api: string) =>
  `https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/<${api}DeploymentStagedemo>`;

test('the gateways learn from their environment where the services are and how long to wait', () => {
  const urls = { PRODUCT_URL: url('ProductApi'), RECOMMENDATIONS_URL: url('RecommendationsApi') };
  expect(variablesOf('gateway-v1')).toMatchObject({
    ...urls,
    PRODUCT_TIMEOUT_MS: '5000',
    CALL_TIMEOUT_MS: '30000',
  });
  expect(variablesOf('gateway-v2')).toMatchObject({
    ...urls,
    PRODUCT_TIMEOUT_MS: '5000',
    CALL_TIMEOUT_MS: '2000',
    FAILURE_THRESHOLD: '3',
    OPEN_MS: '5000',
    MAX_OPEN_MS: '5000',
    CIRCUIT_NAME: 'recommendations',
    CIRCUIT_TABLE: '<Circuits>',
  });
});

test('on an emulator every URL is below its endpoint, for people as for the functions', () => {
  const endpointUrl = 'http://127.0.0.1:4566';
  const emulated = templateFor({ endpointUrl });
  const below = (api: string) =>
    `${endpointUrl}/_aws/execute-api/<${api}>/<${api}DeploymentStagedemo>`;
  const urls = {
    PRODUCT_URL: below('ProductApi'),
    RECOMMENDATIONS_URL: below('RecommendationsApi'),
  };
  expect(variablesOf('gateway-v1', emulated)).toMatchObject(urls);
  expect(variablesOf('gateway-v2', emulated)).toMatchObject(urls);
  expect(render(emulated.Outputs.GatewayV2Url?.Value)).toBe(below('GatewayV2Api'));
});

test('by default recommendations are well, and every call would hang for 30 s', () => {
  expect(variablesOf('recommendations')).toMatchObject({
    SIMULATE_FAILURE: 'false',
    FAILURE_HANG_MS: '30000',
    FAILURE_PERCENT: '100',
  });
});

test('the outputs name every URL, function and the table', () => {
  const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [
    name,
    render(Value),
  ]);
  expect(Object.fromEntries(outputs)).toEqual({
    ProductUrl: url('ProductApi'),
    ProductFunctionName: '<ProductFunction>',
    RecommendationsUrl: url('RecommendationsApi'),
    RecommendationsFunctionName: '<RecommendationsFunction>',
    GatewayV1Url: url('GatewayV1Api'),
    GatewayV1FunctionName: '<GatewayV1Function>',
    GatewayV2Url: url('GatewayV2Api'),
    GatewayV2FunctionName: '<GatewayV2Function>',
    CircuitStatusUrl: `${url('GatewayV2Api')}/circuit-status`,
    CircuitTableName: '<Circuits>',
  });
});

const number = (value: string | undefined) => Number(value);
const changed = templateFor({
  stage: 'canary-2',
  architecture: 'x86_64',
  simulateFailure: 'true',
  failureHangMs: '12000',
  failurePercent: '30',
  productTimeoutMs: '1500',
  v1CallTimeoutMs: '9000',
  v2CallTimeoutMs: '700',
  failureThreshold: '4',
  openMs: '1000',
  maxOpenMs: '60000',
});

test.each([
  ['as delivered', template],
  ['changed by context', changed],
])('no function ends before what it waits for (%s)', (_, from) => {
  const v1 = variablesOf('gateway-v1', from);
  const v2 = variablesOf('gateway-v2', from);
  const waitsMs = {
    recommendations: number(variablesOf('recommendations', from).FAILURE_HANG_MS),
    'gateway-v1': number(v1.PRODUCT_TIMEOUT_MS) + number(v1.CALL_TIMEOUT_MS),
    'gateway-v2': number(v2.PRODUCT_TIMEOUT_MS) + number(v2.CALL_TIMEOUT_MS),
  };
  for (const [part, waitMs] of Object.entries(waitsMs)) {
    expect(functionOf(part, from).Timeout).toBeGreaterThanOrEqual(waitMs / 1000 + 3);
  }
});

test('every setting of the context reaches what it is for', () => {
  expect(variablesOf('recommendations', changed)).toMatchObject({
    SIMULATE_FAILURE: 'true',
    FAILURE_HANG_MS: '12000',
    FAILURE_PERCENT: '30',
  });
  expect(variablesOf('gateway-v1', changed)).toMatchObject({
    PRODUCT_TIMEOUT_MS: '1500',
    CALL_TIMEOUT_MS: '9000',
  });
  expect(variablesOf('gateway-v2', changed)).toMatchObject({
    PRODUCT_TIMEOUT_MS: '1500',
    CALL_TIMEOUT_MS: '700',
    FAILURE_THRESHOLD: '4',
    OPEN_MS: '1000',
    MAX_OPEN_MS: '60000',
  });
  for (const part of parts) {
    expect(functionOf(part, changed)).toMatchObject({
      FunctionName: `fleet-breaker-canary-2-${part}`,
      Architectures: ['x86_64'],
    });
  }
});

test('two stages share no name, so that both fit into one account', () => {
  const named = (from: typeof template) =>
    Object.values(from.Resources)
      .map(({ Properties: p }) => p.FunctionName ?? p.TableName ?? p.LogGroupName ?? p.Name)
      .filter((name) => typeof name === 'string');
  expect(named(template)).toHaveLength(4 + 1 + 4 + 4);
  expect(named(changed).filter((name) => named(template).includes(name))).toEqual([]);
});
