/** Constructs of the AWS CDK for circuits: `fleet-breaker/cdk`. */
export { CircuitAlarms, type CircuitAlarmsProps } from './cdk/circuit-alarms.ts';
export {
  CircuitDashboard,
  type CircuitDashboardProps,
  circuitWidgets,
  tableWidgets,
} from './cdk/circuit-dashboard.ts';
export { type CircuitSource, circuitMetric } from './cdk/circuit-metric.ts';
export { CircuitTable, type CircuitTableProps } from './cdk/circuit-table.ts';
