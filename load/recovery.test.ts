import { expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import { createRecovery } from './recovery.ts';

const FAULT_ENDED_AT_MS = 10_000;
let requests = 0;

/** Two users have asked before; the fault has ended. */
function twoUsers() {
  const recovery = createRecovery();
  const ask = (user: number, sentAtMs: number, outcome: Outcome, status: number | null = 200) => {
    const request = ++requests;
    recovery.add({ event: 'sent', request, user, product: '1', atMs: sentAtMs });
    const latencyMs = 10;
    const atMs = sentAtMs + latencyMs;
    recovery.add({ event: 'answered', request, outcome, status, latencyMs, atMs });
  };
  ask(1, 1_000, 'ok');
  ask(2, 1_000, 'ok');
  recovery.faultEnded(FAULT_ENDED_AT_MS);
  const servedFor = (circuitState?: string) => recovery.servedAgainForSeconds(20_000, circuitState);
  return { recovery, ask, servedFor };
}

test('everybody is served again when each user has had a complete answer since the end of the fault', () => {
  const { ask, servedFor } = twoUsers();
  expect(servedFor()).toBeUndefined();
  ask(1, 11_000, 'ok');
  ask(2, 11_000, 'degraded');
  expect(servedFor()).toBeUndefined();
  ask(2, 12_000, 'ok');
  expect(servedFor()).toBe(0);
});

test('a complete answer to a request from before the end does not count', () => {
  const { ask, servedFor } = twoUsers();
  ask(1, 11_000, 'ok');
  ask(2, FAULT_ENDED_AT_MS - 1, 'ok');
  expect(servedFor()).toBeUndefined();
});

test('a circuit that can be seen has to be closed, and once was enough', () => {
  const { recovery, ask, servedFor } = twoUsers();
  ask(1, 11_000, 'ok');
  ask(2, 11_000, 'ok');
  expect(servedFor('HALF_OPEN')).toBeUndefined();
  expect(servedFor('CLOSED')).toBe(0);
  expect(recovery.servedAgainForSeconds(23_000, 'CLOSED')).toBe(3);
});

test('nobody waits for a user whose connection failed, for that one asks no more', () => {
  const { ask, servedFor } = twoUsers();
  ask(1, 11_000, 'failed', null);
  ask(2, 11_000, 'ok');
  expect(servedFor()).toBe(0);
});
