import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { installedBinary, startEngine } from '../../local/dynamodb/engine.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';

const TABLE = {
  TableName: 'circuits',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
};
const binary = installedBinary();

describe.each([
  { name: 'dynoxide', binary, installed: binary !== undefined },
  { name: 'dynalite', binary: undefined, installed: true },
])('the DynamoDB engine $name', ({ name, binary, installed }) => {
  it.runIf(installed)(
    'has the declared tables once it serves, and is gone once stopped',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'engine-'));
      const port = (await freePorts('dynamodb')).get('dynamodb') ?? 0;
      const engine = await startEngine({
        port,
        pidFile: join(directory, 'engine.pid'),
        tables: [TABLE],
        binary,
      });
      expect(engine.name).toBe(name);
      const client = new DynamoDBClient({
        endpoint: engine.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        maxAttempts: 1,
      });
      const describeTable = () => client.send(new DescribeTableCommand({ TableName: 'circuits' }));
      expect((await describeTable()).Table?.TableStatus).toBe('ACTIVE');
      await engine.stop();
      await expect(describeTable()).rejects.toThrow('ECONNREFUSED');
      client.destroy();
      rmSync(directory, { recursive: true });
    },
  );
});
