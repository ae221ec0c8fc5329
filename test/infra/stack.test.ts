import { expect, test } from 'vitest';
import {
  functionOf,
  ofType,
  parts,
  type Resource,
  render,
  templateFor,
  variablesOf,
} from './template.ts';

const template = templateFor();
const functions = ofType(template, 'AWS::Lambda::Function');
const names = parts.map((part) => `fleet-breaker-demo-${part}`);

test('there are four functions, each on Node.js 24 and arm64', () => {
  expect(functions.map(({ Properties }) => Properties.FunctionName).sort()).toEqual(names);
  for (const { Properties } of functions) {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  }
});

test('every function logs as JSON under its own name', () => {
  for (const part of parts) {
    expect(variablesOf(template, part)).toMatchObject({
      POWERTOOLS_SERVICE_NAME: part,
      LOG_LEVEL: 'INFO',
    });
  }
});

test('every function and every API has one log group, which forgets after a week and goes with the stack', () => {
  const groups = ofType(template, 'AWS::Logs::LogGroup');
  expect(groups.map(({ Properties }) => Properties.LogGroupName).sort()).toEqual(
    ['apigateway', 'lambda'].flatMap((of) => names.map((name) => `/aws/${of}/${name}`)),
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
    expect.objectContaining({
      TableName: 'fleet-breaker-demo-circuits',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  ]);
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

test('with access=iam the gateways answer signed requests only, and the outputs say so', () => {
  const closed = templateFor({ access: 'iam' });
  const methods = ofType(closed, 'AWS::ApiGateway::Method').map(({ Properties }) => Properties);
  expect(methods.map(({ AuthorizationType }) => AuthorizationType)).toEqual(
    Array(5).fill('AWS_IAM'),
  );
  expect(closed.Outputs.GatewayAccess?.Value).toBe('iam');
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

const url = (api: string) =>
  `https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/<${api}DeploymentStagedemo>`;

test('the gateways learn from their environment where the services are and how long to wait', () => {
  const urls = { PRODUCT_URL: url('ProductApi'), RECOMMENDATIONS_URL: url('RecommendationsApi') };
  expect(variablesOf(template, 'gateway-v1')).toMatchObject({
    ...urls,
    PRODUCT_TIMEOUT_MS: '5000',
    CALL_TIMEOUT_MS: '30000',
  });
  expect(variablesOf(template, 'gateway-v2')).toMatchObject({
    ...urls,
    PRODUCT_TIMEOUT_MS: '5000',
    CALL_TIMEOUT_MS: '2000',
    FAILURE_THRESHOLD: '3',
    OPEN_MS: '5000',
    MAX_OPEN_MS: '5000',
    CIRCUIT_NAME: 'recommendations',
    CIRCUIT_TABLE: '<Circuits>',
    POWERTOOLS_METRICS_NAMESPACE: 'fleet-breaker/demo',
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
  expect(variablesOf(emulated, 'gateway-v1')).toMatchObject(urls);
  expect(variablesOf(emulated, 'gateway-v2')).toMatchObject(urls);
  expect(render(emulated.Outputs.GatewayV2Url?.Value)).toBe(below('GatewayV2Api'));
});

test('by default recommendations are well, and every call would hang for 30 s', () => {
  expect(variablesOf(template, 'recommendations')).toMatchObject({
    SIMULATE_FAILURE: 'false',
    FAILURE_HANG_MS: '30000',
    FAILURE_PERCENT: '100',
    SIMULATE_UNTIL: '',
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
    GatewayAccess: 'public',
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
  logLevel: 'WARN',
});

test.each([
  ['as delivered', template],
  ['changed by context', changed],
])('no function ends before what it waits for (%s)', (_, from) => {
  const v1 = variablesOf(from, 'gateway-v1');
  const v2 = variablesOf(from, 'gateway-v2');
  const waitsMs = {
    recommendations: number(variablesOf(from, 'recommendations').FAILURE_HANG_MS),
    'gateway-v1': number(v1.PRODUCT_TIMEOUT_MS) + number(v1.CALL_TIMEOUT_MS),
    'gateway-v2': number(v2.PRODUCT_TIMEOUT_MS) + number(v2.CALL_TIMEOUT_MS),
  };
  for (const [part, waitMs] of Object.entries(waitsMs)) {
    expect(functionOf(from, part).Timeout).toBeGreaterThanOrEqual(waitMs / 1000 + 3);
  }
});

test('every setting of the context reaches what it is for', () => {
  expect(variablesOf(changed, 'recommendations')).toMatchObject({
    SIMULATE_FAILURE: 'true',
    FAILURE_HANG_MS: '12000',
    FAILURE_PERCENT: '30',
  });
  expect(variablesOf(changed, 'gateway-v1')).toMatchObject({
    PRODUCT_TIMEOUT_MS: '1500',
    CALL_TIMEOUT_MS: '9000',
  });
  expect(variablesOf(changed, 'gateway-v2')).toMatchObject({
    PRODUCT_TIMEOUT_MS: '1500',
    CALL_TIMEOUT_MS: '700',
    FAILURE_THRESHOLD: '4',
    OPEN_MS: '1000',
    MAX_OPEN_MS: '60000',
  });
  for (const part of parts) {
    expect(functionOf(changed, part)).toMatchObject({
      FunctionName: `fleet-breaker-canary-2-${part}`,
      Architectures: ['x86_64'],
    });
    expect(variablesOf(changed, part).LOG_LEVEL).toBe('WARN');
  }
});

/** Of what has to have a name of its own in an account and region. */
const NAME_PROPERTY = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::ApiGateway::RestApi': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Logs::QueryDefinition': 'Name',
};

test('two stages share no name, so that both fit into one account', () => {
  const named = (from: typeof template) =>
    Object.entries(NAME_PROPERTY).flatMap(([type, property]) =>
      ofType(from, type).map(({ Properties }) => `${type} ${Properties[property]}`),
    );
  expect(new Set(named(template)).size).toBe(4 + 1 + 8 + 4 + 7 + 1 + 5);
  expect(named(changed).filter((name) => named(template).includes(name))).toEqual([]);
});
