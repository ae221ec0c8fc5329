/** What gateway-v2 asks, answering after fixed times. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A usual answer of DynamoDB within a region. */
const TABLE_MS = 4;

export interface Services {
  readonly env: Record<string, string>;
  /** On this process's clock, when the first look at the circuit was answered since it was forgotten. */
  circuitReadAtMs(): number;
  forgetCircuitRead(): void;
  close(): void;
}

/** `circuit` is the item that the table holds, as DynamoDB's protocol writes it. */
export async function startServices(productMs: number, circuit?: object): Promise<Services> {
  let circuitReadAtMs: number | undefined;
  const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
  const services = await serve(({ url }, response) => {
    const isProduct = url?.startsWith('/products/');
    const body = JSON.stringify(isProduct ? product : [{ id: '2', name: 'Desk' }]);
    if (url === '/recommendations/500') response.statusCode = 500;
    if (isProduct && productMs > 0) setTimeout(() => response.end(body), productMs);
    else response.end(body);
  });
  const table = await serve((request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    const answer = () => {
      circuitReadAtMs ??= performance.now();
      response.end(JSON.stringify(circuit ? { Item: circuit } : {}));
    };
    request.resume().once('end', () => setTimeout(answer, TABLE_MS));
  });
  return {
    circuitReadAtMs: () => circuitReadAtMs ?? Number.NaN,
    forgetCircuitRead() {
      circuitReadAtMs = undefined;
    },
    env: {
      ...{ PRODUCT_URL: services.url, RECOMMENDATIONS_URL: services.url },
      ...{ PRODUCT_TIMEOUT_MS: '5000', CALL_TIMEOUT_MS: '2000', FAILURE_THRESHOLD: '3' },
      ...{ OPEN_MS: '5000', MAX_OPEN_MS: '5000', CIRCUIT_NAME: 'bench', CIRCUIT_TABLE: 'bench' },
      ...{ POWERTOOLS_METRICS_NAMESPACE: 'bench', AWS_ENDPOINT_URL_DYNAMODB: table.url },
      ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
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
