/**
 * Publishes what the tables hold whenever it changes. DynamoDB Streams would tell every change, but not every engine
 * has them; so the tables are scanned several times a second, and what lasts for less than that is not seen. That is
 * meant for tables of a few items.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Publish } from '../observer.ts';
import { CREDENTIALS, REGION } from '../region.ts';
import type { KeptEngine } from './kept-engine.ts';

export interface TableWatch {
  readonly engine: KeptEngine;
  readonly tableNames: readonly string[];
  readonly publish: Publish;
}

const EVERY_MS = 200;
/** An engine that hangs must not let scans pile up. */
const ANSWER_LIMIT_MS = 1_000;

/** Every table is published at least once. Returns how to end it. */
export function watchTables({ engine, tableNames, publish }: TableWatch): () => void {
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const lastByTable = new Map<string, string>();
  let isWanted = true;

  async function look(tableName: string): Promise<void> {
    const items = await scan(client, tableName);
    const text = JSON.stringify(items);
    if (!items || text === lastByTable.get(tableName)) return;
    lastByTable.set(tableName, text);
    publish({ kind: 'table', tableName, items, atMs: Date.now() });
  }

  async function lookAgainAndAgain(): Promise<void> {
    while (isWanted) {
      if (engine.isRunning) await Promise.all(tableNames.map(look));
      await sleep(EVERY_MS, undefined, { ref: false });
    }
    client.destroy();
  }

  void lookAgainAndAgain();
  return () => {
    isWanted = false;
  };
}

/** Undefined when the engine does not answer: that is told by its own events. */
async function scan(client: DynamoDBClient, TableName: string) {
  const abortSignal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    return (await client.send(new ScanCommand({ TableName }), { abortSignal })).Items ?? [];
  } catch {
    return undefined;
  }
}
