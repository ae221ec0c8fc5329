import { type App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { appFor, newApp } from './template.ts';

function findingsOf(app: App): string[] {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
  );
}

test.each<Record<string, string>>([
  {},
  { access: 'iam' },
  { stage: 'live', pointInTimeRecovery: 'true', alarmEmail: 'ops@example.com', bulkhead: 'true' },
])('cdk-nag finds nothing that is not explained beside it (%j)', (context) => {
  expect(findingsOf(appFor(context))).toEqual([]);
});

test('cdk-nag does find what is not explained', () => {
  const app = newApp();
  new Topic(new Stack(app, 'Stack'), 'Topic');
  expect(findingsOf(app)).toEqual(['AwsSolutions-SNS3 at Stack/Topic/Resource']);
});
