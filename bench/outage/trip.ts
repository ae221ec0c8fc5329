/** How long a fleet calls a downstream that has begun to hang. */
import { createBreaker, memoryStore } from 'fleet-breaker';

const INSTANCES = 5;
const THRESHOLD = 3;
const BETWEEN_CALLS_MS = 20;

export interface TripCase {
  readonly callTimeoutMs: number;
  readonly slowCallMs?: number;
}

/** From the first call that hangs to the transition, on the real clock. */
export async function msUntilTrip(options: TripCase): Promise<number> {
  const store = memoryStore();
  const startedAtMs = performance.now();
  let onTrip = (_: number) => {};
  const tripped = new Promise<number>((resolve) => {
    onTrip = resolve;
  });
  const breakers = Array.from({ length: INSTANCES }, () =>
    createBreaker({
      ...{ name: 'bench', store, failureThreshold: THRESHOLD, ...options },
      onTransition: () => onTrip(performance.now() - startedAtMs),
    }),
  );
  let calls = 0;
  const call = () => {
    const breaker = breakers[calls++ % INSTANCES];
    breaker?.execute(() => new Promise(() => {})).catch(() => {});
  };
  call();
  const calling = setInterval(call, BETWEEN_CALLS_MS);
  try {
    return await tripped;
  } finally {
    clearInterval(calling);
  }
}
