/** What docs/comparison.md says that was tried on opossum and cockatiel, tried on the installed versions. */
import { readFileSync } from 'node:fs';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import CircuitBreaker from 'opossum';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { textOf } from './pages.ts';

const INSTANCES = 50;
const ROUNDS = 20;
const OPEN_MS = 50;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const after = <T>(ms: number, end: () => T) =>
  new Promise<T>((resolve, reject) => {
    setTimeout(() => Promise.resolve().then(end).then(resolve, reject), ms);
  });
const fail = () => {
  throw new Error('down');
};

function cockatiel(threshold: number) {
  const breaker = new ConsecutiveBreaker(threshold);
  return circuitBreaker(handleAll, { halfOpenAfter: OPEN_MS, breaker });
}

it.each(['opossum', 'cockatiel'])('the page names the version of %s that is tried', (name) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  expect(textOf('docs/comparison.md')).toContain(`**${name}** ${version}`);
});

it('fifty of either let 150 calls through to a dead downstream, in turn, threshold 3', async () => {
  let calls = 0;
  const dead = async () => {
    calls++;
    fail();
  };
  const ofCockatiel = Array.from({ length: INSTANCES }, () => cockatiel(3));
  for (let round = 0; round < ROUNDS; round++)
    for (const breaker of ofCockatiel) await breaker.execute(dead).catch(() => {});
  expect(calls).toBe(150);
  calls = 0;
  const ofOpossum = Array.from(
    { length: INSTANCES },
    () => new CircuitBreaker(dead, { volumeThreshold: 3 }),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const breaker of ofOpossum) await breaker.fire().catch(() => {});
  expect(calls).toBe(150);
  for (const breaker of ofOpossum) breaker.shutdown();
});

it('beside a probe opossum refuses a call at once, and cockatiel lets it wait for the probe', async () => {
  const waiting = cockatiel(1);
  await waiting.execute(fail).catch(() => {});
  await vi.advanceTimersByTimeAsync(OPEN_MS + 1);
  void waiting.execute(() => after(1_000, () => 'probe'));
  let answeredAtMs = 0;
  const startedAtMs = Date.now();
  void waiting
    .execute(() => 'another')
    .then(() => {
      answeredAtMs = Date.now() - startedAtMs;
    });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(answeredAtMs).toBe(1_000);

  const refusing = new CircuitBreaker((ms: number, end: () => unknown) => after(ms, end), {
    resetTimeout: OPEN_MS,
  });
  void refusing.fire(0, fail).catch(() => {});
  await vi.advanceTimersByTimeAsync(2 * OPEN_MS);
  void refusing.fire(1_000, () => 'probe');
  await expect(refusing.fire(0, () => 'another')).rejects.toMatchObject({ code: 'EOPENBREAKER' });
  refusing.shutdown();
});

it('a success from before the trip, while half-open, closes opossum and leaves cockatiel open', async () => {
  const fenced = cockatiel(1);
  const before = fenced.execute(() => after(2 * OPEN_MS, () => 'late'));
  await fenced.execute(fail).catch(() => {});
  await vi.advanceTimersByTimeAsync(2 * OPEN_MS);
  await before;
  expect(fenced.state).toBe(CircuitState.Open);

  const call = (ms: number, end: () => unknown) => after(ms, end);
  const closing = new CircuitBreaker(call, {
    resetTimeout: OPEN_MS,
    errorThresholdPercentage: 30,
  });
  const late = closing.fire(4 * OPEN_MS, () => 'late');
  for (let i = 0; i < 3; i++) void closing.fire(0, fail).catch(() => {});
  await vi.advanceTimersByTimeAsync(2 * OPEN_MS);
  expect(closing.halfOpen).toBe(true);
  await vi.advanceTimersByTimeAsync(2 * OPEN_MS);
  await late;
  expect(closing.closed).toBe(true);
  closing.shutdown();
});
