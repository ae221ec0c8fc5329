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
import { Construct } from 'constructs';
import { circuitMetric } from './circuit-metrics.ts';
import type { Observed } from './observed.ts';

const period = Duration.minutes(1);

/** For what a person has to know of; each says what it means. */
export class Alarms extends Construct {
  private readonly stage: string;
  private readonly topic: Topic | undefined;
  /** Emulators know alarms on plain metrics at most, and refuse a template that has others. */
  private readonly isEmulated: boolean;

  constructor(scope: Construct, id: string, observed: Observed) {
    super(scope, id);
    const { settings } = observed;
    this.stage = settings.stage;
    this.isEmulated = settings.endpointUrl !== '';
    this.topic = settings.alarmEmail ? this.topicFor(settings.alarmEmail) : undefined;
    this.circuitAlarms(observed);
    this.tableAlarms(observed);
    this.lambdaAlarms(observed);
  }

  private circuitAlarms({ circuit, services }: Observed): void {
    const metric = circuitMetric(circuit);
    const { api } = services['gateway-v2'].api;
    this.alarm('circuit-open', {
      alarmDescription:
        'In a whole minute no call met a closed circuit: the downstream is down, or somebody forced the circuit open.',
      metric: metric('CircuitOpen', { statistic: Stats.MINIMUM, period }),
      threshold: 1,
    });
    this.alarm('store-trouble', {
      alarmDescription:
        'In three of five minutes one call in ten, and more than one, had no access to the shared state: instances decide alone until the table answers again.',
      metric: shareOf({
        bad: metric('StoreUnavailable', { statistic: Stats.SUM, period }),
        all: metric('StoreUnavailable', { statistic: Stats.SAMPLE_COUNT, period }),
        atLeast: 20,
      }),
      threshold: 0.1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    this.alarm('gateway-v2-errors', {
      alarmDescription:
        'In two minutes on end one request in a hundred, and more than one, ended in a server error, although the breaker is there to prevent just that.',
      metric: shareOf({
        bad: api.metricServerError({ statistic: Stats.SUM, period }),
        all: api.metricCount({ statistic: Stats.SAMPLE_COUNT, period }),
        atLeast: 200,
      }),
      threshold: 0.01,
      evaluationPeriods: 2,
    });
  }

  /**
   * Alarms on metrics of DynamoDB ignore missing data whatever they are told, and it has no data where it throttles
   * nothing: without the zeros they would never end. The newest minute is always zero at first, because the metric is
   * late; therefore one of three minutes is enough.
   */
  private tableAlarms({ table }: Observed): void {
    for (const use of ['Read', 'Write']) {
      const throttled = table.metric(`${use}ThrottleEvents`, { statistic: Stats.SUM, period });
      this.alarm(`table-${use.toLowerCase()}-throttled`, {
        alarmDescription:
          'The table refused requests for their rate: more instances use one circuit than one item can serve.',
        metric: math('FILL(throttled, 0)', { throttled }),
        threshold: 1,
        evaluationPeriods: 3,
        datapointsToAlarm: 1,
      });
    }
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
    if (this.isEmulated && props.metric instanceof MathExpression) return;
    const alarm = new Alarm(this, name, {
      alarmName: `fleet-breaker-${this.stage}-${name}`,
      evaluationPeriods: 1,
      // Where nobody calls, nothing is wrong.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
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

interface Share {
  readonly bad: IMetric;
  readonly all: IMetric;
  /** Fewer count as this many, so that a single one in a quiet minute is no large share. */
  readonly atLeast: number;
}

const shareOf = ({ bad, all, atLeast }: Share) =>
  math(`bad / IF(all > ${atLeast}, all, ${atLeast})`, { bad, all });
