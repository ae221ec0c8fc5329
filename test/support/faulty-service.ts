/** A downstream service that misbehaves as it is told, on a real socket. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answering } from './misbehaviour.ts';

export const PRODUCT = {
  id: '1',
  name: 'Lamp',
  price: 5,
  currency: 'EUR',
  description: 'Bright.',
};
export const RECOMMENDATIONS = [{ id: '2', name: 'Desk' }];

/** What a request was, without its connection. */
export interface Received extends Pick<IncomingMessage, 'url' | 'headers'> {
  readonly atMs: number;
}

export type FaultyService = Awaited<ReturnType<typeof startFaultyService>>;

/** Well at first: it serves one product and one recommendation, whatever the id. */
export async function startFaultyService() {
  const received: Received[] = [];
  let behaviour: RequestListener = healthy;
  const server = createServer((request, response) => {
    received.push({ url: request.url, headers: request.headers, atMs: performance.now() });
    // A caller that gives up is no error of the service.
    response.on('error', () => {});
    behaviour(request, response);
  });
  const listen = (port: number) =>
    new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** In the order of their arrival; may be emptied. */
    received,
    behave(listener: RequestListener = healthy) {
      behaviour = listener;
    },
    /** Connections are refused from now on. */
    goAway: close,
    comeBack: () => listen(port),
    close,
  };
}

const healthy: RequestListener = (request, response) => {
  const isProduct = request.url?.includes('/products/');
  answering(200, JSON.stringify(isProduct ? PRODUCT : RECOMMENDATIONS))(request, response);
};
