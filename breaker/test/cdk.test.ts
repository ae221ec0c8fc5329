/** The constructs of `fleet-breaker/cdk`, as CloudFormation gets them. */
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AnyPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  CircuitAlarms,
  CircuitDashboard,
  type CircuitSource,
  CircuitTable,
} from 'fleet-breaker/cdk';
import { type CircuitMetric, powertoolsListeners } from 'fleet-breaker/powertools';
import { breakerIn } from 'fleet-breaker/testing';
import { describe, expect, it } from 'vitest';

const source: CircuitSource = { namespace: 'shop', service: 'gateway', circuit: 'prices' };

/** What the constructs that `make` makes become. */
function synthesized(make: (stack: Stack) => void): Template {
  const stack = new Stack(new App(), 'Stack');
  make(stack);
  return Template.fromStack(stack);
}

function alarmsOf(template: Template) {
  return Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  );
}

it('cdk-nag finds nothing in them', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const table = new CircuitTable(stack, 'Circuits');
  table.grantBreaker(new Role(stack, 'Role', { assumedBy: new AnyPrincipal() }));
  new CircuitAlarms(stack, 'Alarms', { source, table });
  new CircuitDashboard(stack, 'Dashboard', { sources: [source], table });
  expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
});

describe('CircuitTable', () => {
  it('has the key that dynamoStore expects, is paid per request, and outlives its stack', () => {
    const template = synthesized((stack) => new CircuitTable(stack, 'Circuits'));
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: Match.absent(),
      },
      DeletionPolicy: 'Retain',
    });
  });

  it('takes whatever else is set of a table', () => {
    const props = { tableName: 'circuits', deletionProtection: false };
    const template = synthesized((stack) => new CircuitTable(stack, 'Circuits', props));
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: 'circuits',
      DeletionProtectionEnabled: false,
    });
  });

  it.each<[string, string[], unknown]>([
    ['all items', [], Match.absent()],
    [
      'the items of the circuits that are named, and their copies',
      ['prices', 'stock'],
      {
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': ['prices', 'prices#mirror-*', 'stock', 'stock#mirror-*'],
        },
      },
    ],
  ])('grants reading and writing single items and nothing else: %s', (_, circuits, Condition) => {
    const template = synthesized((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new AnyPrincipal() });
      new CircuitTable(stack, 'Circuits').grantBreaker(role, ...circuits);
    });
    const Action = ['dynamodb:GetItem', 'dynamodb:UpdateItem'];
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action, Effect: 'Allow', Condition }] },
    });
  });
});

describe('CircuitAlarms', () => {
  it('watch the circuit and the store; the table too, where it is given', () => {
    const alone = synthesized((stack) => new CircuitAlarms(stack, 'Alarms', { source }));
    expect(alarmsOf(alone)).toHaveLength(2);
    const both = synthesized((stack) => {
      const table = new CircuitTable(stack, 'Circuits');
      new CircuitAlarms(stack, 'Alarms', { source, table, alarmNamePrefix: 'shop' });
    });
    const names = alarmsOf(both).map(({ AlarmName }) => AlarmName);
    expect(names.sort()).toEqual([
      'shop-circuit-open',
      'shop-store-trouble',
      'shop-table-read-throttled',
      'shop-table-write-throttled',
    ]);
  });

  it('say what they mean, and are quiet where nobody calls', () => {
    const template = synthesized((stack) => new CircuitAlarms(stack, 'Alarms', { source }));
    for (const alarm of alarmsOf(template)) {
      expect(alarm.AlarmDescription).toMatch(/^In .*:.*\.$/);
      expect(alarm).toMatchObject({
        TreatMissingData: 'notBreaching',
        Threshold: expect.any(Number),
      });
    }
  });
});

describe('CircuitDashboard', () => {
  function widgetsOf(template: Template) {
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = dashboard?.Properties.DashboardBody;
    const parts: unknown[] = typeof body === 'string' ? [body] : body['Fn::Join'][1];
    return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'ref')).join(''))
      .widgets;
  }

  it('has a row for each circuit, and one for the table', () => {
    const template = synthesized((stack) => {
      const table = new CircuitTable(stack, 'Circuits');
      const sources = [source, { ...source, circuit: 'stock' }];
      new CircuitDashboard(stack, 'Dashboard', { sources, table });
    });
    const titles = widgetsOf(template).map((widget: Widget) => widget.properties.title);
    expect(titles).toHaveLength(3 + 3 + 2);
    expect(titles).toContain('Calls to stock, and fallbacks');
  });

  it('shows every metric that the listeners of Powertools write', async () => {
    const template = synthesized(
      (stack) => new CircuitDashboard(stack, 'Dashboard', { sources: [source] }),
    );
    const metrics = widgetsOf(template).flatMap((widget: Widget) => widget.properties.metrics);
    const shown = new Set(metrics.map(([, name]: string[]) => name));
    const written = await writtenMetrics();
    expect(written.size).toBe(12);
    expect([...written].filter((name) => !shown.has(name))).toEqual([]);
    for (const [namespace, , ...dimensions] of metrics) {
      expect(namespace).toBe('shop');
      expect(dimensions.slice(0, 4)).toEqual(['circuit', 'prices', 'service', 'gateway']);
    }
  });
});

interface Widget {
  readonly properties: { readonly title: string; readonly metrics: string[][] };
}

/** The names that a circuit writes that opens, is probed in vain and in the end closes. */
async function writtenMetrics(): Promise<ReadonlySet<string>> {
  const names = new Set<CircuitMetric>();
  const metrics = { addMetric: (name: string) => void names.add(name as CircuitMetric) };
  const { breaker, clock } = breakerIn('CLOSED', {
    failureThreshold: 1,
    ...powertoolsListeners({ metrics }),
  });
  const fail = () => Promise.reject(new Error('no'));
  await breaker.execute(() => Promise.reject({ status: 404 })).catch(() => {});
  await breaker.execute(fail).catch(() => {});
  await breaker.execute(fail).catch(() => {});
  await clock.advance(10_000);
  await breaker.execute(fail).catch(() => {});
  await clock.advance(20_000);
  await breaker.execute(() => 'value');
  return names;
}
