/** Whether an alarm on a metric of DynamoDB, which has no data where nothing is throttled, ends by itself. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { stackOutput } from '../targets.ts';
import { inSeconds, type Place, type Table, waitUntil } from './place.ts';

export async function alarmBackToOk({ settings, outputs }: Place): Promise<Table> {
  const cloudWatch = new CloudWatchClient(settings);
  const stack = stackOutput(outputs, 'CircuitTableName').replace(/-circuits$/, '');
  const AlarmName = `${stack}-table-read-throttled`;
  const stateOf = async () => {
    const { MetricAlarms = [] } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
    );
    if (!MetricAlarms[0]) throw new Error(`there is no alarm ${AlarmName}`);
    return MetricAlarms[0].StateValue;
  };
  await stateOf();
  const StateReason = 'measuring how long it takes to end';
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason }));
  const tookMs = await waitUntil(async () => (await stateOf()) === 'OK', {
    ...{ everyMs: 5_000, limitMs: 900_000, what: `${AlarmName} back to OK` },
  });
  return [
    ['alarm', 'back to OK after'],
    [AlarmName, inSeconds(tookMs)],
  ];
}
