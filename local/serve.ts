import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { LOOPBACK } from './region.ts';

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/** On this machine only. Returns how to end it, whoever is still connected. */
export async function serve(fetch: Fetch, port: number): Promise<() => Promise<unknown>> {
  const server = createAdaptorServer({ fetch }) as Server;
  await once(server.listen(port, LOOPBACK), 'listening');
  return async () => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
}
