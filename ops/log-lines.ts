/** Where log lines come from: the files of the local run, or CloudWatch Logs and what speaks its language. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CloudWatchLogsClient,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

export interface LogLine {
  readonly atMs: number;
  /** As deployed: `fleet-breaker-demo-gateway-v2`. */
  readonly functionName: string;
  readonly text: string;
}

export interface Wanted {
  readonly sinceMs: number;
  /** The end of the names of the functions that are asked; every function unless given. */
  readonly part?: string;
  /** In CloudWatch's syntax: what makes a line worth the way here. One of them is enough. */
  readonly filterPatterns: readonly string[];
}

/** Of the local run that is under way, or of the last one. Lines that carry no time are not told. */
export function localLines(logDir: string, { sinceMs, part = '' }: Wanted): LogLine[] {
  if (!existsSync(logDir)) throw new Error(`there are no logs in ${logDir}: run \`npm run local\``);
  const functionNames = readdirSync(logDir).filter((name) => name.endsWith(part));
  return functionNames.flatMap((functionName) =>
    readdirSync(join(logDir, functionName))
      .flatMap((file) => readFileSync(join(logDir, functionName, file), 'utf8').split('\n'))
      .map((text) => ({ atMs: timeOf(text), functionName, text }))
      .filter(({ atMs }) => atMs >= sinceMs),
  );
}

/** Both the logger and the platform put the time in front; NaN where there is none. */
const timeOf = (text: string): number =>
  Date.parse(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(text)?.[0] ?? '');

const lineOf = (functionName: string, atMs: number, message: string): LogLine => ({
  atMs,
  functionName,
  text: message.trimEnd(),
});

export async function cloudWatchLines(
  client: CloudWatchLogsClient,
  functionNames: readonly string[],
  { sinceMs, part = '', filterPatterns }: Wanted,
): Promise<LogLine[]> {
  const asked = functionNames
    .filter((name) => name.endsWith(part))
    .flatMap((functionName) =>
      filterPatterns.map((filterPattern) => ({ functionName, filterPattern })),
    );
  // A line that several patterns match comes several times, with the same id.
  const lines = new Map<string, LogLine>();
  await Promise.all(
    asked.map(async ({ functionName, filterPattern }) => {
      const logGroupName = `/aws/lambda/${functionName}`;
      const input = { logGroupName, startTime: sinceMs, filterPattern };
      for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) {
        for (const { eventId = `${lines.size}`, timestamp = 0, message = '' } of events)
          lines.set(`${functionName} ${eventId}`, lineOf(functionName, timestamp, message));
      }
    }),
  );
  return [...lines.values()];
}
