import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** All properties of a table, except its keys and a time to live. */
export type CircuitTableProps = Partial<
  Omit<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>
>;

/**
 * The table of `dynamoStore`: one item per circuit. It has no time to live, because an item that
 * expired while its circuit is open would mean a closed one.
 *
 * By default it is paid per request, can be recovered to a point in time, and outlives its stack,
 * because it may hold an operator's override.
 *
 * @example
 * const table = new CircuitTable(this, 'Circuits');
 * table.grantBreaker(fn);
 * fn.addEnvironment('CIRCUIT_TABLE', table.tableName);
 */
export class CircuitTable extends Table {
  constructor(scope: Construct, id: string, props: CircuitTableProps = {}) {
    super(scope, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      // With the key that DynamoDB owns. A key in KMS is asked again after minutes without use, which is when an
      // instance that has been idle reads the circuit and waits.
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
      deletionProtection: true,
      ...props,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
    });
  }

  /**
   * All that a breaker does: read one item, and write it under a condition. Where circuits are
   * named, it may do so with their items alone, and with the copies that `mirrors` keeps of them.
   */
  grantBreaker(grantee: IGrantable, ...circuits: readonly string[]): Grant {
    const grant = this.grant(grantee, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    if (circuits.length === 0) return grant;
    const keys = circuits.flatMap((circuit) => [circuit, `${circuit}#mirror-*`]);
    for (const statement of grant.principalStatements) {
      statement.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': keys });
    }
    return grant;
  }
}
