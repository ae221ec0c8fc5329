import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

type TableSettings = Pick<Settings, 'stage' | 'pointInTimeRecovery'>;

/** One item per protected downstream. */
export class BreakerTable extends Table {
  constructor(scope: Construct, id: string, { stage, pointInTimeRecovery }: TableSettings) {
    const isDemo = stage === 'demo';
    super(scope, id, {
      tableName: `fleet-breaker-${stage}-circuits`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // With the key that DynamoDB owns. A key in KMS is asked again after minutes without use, which is when an
      // instance that has been idle reads the circuit and waits.
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
      // Elsewhere it may hold an operator's override, which must not go by mistake, with a stack or alone.
      // A table whose first deployment failed holds nothing, and would only be in the way of the second.
      removalPolicy: isDemo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      deletionProtection: !isDemo,
    });
    if (pointInTimeRecovery) return;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'What it holds is true for seconds: a missing item is a closed circuit. Context pointInTimeRecovery has it.',
    });
  }

  /** All that the breaker does: read one item, and write it under a condition. */
  grantBreaker(grantee: IGrantable) {
    this.grant(grantee, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }
}
