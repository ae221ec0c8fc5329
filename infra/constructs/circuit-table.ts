import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CircuitTable } from 'fleet-breaker/cdk';
import type { Settings } from '../settings.ts';

type TableSettings = Pick<Settings, 'stage' | 'pointInTimeRecovery'>;

/** One item per protected downstream. */
export function circuitTable(scope: Construct, id: string, settings: TableSettings): CircuitTable {
  const { stage, pointInTimeRecovery } = settings;
  const isDemo = stage === 'demo';
  const table = new CircuitTable(scope, id, {
    tableName: `fleet-breaker-${stage}-circuits`,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    // Elsewhere it may hold an operator's override, which must not go by mistake, with a stack or alone.
    // A table whose first deployment failed holds nothing, and would only be in the way of the second.
    removalPolicy: isDemo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    deletionProtection: !isDemo,
  });
  if (pointInTimeRecovery) return table;
  Validations.of(table).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason:
      'What it holds is true for seconds: a missing item is a closed circuit. Context pointInTimeRecovery has it.',
  });
  return table;
}
