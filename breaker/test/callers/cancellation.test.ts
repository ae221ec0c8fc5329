/** What a caller's abort does to its call, and what it never does to the circuit. */
import { getEventListeners } from 'node:events';
import { CallTimeoutError } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance, type FleetOptions } from '../../simulation/fleet.ts';

const T = 3;

function fleetOfOne(options: FleetOptions = {}) {
  const fleet = new Fleet({ failureThreshold: T, openMs: 1_000, ...options });
  return { fleet, a: fleet.add() };
}

/** The reason with which `execute` rejects when `controller` is aborted `atMs` after its start. */
async function abortedAt(
  atMs: number,
  instance: FleetInstance,
  call: (signal: AbortSignal) => unknown,
  reason?: { readonly of: unknown },
) {
  const { time } = instance.fleet;
  const controller = new AbortController();
  const startedAtMs = time.nowMs;
  const abort = () => (reason ? controller.abort(reason.of) : controller.abort());
  if (atMs < 0) abort();
  else time.after(atMs, abort);
  const { signal } = controller;
  const fallback = () => 'fallback';
  const answered = instance.breaker.execute(call, { signal, fallback });
  const rejection = await time.until(answered.then(String, (thrown) => ({ thrown })));
  const thrown = (rejection as { thrown: unknown }).thrown;
  return { rejection, thrown, signal, tookMs: time.nowMs - startedAtMs };
}

const REASONS: [string, { of: unknown } | undefined][] = [
  ['an error', { of: new TypeError('left the page') }],
  ['a string', { of: 'left the page' }],
  ['null', { of: null }],
  ['a status that would be a failure', { of: { status: 503 } }],
  ['no reason', undefined],
];

const hang = () => new Promise(() => {});
/** A call that ends with its signal's reason, as fetch does. */
const heeding = (signal: AbortSignal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe.each(REASONS)('A call that its caller aborts with %s', (_, reason) => {
  it.each([
    ['that ignores its signal', hang],
    ['that heeds it', heeding],
  ])('rejects at once with that reason and counts for nothing: a call %s', async (_, call) => {
    const { fleet, a } = fleetOfOne();
    for (let i = 0; i < 2 * T; i++) {
      const { rejection, signal, tookMs } = await abortedAt(50, a, call, reason);
      expect(rejection).toEqual({ thrown: signal.reason });
      expect(tookMs).toBe(50);
    }
    expect(a.records).toHaveLength(2 * T);
    expect(a.records.every(({ outcome }) => outcome === 'ignored')).toBe(true);
    expect(await fleet.item()).toEqual({});
  });

  it('is neither begun nor read for, when it was aborted before', async () => {
    const { fleet, a } = fleetOfOne();
    let contacts = 0;
    let calls = 0;
    a.fault = () => {
      contacts++;
      return undefined;
    };
    const { rejection, signal } = await abortedAt(-1, a, () => calls++, reason);
    expect(rejection).toEqual({ thrown: signal.reason });
    expect([contacts, calls]).toEqual([0, 0]);
    expect(a.records).toMatchObject([{ outcome: 'ignored', error: signal.reason, latencyMs: 0 }]);
    expect(await fleet.item()).toEqual({});
  });

  it('gives the probe back: the next call may probe, and nothing has opened', async () => {
    const { fleet, a } = fleetOfOne();
    await fleet.trip();
    await fleet.time.run(2_000);
    await abortedAt(50, a, heeding, reason);
    expect(a.records).toMatchObject([{ outcome: 'ignored', probe: true }]);
    const given = await fleet.item();
    expect(given).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0 });
    expect(given).not.toHaveProperty('probeOwner');
    expect(await a.call({ does: 'succeed' })).toBe('success');
    expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover']);
  });
});

it('An abort while the circuit is read is heard at once, and no call is made', async () => {
  const { a } = fleetOfOne();
  a.fault = () => 'silent';
  let calls = 0;
  const { rejection, signal, tookMs } = await abortedAt(20, a, () => calls++);
  expect(rejection).toEqual({ thrown: signal.reason });
  expect([tookMs, calls]).toEqual([20, 0]);
});

it('An abort while a probe is claimed gives the probe back, and no call is made', async () => {
  const { fleet, a } = fleetOfOne();
  await fleet.trip();
  await fleet.time.run(2_000);
  a.latencyMs = 40;
  let calls = 0;
  await abortedAt(60, a, () => calls++);
  expect(calls).toBe(0);
  expect(await fleet.item()).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0 });
});

it("The call's own signal is aborted with the caller's reason", async () => {
  const { a } = fleetOfOne();
  let own: AbortSignal | undefined;
  const reason = new Error('left the page');
  const call = (signal: AbortSignal) => {
    own = signal;
    return hang();
  };
  await abortedAt(50, a, call, { of: reason });
  expect(own?.reason).toBe(reason);
});

it('A call that ends before it is aborted keeps its answer', async () => {
  const { fleet, a } = fleetOfOne();
  const controller = new AbortController();
  const { signal } = controller;
  const answer = fleet.time.until(a.breaker.execute(() => 'good', { signal }));
  await expect(answer).resolves.toBe('good');
  controller.abort();
  expect(a.records).toMatchObject([{ outcome: 'success' }]);
});

it('A timeout is the failure of the downstream, though the caller could have aborted', async () => {
  const { a } = fleetOfOne({ callTimeoutMs: 30 });
  const { rejection } = await abortedAt(50, a, hang);
  expect(rejection).toBe('fallback');
  expect(a.records).toMatchObject([{ outcome: 'failure', error: expect.any(CallTimeoutError) }]);
});

it('Nothing is counted after an abort, not even that the call was slow', async () => {
  const { fleet, a } = fleetOfOne({ slowCallMs: 100 });
  for (let i = 0; i < 2 * T; i++) await abortedAt(50, a, hang);
  await fleet.time.run(5_000);
  expect(await fleet.item()).toEqual({});
});

it('A fan-out that shares one controller does not trip a healthy circuit', async () => {
  const { fleet } = fleetOfOne();
  const { breaker } = fleet.add();
  const controller = new AbortController();
  const { signal } = controller;
  const branches = Array.from({ length: 20 }, () => breaker.execute(heeding, { signal }));
  fleet.time.after(400, () => controller.abort());
  const settled = await fleet.time.until(Promise.allSettled(branches));
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
  expect(await fleet.item()).toEqual({});
});

it('A signal that outlives its calls keeps nothing of them', async () => {
  const { fleet, a } = fleetOfOne({ callTimeoutMs: 100 });
  const { signal } = new AbortController();
  const fallback = () => 'fallback';
  for (const call of [hang, () => 'good', () => Promise.reject(new Error('no'))])
    await fleet.time.until(a.breaker.execute<unknown>(call, { signal, fallback }));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('Hundreds of calls that share a signal give it one listener', async () => {
  const { fleet, a } = fleetOfOne();
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 500 }, () => a.breaker.execute(heeding, { signal }));
  await fleet.time.run(100);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  controller.abort();
  const settled = await fleet.time.until(Promise.allSettled(calls));
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
