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

test.each([
  ['demo', {}, 'Delete', false],
  ['live', {}, 'Retain', false],
  ['live', { pointInTimeRecovery: 'true' }, 'Retain', true],
])(
  'the table of stage %s with %j is encrypted, and goes as %s; recovery to a point in time: %s',
  (stage, context, policy, recovery) => {
    const [table] = ofType(templateFor({ stage, ...context }), 'AWS::DynamoDB::Table');
    expect(table).toMatchObject({
      DeletionPolicy: policy,
      UpdateReplacePolicy: policy,
      Properties: {
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: recovery },
      },
    });
  },
);

test('with the bulkhead every function has a share of the concurrency, without it none', () => {
  const reserved = (from: Template) =>
    parts.map((part) => functionOf(from, part).ReservedConcurrentExecutions);
  expect(reserved(template)).toEqual(parts.map(() => undefined));
  expect(reserved(templateFor({ bulkhead: 'true' }))).toEqual(parts.map(() => 100));
});

test('whatever can carry tags says which project and stage it belongs to', () => {
  const untaggable =
    /::(Permission|Policy|Resource|Method|Deployment|Account|QueryDefinition|Dashboard)$/;
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
