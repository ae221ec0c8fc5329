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
export type Received = Pick<IncomingMessage, 'url' | 'headers'>;

export type FaultyService = Awaited<ReturnType<typeof startFaultyService>>;

/** Well at first: it serves one product and one recommendation, whatever the id. */
export async function startFaultyService() {
  const received: Received[] = [];
  let behaviour: RequestListener = healthy;
  const server = createServer((request, response) => {
    received.push({ url: request.url, headers: request.headers });
    // A caller that gives up is no error of the service.
    response.on('error', () => {});
    behaviour(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** In the order of their arrival; may be emptied. */
    received,
    behave(listener: RequestListener = healthy) {
      behaviour = listener;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const healthy: RequestListener = (request, response) => {
  const isProduct = request.url?.includes('/products/');
  answering(200, JSON.stringify(isProduct ? PRODUCT : RECOMMENDATIONS))(request, response);
};
