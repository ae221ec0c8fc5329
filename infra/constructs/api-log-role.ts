import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * API Gateway writes the logs of all APIs of an account and region with one role, and an account that
 * never had one refuses an API with logs. Whichever role was set last serves everybody, so this one
 * stays when the stack goes: without it, the logs of others would end.
 */
export class ApiLogRole extends Construct {
  /** APIs with logs are to be made after it. */
  readonly setting: CfnAccount;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const policy = 'service-role/AmazonAPIGatewayPushToCloudWatchLogs';
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(policy)],
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
      reason:
        'It serves every API of the account, and API Gateway checks that it may write to all their logs.',
    });
    this.setting = new CfnAccount(this, 'Setting', { cloudWatchRoleArn: role.roleArn });
  }
}
