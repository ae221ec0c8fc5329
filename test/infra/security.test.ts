import { expect, test } from 'vitest';
import { functionOf, ofType, parts, render, type Template, templateFor } from './template.ts';

const template = templateFor();

const logs = (id: string) => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`<${id}FunctionLogs.Arn>`],
});
/** X-Ray has no resources to name. */
const traces = {
  actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
  resources: ['*'],
};
const route = (api: string, path: string) =>
  `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>/<${api}DeploymentStagedemo>/${path}`;
const calls = {
  actions: ['execute-api:Invoke'],
  resources: [
    route('ProductApi', 'GET/products/*'),
    route('RecommendationsApi', 'GET/recommendations/*'),
  ],
};
const circuits = {
  actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
  resources: ['<Circuits.Arn>'],
};

test.each([
  ['product', [logs('Product'), traces]],
  ['recommendations', [logs('Recommendations'), traces]],
  ['gateway-v1', [logs('GatewayV1'), traces, calls]],
  ['gateway-v2', [logs('GatewayV2'), traces, calls, circuits]],
])('the function %s may do exactly what it needs', (part, allowed) => {
  const roleId = functionOf(template, part).Role['Fn::GetAtt'][0];
  const role = template.Resources[roleId]?.Properties;
  expect(Object.keys(role)).toEqual(['AssumeRolePolicyDocument', 'Tags']);
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

test('the only other role is the one that API Gateway writes its logs with, and it outlives the stack', () => {
  const roles = ofType(template, 'AWS::IAM::Role');
  const [logWriter, ...others] = roles.filter(({ Properties }) => Properties.ManagedPolicyArns);
  expect(roles).toHaveLength(4 + 1);
  expect(others).toEqual([]);
  expect(logWriter).toMatchObject({
    DeletionPolicy: 'Retain',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Principal: { Service: 'apigateway.amazonaws.com' } }],
      },
    },
  });
  expect(logWriter?.Properties.ManagedPolicyArns.map(render)).toEqual([
    'arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
  ]);
  const iamTypes = Object.values(template.Resources).filter(({ Type }) => Type.includes('::IAM::'));
  expect(iamTypes).toHaveLength(roles.length + 4);
});

test('where somebody else sets the account up, the stack leaves its role for API logs alone', () => {
  const left = templateFor({ setApiLogRole: 'false' });
  expect(ofType(template, 'AWS::ApiGateway::Account')).toHaveLength(1);
  expect(ofType(left, 'AWS::ApiGateway::Account')).toEqual([]);
  expect(ofType(left, 'AWS::IAM::Role')).toHaveLength(4);
});

test('an API has its logs only after the account may have them', () => {
  for (const stage of ofType(template, 'AWS::ApiGateway::Stage')) {
    expect(stage.DependsOn).toEqual([expect.stringMatching(/^ApiLogsSetting/)]);
  }
});

test('every API has one stage, named as the deployment, and throttled to what the demonstration needs', () => {
  const stages = ofType(template, 'AWS::ApiGateway::Stage').map(({ Properties }) => Properties);
  const limits = stages.map(({ RestApiId, StageName, MethodSettings }) => {
    expect(StageName).toBe('demo');
    const [{ HttpMethod, ResourcePath, ThrottlingRateLimit, ThrottlingBurstLimit }, ...others] =
      MethodSettings;
    expect({ HttpMethod, ResourcePath, others }).toEqual({
      ...{ HttpMethod: '*', ResourcePath: '/*', others: [] },
    });
    return [render(RestApiId), `${ThrottlingRateLimit}/s`, `${ThrottlingBurstLimit} at once`];
  });
  expect(limits.sort()).toEqual([
    ['<GatewayV1Api>', '100/s', '100 at once'],
    ['<GatewayV2Api>', '100/s', '100 at once'],
    ['<ProductApi>', '200/s', '200 at once'],
    ['<RecommendationsApi>', '200/s', '200 at once'],
  ]);
});

test('no API takes a TLS older than 1.2', () => {
  const apis = ofType(template, 'AWS::ApiGateway::RestApi').map(({ Properties }) => Properties);
  expect(apis).toHaveLength(4);
  for (const api of apis) {
    expect(api).toMatchObject({
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PQ_2025_09',
      EndpointAccessMode: 'STRICT', // AWS demands a mode with each of the newer policies
    });
  }
});

/** Of one API: what it answers by itself, as `status error: message` by type. */
const gatewayErrors = (from: Template, api: string) =>
  Object.fromEntries(
    ofType(from, 'AWS::ApiGateway::GatewayResponse')
      .filter(({ Properties }) => render(Properties.RestApiId) === `<${api}>`)
      .map(({ Properties }) => {
        const template: string = Properties.ResponseTemplates['application/json'];
        const { error, message } = JSON.parse(template.replace(/\$[\w.]+/, '"$&"'));
        expect(Properties.ResponseParameters).toEqual({
          'gatewayresponse.header.x-correlation-id': 'context.requestId',
        });
        const status = Properties.StatusCode ? `${Properties.StatusCode} ` : '';
        return [Properties.ResponseType, `${status}${error}: ${message}`];
      }),
  );

const shared = {
  DEFAULT_4XX: 'Bad Request: $context.error.messageString',
  DEFAULT_5XX: 'Internal Server Error: $context.error.messageString',
  ACCESS_DENIED: 'Forbidden: $context.error.messageString',
  THROTTLED: 'Too Many Requests: There are too many requests at the moment',
  INTEGRATION_TIMEOUT: 'Gateway Timeout: The function did not answer in time',
};
const unknownPath = '404 Not Found: There is nothing at this path';
const notSigned = 'Forbidden: This request must be signed';

test.each([
  ['GatewayV1Api', {}, unknownPath],
  ['GatewayV2Api', {}, unknownPath],
  ['ProductApi', {}, notSigned],
  ['RecommendationsApi', {}, notSigned],
  ['GatewayV2Api', { access: 'iam' }, notSigned],
])(
  "API Gateway's own errors of %s have the shape of the functions' and a correlation id (%j)",
  (api, context, missingToken) => {
    expect(gatewayErrors(templateFor(context), api)).toEqual({
      ...shared,
      MISSING_AUTHENTICATION_TOKEN: missingToken,
    });
  },
);

test('an API is deployed with its errors, and deployed again when they change', () => {
  const deployments = ofType(template, 'AWS::ApiGateway::Deployment');
  expect(deployments).toHaveLength(4);
  for (const { DependsOn } of deployments) {
    const errors = DependsOn?.filter((id) => /MISSINGAUTHENTICATIONTOKEN/.test(id));
    expect(errors).toHaveLength(1);
  }
});

test.each([
  ['demo', {}, 'Delete', 'Delete', false],
  ['live', {}, 'RetainExceptOnCreate', 'Retain', false],
  ['live', { pointInTimeRecovery: 'true' }, 'RetainExceptOnCreate', 'Retain', true],
])(
  'the table of stage %s with %j: %s with its stack, %s when replaced; recovery to a point in time: %s',
  (stage, context, deleted, replaced, recovery) => {
    const [table] = ofType(templateFor({ stage, ...context }), 'AWS::DynamoDB::Table');
    expect(table).toMatchObject({
      DeletionPolicy: deleted,
      UpdateReplacePolicy: replaced,
      Properties: {
        DeletionProtectionEnabled: stage !== 'demo',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: recovery },
      },
    });
  },
);

test("the table's key is the one that DynamoDB owns: no call to KMS in the way of a read", () => {
  const [table] = ofType(template, 'AWS::DynamoDB::Table');
  expect(table?.Properties.SSESpecification).toEqual({ SSEEnabled: false });
  expect(JSON.stringify(template)).not.toMatch(/kms/i);
});

test('with the bulkhead every function has a share of the concurrency, without it none', () => {
  const reserved = (from: Template) =>
    parts.map((part) => functionOf(from, part).ReservedConcurrentExecutions);
  expect(reserved(template)).toEqual(parts.map(() => undefined));
  expect(reserved(templateFor({ bulkhead: 'true' }))).toEqual(parts.map(() => 100));
});

test('whatever can carry tags says which project and stage it belongs to', () => {
  const untaggable =
    /::(Permission|Policy|Resource|Method|Deployment|GatewayResponse|Account|QueryDefinition|Dashboard)$/;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (untaggable.test(Type)) continue;
    expect({ id, tags: Properties.Tags }).toEqual({
      id,
      tags: [
        { Key: 'project', Value: 'fleet-breaker' },
        { Key: 'stage', Value: 'demo' },
      ],
    });
  }
});

test('no URL and no policy of the stack speaks of anything but TLS', () => {
  expect(JSON.stringify(template)).not.toContain('http://');
});
