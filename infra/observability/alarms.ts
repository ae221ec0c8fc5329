import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { CircuitAlarms } from 'fleet-breaker/cdk';
import type { Observed } from './observed.ts';

const period = Duration.minutes(1);

/** For what a person has to know of; each says what it means. */
export class Alarms extends CircuitAlarms {
  private readonly stage: string;
  /** Emulators know alarms on plain metrics at most, and refuse a template that has others. */
  private readonly isEmulated: boolean;

  constructor(scope: Construct, id: string, observed: Observed) {
    const { settings, source, table } = observed;
    super(scope, id, { source, table, alarmNamePrefix: `fleet-breaker-${settings.stage}` });
    this.stage = settings.stage;
    this.isEmulated = settings.endpointUrl !== '';
    this.gatewayAlarms(observed);
    this.lambdaAlarms(observed);
    if (this.isEmulated) this.removeMathAlarms();
    if (settings.alarmEmail) this.notify(settings.alarmEmail);
  }

  private gatewayAlarms({ services }: Observed): void {
    const { api } = services['gateway-v2'].api;
    // Fewer than 200 count as 200, so that a single one in a quiet minute is no large share.
    const metric = math('bad / IF(all > 200, all, 200)', {
      bad: api.metricServerError({ statistic: Stats.SUM, period }),
      all: api.metricCount({ statistic: Stats.SAMPLE_COUNT, period }),
    });
    this.alarm('gateway-v2-errors', {
      alarmDescription:
        'In two minutes on end one request in a hundred, and more than one, ended in a server error, although the breaker is there to prevent just that.',
      metric,
      threshold: 0.01,
      evaluationPeriods: 2,
    });
  }

  private lambdaAlarms({ services }: Observed): void {
    this.alarm('gateway-v2-throttled', {
      alarmDescription:
        'Lambda refused to start gateway-v2: something uses up the concurrency of the account, or of its bulkhead.',
      metric: services['gateway-v2'].fn.lambda.metricThrottles({ statistic: Stats.SUM, period }),
      threshold: 1,
    });
    const ofAccount = (metricName: string) =>
      new Metric({ namespace: 'AWS/Lambda', metricName, statistic: Stats.MAXIMUM, period });
    this.alarm('account-concurrency', {
      alarmDescription:
        'Four fifths of the concurrent executions that this account may have are in use or reserved: soon every function of the account is refused some.',
      metric: math('100 * claimed / SERVICE_QUOTA(used)', {
        claimed: ofAccount('ClaimedAccountConcurrency'),
        used: ofAccount('ConcurrentExecutions'),
      }),
      threshold: 80,
    });
  }

  private alarm(name: string, props: Omit<AlarmProps, 'evaluationPeriods'> & Partial<AlarmProps>) {
    const alarm = new Alarm(this, name, {
      alarmName: `fleet-breaker-${this.stage}-${name}`,
      evaluationPeriods: 1,
      // Where nobody calls, nothing is wrong.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    this.alarms.push(alarm);
  }

  private removeMathAlarms(): void {
    const isMath = ({ metric }: Alarm) => metric instanceof MathExpression;
    for (const alarm of this.alarms.filter(isMath)) this.node.tryRemoveChild(alarm.node.id);
  }

  private notify(email: string): void {
    const action = new SnsAction(this.topicFor(email));
    for (const alarm of this.alarms) alarm.addAlarmAction(action);
  }

  private topicFor(email: string): Topic {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    // A topic with a policy of its own lets nobody publish who is not named.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }
}

const math = (expression: string, usingMetrics: Record<string, IMetric>) =>
  new MathExpression({ expression, usingMetrics, period });
