import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** One item per protected downstream. Small and worthless after an outage, so it goes with the stack. */
export class BreakerTable extends Table {
  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id, {
      tableName: `fleet-breaker-${stage}-circuits`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** All that the breaker does: read one item, and write it under a condition. */
  grantBreaker(grantee: IGrantable) {
    this.grant(grantee, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }
}
