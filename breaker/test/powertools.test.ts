/** A circuit in the metrics and log lines of Powertools, by Powertools itself. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import {
  type CallRecord,
  CallTimeoutError,
  CircuitOpenError,
  type CircuitState,
  createBreaker,
  memoryStore,
  type Transition,
} from 'fleet-breaker';
import { type CircuitListeners, powertoolsListeners } from 'fleet-breaker/powertools';
import { breakerIn } from 'fleet-breaker/testing';
import { describe, expect, it, vi } from 'vitest';

const circuit = 'recommendations';

/** What CloudWatch reads of an invocation. */
function written(happen: (listeners: CircuitListeners) => void) {
  const metrics = new Metrics({
    namespace: 'shop',
    serviceName: 'gateway',
    defaultDimensions: { circuit },
  });
  happen(powertoolsListeners({ metrics }));
  return metrics.serializeMetrics();
}

const call = (record: Partial<CallRecord>): CallRecord => ({
  name: circuit,
  outcome: 'success',
  probe: false,
  latencyMs: 12,
  ...record,
});
const refused = (state: CircuitState): Partial<CallRecord> => ({
  outcome: 'refused',
  latencyMs: 0,
  error: new CircuitOpenError({ circuit, state, generation: 1, reason: '', retryAfterMs: 0 }),
});
const wasRefused = { CallRefused: 1, StoreUnavailable: 0 };
const met = { CircuitOpen: 0, StoreUnavailable: 0, CallLatency: 12 };
const metNotClosed = { ...met, CircuitOpen: 1 };

describe('Metrics', () => {
  it.each<[string, Partial<CallRecord>, Record<string, number>]>([
    ['succeeded', {}, { CallSucceeded: 1, ...met }],
    ['failed', { outcome: 'failure' }, { CallFailed: 1, ...met }],
    ['says nothing about health', { outcome: 'ignored' }, { CallIgnored: 1, ...met }],
    ['was refused by an open circuit', refused('OPEN'), { ...wasRefused, CircuitOpen: 1 }],
    ['was refused during a probe', refused('HALF_OPEN'), { ...wasRefused, CircuitOpen: 1 }],
    ['was refused in a slow return', refused('CLOSED'), { ...wasRefused, CircuitOpen: 0 }],
    [
      'had no time left to begin',
      { outcome: 'refused', latencyMs: 0, error: new CallTimeoutError('no time') },
      wasRefused,
    ],
    ['would have been refused', { wouldRefuse: true }, { CallSucceeded: 1, ...metNotClosed }],
    [
      'was refused by a circuit within it',
      { ...refused('OPEN'), outcome: 'failure', latencyMs: 12 },
      { CallFailed: 1, ...met },
    ],
    [
      'was a probe that succeeded',
      { probe: true },
      { CallSucceeded: 1, ProbeSucceeded: 1, ...metNotClosed },
    ],
    [
      'was a probe that failed',
      { probe: true, outcome: 'failure' },
      { CallFailed: 1, ProbeFailed: 1, ...metNotClosed },
    ],
  ])('count a call that %s as such', (_, record, values) => {
    const { _aws, service, ...counted } = written(({ onCall }) => onCall(call(record)));
    expect({ service, ...counted }).toEqual({ service: 'gateway', circuit, ...values });
    const [directive] = _aws.CloudWatchMetrics;
    expect(directive).toMatchObject({ Namespace: 'shop', Dimensions: [['service', 'circuit']] });
    const declared = directive?.Metrics.map(({ Name }) => Name);
    expect(declared?.sort()).toEqual(Object.keys(values).sort());
  });

  it.each([
    ['OPEN', 'ToOpen'],
    ['HALF_OPEN', 'ToHalfOpen'],
    ['CLOSED', 'ToClosed'],
  ] as const)('count a transition to %s as %s', (to, name) => {
    expect(written(({ onTransition }) => onTransition(transition(to)))).toMatchObject({
      [name]: 1,
    });
  });

  it('mark every call from the loss of the store until its return', () => {
    const lines = written(({ onCall, onStoreChange }) => {
      onStoreChange({ name: circuit, available: false });
      onCall(call({}));
      onCall(call({}));
      onStoreChange({ name: circuit, available: true });
      onCall(call({}));
    });
    expect(lines).toMatchObject({ StoreUnavailable: [1, 1, 0] });
  });

  it('count what a breaker does', async () => {
    const metrics = new Metrics({ namespace: 'shop' });
    const breaker = createBreaker({
      name: circuit,
      store: memoryStore(),
      failureThreshold: 1,
      ...powertoolsListeners({ metrics }),
    });
    await breaker.execute(() => Promise.reject(new Error('no'))).catch(() => {});
    await breaker.execute(() => 'value').catch(() => {});
    expect(metrics.serializeMetrics()).toMatchObject({
      CallFailed: 1,
      CallRefused: 1,
      ToOpen: 1,
      CircuitOpen: [0, 1],
    });
  });
});

describe('Log lines', () => {
  /** The lines that a breaker has Powertools write, parsed. */
  async function logged(happen: (test: ReturnType<typeof breakerIn>) => Promise<unknown>) {
    const lines: { message: string; level: string }[] = [];
    const warn = vi.spyOn(console, 'warn').mockImplementation((line) => {
      lines.push(JSON.parse(line));
    });
    // Powertools writes around Vitest's console unless it is told that somebody develops.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    try {
      const logger = new Logger({ serviceName: 'gateway' });
      await happen(breakerIn('OPEN', { name: circuit, ...powertoolsListeners({ logger }) }));
    } finally {
      vi.unstubAllEnvs();
      warn.mockRestore();
    }
    return lines;
  }

  it('tell each transition with all that is known of it', async () => {
    const lines = await logged(async ({ breaker, clock }) => {
      await clock.advance(5_000);
      await breaker.execute(() => 'value');
    });
    const line = { level: 'WARN', message: 'circuit transition', service: 'gateway' };
    expect(lines).toMatchObject([
      { ...line, transition: { name: circuit, from: 'OPEN', to: 'HALF_OPEN', generation: 2 } },
      { ...line, transition: { from: 'HALF_OPEN', to: 'CLOSED', operation: 'recover' } },
    ]);
  });

  it('tell when the store goes out of reach, and why', async () => {
    const lines = await logged(async ({ breaker, store }) => {
      store.failWith('unavailable');
      await breaker.status();
    });
    const error = { name: 'StoreError' };
    expect(lines).toMatchObject([
      { message: 'circuit store', store: { name: circuit, available: false, error } },
    ]);
  });
});

function transition(to: Transition['to']): Transition {
  return {
    name: circuit,
    from: 'CLOSED',
    to,
    operation: 'trip',
    generation: 1,
    reason: '',
    atMs: 0,
    by: 'a',
    scope: 'fleet',
  };
}
