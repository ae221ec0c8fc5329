/** What of an AWS account decides how the stack behaves in it: looked up before a deployment or a load, changed by neither. */
import { APIGatewayClient, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';

export interface AccountFacts {
  readonly region: string;
  /** Executions at once, of all functions in this account and region. */
  readonly concurrency: number;
  /** What is left of them for functions that have none reserved. */
  readonly unreserved: number;
  /** With which API Gateway writes the logs of all APIs; empty where nobody has set one. */
  readonly apiLogRoleArn: string;
}

/** Rejects where the account cannot be asked: no credentials, no region, no permission. */
export async function accountFacts(): Promise<AccountFacts> {
  const lambda = new LambdaClient({});
  const [{ AccountLimit }, { cloudwatchRoleArn = '' }] = await Promise.all([
    lambda.send(new GetAccountSettingsCommand({})),
    new APIGatewayClient({}).send(new GetAccountCommand({})),
  ]);
  return {
    region: await lambda.config.region(),
    concurrency: AccountLimit?.ConcurrentExecutions ?? Number.NaN,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? Number.NaN,
    apiLogRoleArn: cloudwatchRoleArn,
  };
}
