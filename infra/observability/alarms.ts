import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { circuitMetric } from './circuit-metrics.ts';
import type { Observed } from './observability.ts';

const period = Duration.minutes(1);

/** For what a person has to know of; each says what it means. */
export class Alarms extends Construct {
  private readonly stage: string;
  private readonly topic: Topic | undefined;

  constructor(scope: Construct, id: string, { services, table, circuit, settings }: Observed) {
    super(scope, id);
    this.stage = settings.stage;
    this.topic = settings.alarmEmail ? this.topicFor(settings.alarmEmail) : undefined;
    const metric = circuitMetric(circuit);
    this.alarm('circuit-open', {
      alarmDescription:
        'In a whole minute no call met a closed circuit: the downstream is down, or somebody forced the circuit open.',
      metric: metric('CircuitOpen', { statistic: Stats.MINIMUM, period }),
      threshold: 1,
    });
    this.alarm('store-trouble', {
      alarmDescription:
        'One call in ten had no access to the shared state: instances decide alone until the table answers again.',
      metric: metric('StoreUnavailable', { statistic: Stats.AVERAGE, period }),
      threshold: 0.1,
    });
    this.alarm('gateway-v2-errors', {
      alarmDescription:
        'One request in a hundred ended in a server error, although the breaker is there to prevent just that.',
      metric: services['gateway-v2'].api.api.metricServerError({ statistic: 'Average', period }),
      threshold: 0.01,
      evaluationPeriods: 2,
    });
    // Two of them, because not every emulator knows an alarm on a sum.
    for (const use of ['Read', 'Write']) {
      this.alarm(`table-${use.toLowerCase()}-throttled`, {
        alarmDescription:
          'The table refused requests for their rate: more instances use one circuit than one item can serve.',
        metric: table.metric(`${use}ThrottleEvents`, { statistic: Stats.SUM, period }),
        threshold: 1,
      });
    }
  }

  private alarm(name: string, props: Omit<AlarmProps, 'evaluationPeriods'> & Partial<AlarmProps>) {
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
