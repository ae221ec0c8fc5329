/** What gateway-v2 asks, answering after fixed times. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A usual answer of DynamoDB within a region. */
const TABLE_MS = 4;

export interface Services {
  readonly env: Record<string, string>;
  close(): void;
}

export async function startServices(productMs: number): Promise<Services> {
  const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
  const services = await serve(({ url }, response) => {
    const isProduct = url?.startsWith('/products/');
    const body = JSON.stringify(isProduct ? product : [{ id: '2', name: 'Desk' }]);
    setTimeout(() => response.end(body), isProduct ? productMs : 0);
  });
  const table = await serve((request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    request.resume().once('end', () => setTimeout(() => response.end('{}'), TABLE_MS));
  });
  return {
    env: {
      ...{ PRODUCT_URL: services.url, RECOMMENDATIONS_URL: services.url },
      ...{ PRODUCT_TIMEOUT_MS: '5000', CALL_TIMEOUT_MS: '2000', FAILURE_THRESHOLD: '3' },
      ...{ OPEN_MS: '5000', MAX_OPEN_MS: '5000', CIRCUIT_NAME: 'bench', CIRCUIT_TABLE: 'bench' },
      ...{ POWERTOOLS_METRICS_NAMESPACE: 'bench', AWS_ENDPOINT_URL_DYNAMODB: table.url },
      ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
      NODE_OPTIONS: '--enable-source-maps',
    },
    close() {
      for (const { server } of [services, table]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function serve(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
