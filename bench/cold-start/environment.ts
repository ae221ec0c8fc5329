/** The inside of one execution environment: loads the function, then answers one request; says how long each took. */
import { pathToFileURL } from 'node:url';

export interface Told {
  readonly tookMs: number;
  /** Processor time, which other work on this machine does not lengthen. */
  readonly processorMs: number;
  readonly statusCode?: number;
}

const context = { getRemainingTimeInMillis: () => 9_000 };

async function timed<T>(work: () => Promise<T>): Promise<[T, Told]> {
  const [startedAtMs, usage] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(usage);
  return [
    result,
    { tookMs: performance.now() - startedAtMs, processorMs: (user + system) / 1_000 },
  ];
}

const [{ handler }, told] = await timed(() => import(pathToFileURL(process.argv[2] ?? '').href));
process.send?.(told);
process.once('message', async (event) => {
  const [{ statusCode }, request] = await timed(
    () => handler(event, context) as Promise<{ statusCode: number }>,
  );
  process.send?.({ ...request, statusCode });
});
