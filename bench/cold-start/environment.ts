/** The inside of one execution environment: loads the function, then answers requests; says how long each took. */
import { pathToFileURL } from 'node:url';

export interface Told {
  readonly tookMs: number;
  readonly statusCode?: number;
}

const context = { getRemainingTimeInMillis: () => 9_000 };

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAtMs = performance.now();
  return [await work(), performance.now() - startedAtMs];
}

const [{ handler }, initMs] = await timed(() => import(pathToFileURL(process.argv[2] ?? '').href));
process.send?.({ tookMs: initMs } satisfies Told);
process.on('message', async (event) => {
  const answer = () => handler(event, context) as Promise<{ statusCode: number }>;
  const [{ statusCode }, tookMs] = await timed(answer);
  process.send?.({ tookMs, statusCode } satisfies Told);
});
