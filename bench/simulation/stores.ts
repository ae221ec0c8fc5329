import type { StoreConditions } from '../../breaker/simulation/store-conditions.ts';

/** Stores that any scenario can be run with. An outage of a scenario begins after 10 s. */
export const STORES = {
  steady: {},
  tail: { latency: 'tail' },
  reconnects: {
    latency: 'tail',
    reconnect: { afterIdleMs: 1_000, share: 0.5, takesMs: 120 },
  },
  throttled: {
    latency: 'tail',
    faults: [{ fromMs: 10_000, untilMs: 40_000, fault: 'throttled', share: 1 }],
  },
  'writes-throttled': {
    latency: 'tail',
    faults: [{ fromMs: 10_000, untilMs: 40_000, fault: 'throttled', share: 1, only: 'write' }],
  },
} as const satisfies Record<string, StoreConditions>;

export type StoreName = keyof typeof STORES;
