/**
 * `npm run logs -- transitions|errors|slow`: what the saved queries answer in the CloudWatch console, from the terminal
 * and wherever the stack runs.
 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { readCommandLine, runCommand } from './command.ts';
import { durationMs } from './duration.ts';
import { cloudWatchLines, type LogLine, localLines, type Wanted } from './log-lines.ts';
import { QUESTIONS } from './log-questions.ts';
import { table } from './table.ts';
import { clientSettings, parseTarget, readOutputs, stackOutput } from './targets.ts';

const USAGE = `npm run logs -- transitions|errors|slow [options]
  transitions                     of the circuit, in order, by whichever instance
  errors                          of the functions and of the platform, oldest first
  slow                            the slowest answers, slowest first
  --since 1h                      how far to look back (60s, 10m, 1h)
  --target local|localstack|aws   where the stack runs (default local: what .local/logs has)
  --outputs FILE                  the stack's outputs (default .localstack/outputs.json,
                                  cdk-outputs.json)`;

const LOCAL_LOGS = '.local/logs';
const FUNCTION_NAMES = [
  'GatewayV1FunctionName',
  'GatewayV2FunctionName',
  'ProductFunctionName',
  'RecommendationsFunctionName',
];

async function main(): Promise<void> {
  const line = readCommandLine({
    usage: USAGE,
    words: ['transitions', 'errors', 'slow'],
    options: {
      since: { type: 'string', default: '1h' },
      target: { type: 'string', default: 'local' },
      outputs: { type: 'string' },
    },
  });
  if (!line) return;
  const { word, values } = line;
  const question = QUESTIONS[word];
  const sinceMs = Date.now() - durationMs('--since', values.since);
  const rows = question.answer(await linesOf(values, { ...question, sinceMs }));
  for (const line of table(rows)) console.log(line);
  if (rows.length === 0) console.log(`nothing of the kind in the last ${values.since}`);
}

function linesOf(
  values: { target: string; outputs?: string },
  wanted: Wanted,
): LogLine[] | Promise<LogLine[]> {
  const target = parseTarget(values.target);
  if (target === 'local') return localLines(LOCAL_LOGS, wanted);
  const outputs = readOutputs(target, values.outputs);
  const settings = clientSettings(target, () => stackOutput(outputs, 'LambdaEndpoint'));
  const functionNames = FUNCTION_NAMES.map((name) => stackOutput(outputs, name));
  return cloudWatchLines(new CloudWatchLogsClient(settings), functionNames, wanted);
}

await runCommand(main);
