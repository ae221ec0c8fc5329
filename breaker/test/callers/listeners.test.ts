/** A listener can change nothing: no answer, no report, no state, not the process. */
import { createBreaker, memoryStore, StoreError } from 'fleet-breaker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lone } from './lone.ts';

const T = 2;
const LISTENERS = ['onCall', 'onTransition', 'onStoreChange'] as const;

const fault = new Error('no log today');
const FAULTS: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw fault;
    },
  ],
  ['rejects', () => Promise.reject(fault)],
  [
    'throws what is no error',
    () => {
      throw Object.create(null);
    },
  ],
];

let unhandled: unknown[];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', onUnhandled);
});
afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
});

/** An instance's life: healthy, an outage of the store, failures, a trip, the recovery. */
async function life(listener: (typeof LISTENERS)[number], heard: () => unknown) {
  let events = 0;
  const listen = () => {
    events++;
    return heard();
  };
  const quiet = { failureThreshold: T, openMs: 1_000, onStoreChange: () => {} };
  const lone = new Lone({ ...quiet, [listener]: listen });
  const answers = [await lone.call(() => 'good')];
  lone.isStoreDown = true;
  answers.push(await lone.call(() => 'good'));
  lone.isStoreDown = false;
  await lone.time.run(40_000);
  await lone.fail(T);
  answers.push(await lone.call(() => 'good'));
  await lone.time.run(2_000);
  answers.push(await lone.call(() => 'good'));
  const { updatedBy: _, ...item } = lone.item ?? {};
  const status = await lone.time.until(lone.breaker.status());
  return { told: { answers, item, events, state: status.state }, warnings: lone.warnings };
}

describe.each(LISTENERS)('%s', (listener) => {
  it.each(FAULTS)(
    'changes nothing, and its first fault is a warning, when it %s',
    async (_, fails) => {
      const { told } = await life(listener, () => undefined);
      const disturbed = await life(listener, fails);
      expect(disturbed.told).toEqual(told);
      expect(told.answers).toEqual(['good', 'good', 'CircuitOpenError', 'good']);
      expect(told.events).toBeGreaterThan(1);
      expect(disturbed.warnings).toHaveLength(1);
      expect(disturbed.warnings[0]).toContain(`Circuit "lone": ${listener} threw `);
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    },
  );
});

describe('By default', () => {
  const emitted: [string | Error, unknown][] = [];
  beforeEach(() => {
    emitted.length = 0;
    const emit = (warning: string | Error, type: unknown) => void emitted.push([warning, type]);
    vi.spyOn(process, 'emitWarning').mockImplementation(emit as typeof process.emitWarning);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('a fault is a warning of the process', async () => {
    const onCall = () => {
      throw fault;
    };
    const breaker = createBreaker({ name: 'a', store: memoryStore(), onCall });
    await expect(breaker.execute(() => 'good')).resolves.toBe('good');
    await breaker.execute(() => 'good');
    const told = 'Circuit "a": onCall threw Error: no log today; a listener must not';
    expect(emitted).toEqual([[told, 'FleetBreakerWarning']]);
  });

  /** Every contact fails as with a table that is not there. */
  const wrongTable = () => {
    const message = 'ResourceNotFoundException: Requested resource not found';
    const contact = () => Promise.reject(new StoreError('unavailable', message));
    return { read: contact, write: contact };
  };

  it('a store out of reach is a warning of the process, once per instance, naming it', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, after: () => () => {} };
    const breaker = createBreaker({ name: 'a', store: wrongTable(), clock });
    for (let i = 0; i < 5; i++) {
      await expect(breaker.execute(() => 'good')).resolves.toBe('good');
      nowMs += 60_000;
    }
    expect(emitted).toEqual([
      [
        expect.stringMatching(/^Circuit "a": the store is out of reach.*: ResourceNotFound/),
        'FleetBreakerWarning',
      ],
    ]);
  });

  it('nothing is a warning while somebody listens', async () => {
    const onStoreChange = vi.fn();
    const breaker = createBreaker({ name: 'a', store: wrongTable(), onStoreChange });
    await breaker.execute(() => 'good');
    expect(onStoreChange).toHaveBeenCalledOnce();
    expect(emitted).toEqual([]);
  });

  it('a warning that cannot be given is no fault either', async () => {
    const warn = () => {
      throw fault;
    };
    const breaker = createBreaker({ name: 'a', store: wrongTable(), warn, onCall: warn });
    await expect(breaker.execute(() => 'good')).resolves.toBe('good');
  });
});
