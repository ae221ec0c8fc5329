/** The outputs file: what `cdk deploy --outputs-file` writes, and the endpoints of the local run besides. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_PATH } from './engine-api.ts';
import { toLocalhostUrls } from './local-urls.ts';
import { type Ports, portOf } from './ports.ts';
import { LOOPBACK, REGION } from './region.ts';
import type { Stack } from './template/stack.ts';

interface OutputsOptions {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly stateDir: string;
}

/** Returns how to remove the file: it exists as long as the endpoints answer. */
export function writeOutputs({ stack, ports, stateDir }: OutputsOptions): () => Promise<void> {
  const file = join(stateDir, 'outputs.json');
  const outputs = Object.entries(stack.outputs).map(
    ([name, value]) => [name, toLocalhostUrls(stack, ports, value)] as const,
  );
  const content = {
    [stack.name]: Object.fromEntries(outputs),
    local: {
      LambdaEndpoint: `http://${LOOPBACK}:${portOf(ports, 'lambda')}`,
      DynamoDbEndpoint: `http://${LOOPBACK}:${portOf(ports, 'dynamodb')}`,
      EngineEndpoint: `http://${LOOPBACK}:${portOf(ports, 'lambda')}${ENGINE_PATH}`,
      Region: REGION,
    },
  };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return async () => rmSync(file, { force: true });
}
