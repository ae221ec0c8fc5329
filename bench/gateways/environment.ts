/** The inside of an execution environment's process: serves as many requests at once as it is told. */
import { subscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

export interface Load {
  readonly requests: number;
  readonly atOnce: number;
  /** Between two requests of the same user. */
  readonly pauseMs: number;
}

export interface Served {
  readonly perSecond: number;
  /** Of all threads, for a request. */
  readonly cpuUs: number;
  readonly latencyMs: number;
  /** From the request to when that to the product left; of one request at a time alone. */
  readonly productOutMs: number;
}

type Handler = (event: object, context: object) => Promise<{ readonly statusCode: number }>;

const [, , file = ''] = process.argv;
const EVENT = {
  ...{ resource: '/product-details/{id}', httpMethod: 'GET', headers: {} },
  ...{ pathParameters: { id: '1' }, requestContext: { requestId: 'bench' } },
};
const CONTEXT = { getRemainingTimeInMillis: () => 9_000 };

const { handler } = (await import(pathToFileURL(file).href)) as { readonly handler: Handler };

let askedAtMs = 0;
let productOutMs: number[] = [];
subscribe('undici:client:sendHeaders', (message) => {
  const { path } = (message as { readonly request: { readonly path: string } }).request;
  if (path.startsWith('/products/')) productOutMs.push(performance.now() - askedAtMs);
});

async function serve({ requests, atOnce, pauseMs }: Load): Promise<Served> {
  const latenciesMs: number[] = [];
  let left = requests;
  productOutMs = [];
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  const user = async () => {
    while (left > 0) {
      left--;
      const ownAskedAtMs = performance.now();
      askedAtMs = ownAskedAtMs;
      const { statusCode } = await handler(EVENT, CONTEXT);
      if (statusCode !== 200) throw new Error(`A gateway answered ${statusCode}`);
      latenciesMs.push(performance.now() - ownAskedAtMs);
      // The next request comes in a turn of its own, as from the network.
      await (pauseMs > 0 ? sleep(pauseMs) : nextTurn());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, user));
  const cpu = process.cpuUsage(before);
  return {
    perSecond: (1_000 * requests) / (performance.now() - startedAtMs),
    cpuUs: (cpu.user + cpu.system) / requests,
    latencyMs: median(latenciesMs),
    productOutMs: median(productOutMs),
  };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

process.on('message', async (load: Load) => process.send?.(await serve(load)));
process.once('disconnect', () => process.exit());
