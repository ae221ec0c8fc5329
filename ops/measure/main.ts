/**
 * `npm run measure -- --target aws`: what only a real account can show, measured there. Changes the memory of gateway-v2, the
 * table's key, an alarm's state and the fault for as long as it measures them, and changes them back.
 */
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { runCommand } from '../command.ts';
import { confirmStage } from '../confirm.ts';
import { durationMs } from '../duration.ts';
import { table } from '../table.ts';
import {
  clientSettings,
  explain,
  OUTPUTS,
  parseTarget,
  readOutputs,
  stackOutput,
} from '../targets.ts';
import { alarmBackToOk } from './alarm-end.ts';
import { faultAfterDeploy } from './fault-end.ts';
import type { Place, Table } from './place.ts';
import { readsByKey, readsByMemory } from './reads.ts';
import { traceEdges } from './trace-edges.ts';

const MEASUREMENTS: Readonly<Record<string, (place: Place) => Promise<Table>>> = {
  memory: readsByMemory,
  key: readsByKey,
  alarm: alarmBackToOk,
  traces: traceEdges,
  fault: faultAfterDeploy,
};
const NAMES = Object.keys(MEASUREMENTS);

const USAGE = `npm run measure -- [options]
  --target local|localstack|aws   where the stack runs (default aws)
  --only NAME,NAME                of ${NAMES.join(', ')} (default all of them)
  --idle 1s,10s,1m,5m             for memory and key: the times without a request
  --repeat N                      for memory and key: how often after each (default 3)
  --outputs FILE                  the stack's outputs (default .local/outputs.json,
                                  .localstack/outputs.json, cdk-outputs.json)
  --stage NAME                    on aws, for another stage than demo: instead of a question
With the defaults it takes about an hour and a half on AWS, nearly all of it waiting.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      target: { type: 'string', default: 'aws' },
      only: { type: 'string', default: NAMES.join() },
      idle: { type: 'string', default: '1s,10s,1m,5m' },
      repeat: { type: 'string', default: '3' },
      outputs: { type: 'string' },
      stage: { type: 'string' },
    },
  });
  if (values.help) return console.log(USAGE);
  const names = values.only.split(',');
  const unknown = names.find((name) => !Object.hasOwn(MEASUREMENTS, name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: write some of ${NAMES.join(', ')}`);
  if (!/^[1-9]\d?$/.test(values.repeat))
    throw new Error(`--repeat ${values.repeat}: write 1 to 99`);
  const place = placeFor(values);
  if (place.target === 'aws') await confirm(place, values.stage);
  for (const name of names) await measure(name, place);
}

function placeFor(values: {
  target: string;
  outputs?: string;
  idle: string;
  repeat: string;
}): Place {
  const target = parseTarget(values.target);
  const outputsFile = values.outputs ?? OUTPUTS[target].file;
  const outputs = readOutputs(target, outputsFile);
  const endpoint = () => stackOutput(outputs, 'LambdaEndpoint');
  return {
    target,
    outputsFile,
    outputs,
    settings: clientSettings(target, endpoint),
    idlesMs: values.idle.split(',').map((idle) => durationMs('--idle', idle)),
    repetitions: Number(values.repeat),
  };
}

async function confirm({ outputs, settings }: Place, given: string | undefined): Promise<void> {
  const resource = stackOutput(outputs, 'RecommendationsFunctionName');
  const region = await new LambdaClient(settings).config.region();
  const what = 'change memory, key, alarm and fault of the stack for a while, and measure it';
  await confirmStage({ what, resource, region, given });
}

/** One that cannot be taken does not keep the others from being taken. */
async function measure(name: string, place: Place): Promise<void> {
  console.log(`\n${name} (${new Date().toISOString()})`);
  try {
    const rows = await MEASUREMENTS[name]?.(place);
    for (const line of table(rows?.map((row) => [...row]) ?? [])) console.log(`  ${line}`);
  } catch (error) {
    console.log(`  not measured: ${explain(error)}`);
    process.exitCode = 1;
  }
}

await runCommand(main);
