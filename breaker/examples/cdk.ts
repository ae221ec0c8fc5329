import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { CircuitAlarms, CircuitDashboard, CircuitTable } from 'fleet-breaker/cdk';

const CIRCUIT = 'recommendations';

/** A function with a circuit: its table, its alarms, its dashboard. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { readonly code: Code }) {
    super(scope, id, props);
    const table = new CircuitTable(this, 'Circuits');
    const source = { namespace: 'shop', service: 'gateway', circuit: CIRCUIT };
    const gateway = new LambdaFunction(this, 'Gateway', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: props.code,
      timeout: Duration.seconds(10),
      environment: {
        CIRCUIT_TABLE: table.tableName,
        POWERTOOLS_METRICS_NAMESPACE: source.namespace,
        POWERTOOLS_SERVICE_NAME: source.service,
      },
    });
    // Its items alone, where other functions keep circuits in the same table.
    table.grantBreaker(gateway, CIRCUIT);
    const topic = new Topic(this, 'Alerts', { enforceSSL: true });
    const { alarms } = new CircuitAlarms(this, 'Alarms', { source, table });
    for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(topic));
    new CircuitDashboard(this, 'Dashboard', { sources: [source], table });
  }
}
