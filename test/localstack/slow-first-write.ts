/**
 * Stands in front of an emulator and lets the first write of every table take longer, as DynamoDB Local's does: writes
 * that come meanwhile wait as long. Everything else passes unchanged.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const WRITE = /^DynamoDB_\d+\.(PutItem|UpdateItem|DeleteItem)$/;

interface Proxy {
  readonly port: number;
  /** Where the emulator listens, on loopback too. */
  readonly emulatorPort: number;
  readonly firstWriteMs: number;
  readonly key: string;
  readonly certificate: string;
}

/** Returns how to end it. */
export async function startSlowFirstWrite(proxy: Proxy): Promise<() => void> {
  const { port, emulatorPort, firstWriteMs, key, certificate } = proxy;
  const agent = new Agent({ keepAlive: true, ca: certificate });
  const warm = new Map<string, Promise<void>>();

  async function warmUp(write: Buffer): Promise<void> {
    const { TableName } = JSON.parse(String(write));
    const isFirst = !warm.has(TableName);
    if (isFirst) console.log(`The first write of ${TableName} takes ${firstWriteMs} ms more.`);
    warm.set(TableName, warm.get(TableName) ?? sleep(firstWriteMs));
    await warm.get(TableName);
  }

  async function forward(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method, url: path, headers } = from;
    const isWrite = WRITE.test(String(headers['x-amz-target']));
    const write = isWrite ? await buffer(from) : undefined;
    if (write) await warmUp(write);
    const options = { host: '127.0.0.1', port: emulatorPort, method, path, headers, agent };
    const onward = request(options, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.once('error', (error) => to.destroy(error));
    if (write) onward.end(write);
    else from.pipe(onward);
  }

  const server = createServer({ key, cert: certificate }, (from, to) => void forward(from, to));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return () => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  };
}
