import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { LOOPBACK } from './region.ts';

/** Longer than users pause, even on a busy machine: a connection that ends as it is used again is an error to them. */
const KEEP_ALIVE_MS = 60_000;

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/** On this machine only. Returns how to end it, whoever is still connected. */
export async function serve(fetch: Fetch, port: number): Promise<() => Promise<unknown>> {
  const server = createAdaptorServer({ fetch }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await once(server.listen(port, LOOPBACK), 'listening');
  return async () => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
}
