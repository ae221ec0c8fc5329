import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

type TableSettings = Pick<Settings, 'stage' | 'pointInTimeRecovery'>;

/** One item per protected downstream. */
export class BreakerTable extends Table {
  constructor(scope: Construct, id: string, { stage, pointInTimeRecovery }: TableSettings) {
    super(scope, id, {
      tableName: `fleet-breaker-${stage}-circuits`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
      // Elsewhere it may hold an operator's word, which must not go with a stack by mistake.
      removalPolicy: stage === 'demo' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
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
