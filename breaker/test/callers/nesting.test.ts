/** Calls within calls of the same circuit, and very many calls at once. */
import { CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../simulation/fleet.ts';
import { Lone } from './lone.ts';

const T = 2;
const good = () => 'good';

const lone = (options: object = {}) => new Lone({ failureThreshold: T, openMs: 1_000, ...options });

async function halfOpen(options: object = {}): Promise<Lone> {
  const its = lone(options);
  await its.fail(T);
  await its.time.run(2_000);
  return its;
}

describe('A call within a call of the same circuit', () => {
  it('runs under its right: a circuit that has tripped recovers', async () => {
    const { breaker, time, ...its } = await halfOpen().then((l) => ({
      breaker: l.breaker,
      time: l.time,
      lone: l,
    }));
    const nested = breaker.execute(() => breaker.execute(good));
    await expect(time.until(nested)).resolves.toBe('good');
    expect(its.lone.item).toMatchObject({ state: 'CLOSED' });
  });

  it('does so too by another breaker of the same name, and however deep', async () => {
    const its = await halfOpen();
    const other = createBreaker({ name: 'lone', store: memoryStore() });
    const { breaker } = its;
    const deep = breaker.execute(async () => {
      await its.time.wait(10);
      return other.execute(() => breaker.execute(good));
    });
    await expect(its.time.until(deep)).resolves.toBe('good');
    expect(its.item).toMatchObject({ state: 'CLOSED' });
  });

  it('counts once, with the call that it is part of', async () => {
    const its = lone();
    const fail = () => Promise.reject(new Error('no'));
    await its.call(() => its.breaker.execute(fail));
    expect(its.item).toMatchObject({ state: 'CLOSED', streakScore: 1 });
  });

  it('is on its own when it is of another circuit', async () => {
    const its = await halfOpen();
    const other = createBreaker({ name: 'other', store: memoryStore(), failureThreshold: 1 });
    const fail = () => Promise.reject(new Error('no'));
    await its.call(() => other.execute(fail));
    expect(await other.status()).toMatchObject({ state: 'OPEN' });
  });

  it('is on its own once the call that began it is over', async () => {
    const its = lone();
    let later = Promise.resolve('');
    await its.call(() => {
      later = its.time.wait(500).then(() => its.breaker.execute(good));
      return 'over';
    });
    await its.fail(T);
    await expect(its.time.until(later)).rejects.toBeInstanceOf(CircuitOpenError);
  });

  it('is on its own when the call that began it was given up', async () => {
    const its = lone({ callTimeoutMs: 100 });
    let later = Promise.resolve('');
    await its.call(() => {
      later = its.time.wait(500).then(() => its.breaker.execute(good));
      return later;
    });
    await its.fail(T - 1);
    await expect(its.time.until(later)).rejects.toBeInstanceOf(CircuitOpenError);
  });
});

it('A refusal by the same circuit, however it got into a call, does not count', async () => {
  const its = await halfOpen();
  const refusal = new CircuitOpenError({
    circuit: 'lone',
    state: 'HALF_OPEN',
    generation: 2,
    reason: '',
    retryAfterMs: 0,
  });
  await its.call(() => Promise.reject(refusal));
  expect(its.item).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0, probesFailed: 0 });
});

describe('Hundreds of calls at once', () => {
  it('are served by one read', async () => {
    const fleet = new Fleet();
    const a = fleet.add();
    let reads = 0;
    a.fault = (write) => {
      if (write === undefined) reads++;
      return undefined;
    };
    const calls = Array.from({ length: 500 }, () => a.begin({ does: 'succeed' }));
    const answers = await fleet.time.until(Promise.all(calls));
    expect(new Set(answers)).toEqual(new Set(['success']));
    expect(reads).toBe(1);
  });

  it('that fail fast count as one failure: none can have met the streak of another', async () => {
    const fleet = new Fleet({ failureThreshold: 3 });
    const a = fleet.add();
    const calls = Array.from({ length: 500 }, () => a.begin({ does: 'fail' }));
    await fleet.time.until(Promise.all(calls));
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakScore: 1 });
  });

  it('are all refused but one, when the circuit is due for a probe', async () => {
    const fleet = new Fleet({ failureThreshold: 3, openMs: 1_000 });
    await fleet.trip();
    await fleet.time.run(2_000);
    const a = fleet.add();
    const before = fleet.started;
    const calls = Array.from({ length: 500 }, () => a.begin({ does: 'succeed', afterMs: 300 }));
    const answers = await fleet.time.until(Promise.all(calls));
    expect(answers.filter((answer) => answer === 'refused')).toHaveLength(499);
    expect(fleet.started - before).toBe(1);
  });
});
