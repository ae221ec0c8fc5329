import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Kept for a week: longer than any look back at an outage, and not for ever. */
export const shortLivedLogGroup = (scope: Construct, id: string, logGroupName: string) =>
  new LogGroup(scope, id, {
    logGroupName,
    retention: RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });
