/**
 * Publishes what the tables hold whenever it changes. DynamoDB Streams would tell every change, but not every engine
 * has them; so the tables are scanned every second, and whenever somebody has a reason to think that they have changed.
 * That is meant for tables of a few items.
 */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Publish } from '../observer.ts';
import { CREDENTIALS, REGION } from '../region.ts';
import type { KeptEngine } from './kept-engine.ts';

export interface TableWatch {
  /** Looks now, and not only within a second. */
  look(): void;
  stop(): void;
}

interface Watched {
  readonly engine: KeptEngine;
  readonly tableNames: readonly string[];
  readonly publish: Publish;
}

/** A scan costs two milliseconds of a processor. */
const EVERY_MS = 1_000;
/** An engine that hangs must not let scans pile up. */
const ANSWER_LIMIT_MS = 1_000;

/** Every table is published at least once. */
export function watchTables({ engine, tableNames, publish }: Watched): TableWatch {
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const lastByTable = new Map<string, { readonly text: string; readonly number: number }>();
  let looks = 0;

  /** Two looks may overtake each other: what an earlier one saw is older. */
  async function look(tableName: string): Promise<void> {
    looks += 1;
    const number = looks;
    const items = await scan(client, tableName);
    const last = lastByTable.get(tableName);
    if (!items || (last && last.number > number)) return;
    const text = JSON.stringify(items);
    lastByTable.set(tableName, { text, number });
    if (text === last?.text) return;
    publish({ kind: 'table', tableName, items, atMs: Date.now() });
  }

  const lookAtAll = () => {
    if (engine.isRunning) for (const tableName of tableNames) void look(tableName);
  };
  const timer = setInterval(lookAtAll, EVERY_MS).unref();
  lookAtAll();
  return {
    look: lookAtAll,
    stop() {
      clearInterval(timer);
      client.destroy();
    },
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
