/**
 * How long the first look at the circuit takes after some time without one: `/circuit-status` does one consistent read
 * of the table and little else. The connection is gone by then, and with a key in KMS the key is asked for again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from '@aws-sdk/client-lambda';
import { stackOutput } from '../targets.ts';
import { get, inSeconds, type Place, type Table, waitUntil } from './place.ts';

const MEMORY_MB = [512, 1_024, 1_769];
const COLUMNS = ['asked after', 'median', 'longest', 'without the store'];
const UPDATE_LIMIT_S = 120;

export async function readsByMemory(place: Place): Promise<Table> {
  const lambda = new LambdaClient(place.settings);
  const FunctionName = stackOutput(place.outputs, 'GatewayV2FunctionName');
  const { MemorySize = 0 } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const setMemory = async (memoryMb: number) => {
    const update = { FunctionName, MemorySize: memoryMb };
    await lambda.send(new UpdateFunctionConfigurationCommand(update));
    await waitUntilFunctionUpdated({ client: lambda, maxWaitTime: UPDATE_LIMIT_S }, update);
  };
  const rows: string[][] = [];
  try {
    for (const memoryMb of MEMORY_MB) {
      await setMemory(memoryMb);
      rows.push(...(await reads(place)).map((row) => [`${memoryMb} MB`, ...row]));
    }
  } finally {
    await setMemory(MemorySize);
  }
  return [['memory', ...COLUMNS], ...rows];
}

export async function readsByKey(place: Place): Promise<Table> {
  const owned = await reads(place);
  const dynamoDb = new DynamoDBClient(place.settings);
  const TableName = stackOutput(place.outputs, 'CircuitTableName');
  const useKms = async (Enabled: boolean) => {
    await dynamoDb.send(new UpdateTableCommand({ TableName, SSESpecification: { Enabled } }));
    const isDone = async () => {
      const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
      const isEnabled = Table?.SSEDescription?.Status === 'ENABLED';
      return Table?.TableStatus === 'ACTIVE' && isEnabled === Enabled;
    };
    await waitUntil(isDone, { everyMs: 5_000, limitMs: 900_000, what: 'the change of the key' });
  };
  let managed: string[][];
  try {
    await useKms(true);
    managed = await reads(place);
  } finally {
    await useKms(false);
  }
  return [
    ['key', ...COLUMNS],
    ...owned.map((row) => ['owned by DynamoDB', ...row]),
    ...managed.map((row) => ['managed in KMS', ...row]),
  ];
}

/** The first request meets a cold environment or a warm one, so it is told apart. */
async function reads(place: Place): Promise<string[][]> {
  const rows = [await timed(place, 'the change', [0])];
  for (const idleMs of place.idlesMs) {
    rows.push(await timed(place, inSeconds(idleMs), Array<number>(place.repetitions).fill(idleMs)));
  }
  return rows;
}

async function timed(place: Place, name: string, idlesMs: readonly number[]): Promise<string[]> {
  const tookMs: number[] = [];
  let without = 0;
  for (const idleMs of idlesMs) {
    await sleep(idleMs);
    const answer = await get(place, 'CircuitStatusUrl');
    tookMs.push(answer.tookMs);
    if (answer.body.store !== 'available') without += 1;
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const [median = 0, longest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return [
    name,
    `${Math.round(median)} ms`,
    `${Math.round(longest)} ms`,
    `${without} of ${idlesMs.length}`,
  ];
}
