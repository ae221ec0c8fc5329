import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { type CircuitSource, circuitMetric } from './circuit-metric.ts';

/** What is watched. */
export interface CircuitAlarmsProps {
  readonly source: CircuitSource;
  /** Where it is given, there are alarms for its throttled requests, too. */
  readonly table?: Pick<ITable, 'metric'>;
  /** The alarms are named `<prefix>-circuit-open` and so on. Default: names by CloudFormation. */
  readonly alarmNamePrefix?: string;
}

type OwnProps = Pick<AlarmProps, 'alarmDescription' | 'metric' | 'threshold'> & Partial<AlarmProps>;

const period = Duration.minutes(1);

/**
 * Alarms for what a person has to know of a circuit; each says what it means. Nobody is notified
 * until an action is added:
 *
 * @example
 * const { alarms } = new CircuitAlarms(this, 'Alarms', { source, table });
 * for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(topic));
 */
export class CircuitAlarms extends Construct {
  readonly alarms: Alarm[] = [];
  readonly #prefix: string | undefined;

  constructor(scope: Construct, id: string, props: CircuitAlarmsProps) {
    super(scope, id);
    this.#prefix = props.alarmNamePrefix;
    this.#circuitAlarms(props.source);
    if (props.table) this.#tableAlarms(props.table);
  }

  #circuitAlarms(source: CircuitSource): void {
    this.#alarm('circuit-open', {
      alarmDescription:
        'In a whole minute no call met a closed circuit: the downstream is down, or somebody forced the circuit open.',
      metric: circuitMetric(source, 'CircuitOpen', { statistic: Stats.MINIMUM, period }),
      threshold: 1,
    });
    const unavailable = (statistic: string) =>
      circuitMetric(source, 'StoreUnavailable', { statistic, period });
    this.#alarm('store-trouble', {
      alarmDescription:
        'In three of five minutes one call in ten, and more than one, had no access to the shared state: instances decide alone until the table answers again.',
      // Fewer than 20 calls count as 20, so that a single one in a quiet minute is no large share.
      metric: math('bad / IF(all > 20, all, 20)', {
        bad: unavailable(Stats.SUM),
        all: unavailable(Stats.SAMPLE_COUNT),
      }),
      threshold: 0.1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
  }

  /**
   * Alarms on metrics of DynamoDB ignore missing data whatever they are told, and it has no data where it throttles
   * nothing: without the zeros they would never end. The newest minute is always zero at first, because the metric is
   * late; therefore one of three minutes is enough.
   */
  #tableAlarms(table: Pick<ITable, 'metric'>): void {
    for (const use of ['Read', 'Write']) {
      const throttled = table.metric(`${use}ThrottleEvents`, { statistic: Stats.SUM, period });
      this.#alarm(`table-${use.toLowerCase()}-throttled`, {
        alarmDescription:
          'The table refused requests for their rate: more instances use one circuit than one item can serve.',
        metric: math('FILL(throttled, 0)', { throttled }),
        threshold: 1,
        evaluationPeriods: 3,
        datapointsToAlarm: 1,
      });
    }
  }

  #alarm(name: string, props: OwnProps): void {
    const named = this.#prefix !== undefined && { alarmName: `${this.#prefix}-${name}` };
    const alarm = new Alarm(this, name, {
      evaluationPeriods: 1,
      // Where nobody calls, nothing is wrong.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...named,
      ...props,
    });
    this.alarms.push(alarm);
  }
}

function math(expression: string, usingMetrics: Record<string, IMetric>): MathExpression {
  return new MathExpression({ expression, usingMetrics, period });
}
