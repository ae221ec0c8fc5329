import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  type DashboardProps,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { CircuitMetric } from '../powertools.ts';
import { type CircuitSource, circuitMetric } from './circuit-metric.ts';

const period = Duration.minutes(1);
const sum = { statistic: Stats.SUM, period };
const average = { statistic: Stats.AVERAGE, period };

/** What is shown, besides the properties of any dashboard. */
export interface CircuitDashboardProps extends DashboardProps {
  /** A row of graphs for each. */
  readonly sources: readonly CircuitSource[];
  /** Where it is given, a row of its use comes last. */
  readonly table?: Pick<ITable, 'metric'>;
}

/** A dashboard of circuits; `addWidgets` adds rows of your own below. */
export class CircuitDashboard extends Dashboard {
  constructor(scope: Construct, id: string, props: CircuitDashboardProps) {
    const { sources, table, ...others } = props;
    super(scope, id, others);
    for (const source of sources) this.addWidgets(...circuitWidgets(source));
    if (table) this.addWidgets(...tableWidgets(table));
  }
}

/** Three graphs, a third of the width each: the state, the calls, and how long they took. */
export function circuitWidgets(source: CircuitSource): GraphWidget[] {
  const { circuit } = source;
  const counts = (...names: CircuitMetric[]) =>
    names.map((name) => circuitMetric(source, name, sum));
  const latency = (statistic: string) =>
    circuitMetric(source, 'CallLatency', { statistic, period, label: statistic });
  const share = (name: CircuitMetric, label: string) =>
    circuitMetric(source, name, { ...average, label });
  return [
    graph(
      'Circuit: share of calls that met it not closed (1 = open)',
      [share('CircuitOpen', 'not closed')],
      counts('ToOpen', 'ToHalfOpen', 'ToClosed'),
    ),
    graph(
      `Calls to ${circuit}, and fallbacks`,
      counts('CallSucceeded', 'CallFailed', 'CallIgnored', 'CallRefused', 'Fallback'),
      counts('ProbeSucceeded', 'ProbeFailed'),
    ),
    graph(
      'Latency of calls made (ms); share of calls without the store',
      [latency('p50'), latency('p99')],
      [share('StoreUnavailable', 'without the store')],
    ),
  ];
}

/** Two graphs, a third of the width each: what the table is asked, and what it refuses. */
export function tableWidgets(table: Pick<ITable, 'metric'>): GraphWidget[] {
  const count = (name: string, label: string) => table.metric(name, { ...sum, label });
  return [
    graph('Circuit table: consumed capacity', [
      count('ConsumedReadCapacityUnits', 'read units'),
      count('ConsumedWriteCapacityUnits', 'write units'),
    ]),
    graph('Circuit table: conditions refused (lost races), throttled requests', [
      count('ConditionalCheckFailedRequests', 'conditions refused'),
      count('ReadThrottleEvents', 'reads throttled'),
      count('WriteThrottleEvents', 'writes throttled'),
    ]),
  ];
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  const leftYAxis = { min: 0, showUnits: false };
  return new GraphWidget({ title, left, right, leftYAxis, width: 8, height: 6 });
}
