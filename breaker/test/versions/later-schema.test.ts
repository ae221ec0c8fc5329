/** This version beside one to come, whose items it does not know. */
import { createBreaker, type Item, memoryStore, type StoreChange } from 'fleet-breaker';
import { testClock } from 'fleet-breaker/testing';
import { expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/protocol/circuit.ts';

const fail = () => Promise.reject(new Error('no'));

function besideItem(item: Item) {
  const store = memoryStore();
  store.items.set('x', item);
  const clock = testClock();
  const changes: StoreChange[] = [];
  const onStoreChange = (change: StoreChange) => changes.push(change);
  const options = { name: 'x', store, clock, failureThreshold: 1, onStoreChange };
  const breaker = createBreaker({ ...options, random: () => 0.5 });
  const call = (made: () => unknown = () => 'answer') =>
    breaker.execute(made).then(String, (error) => `${error.name}`);
  return { store, clock, changes, call };
}

const later: Item = { schemaVersion: SCHEMA_VERSION + 1, mode: 'AJAR', since: 1 };

it('An item of a later schema is left as it is, and the instance protects itself alone', async () => {
  const { store, changes, call } = besideItem(later);
  expect(await call()).toBe('answer');
  await call(fail);
  expect(await call()).toBe('CircuitOpenError');
  expect(store.items.get('x')).toEqual(later);
  expect(changes).toMatchObject([{ available: false, error: { kind: 'malformed' } }]);
});

it('The reason is said in the words of whoever deploys', async () => {
  const { changes, call } = besideItem(later);
  await call();
  const known = `this version of the library knows none after ${SCHEMA_VERSION}`;
  const version = `schemaVersion = ${SCHEMA_VERSION + 1}`;
  const expected = `The circuit's item is of a later schema (${version}): ${known}`;
  expect(changes[0]?.error?.message).toBe(expected);
});

it('Once the item is deleted the instance shares the circuit again', async () => {
  const { store, clock, changes, call } = besideItem(later);
  await call();
  store.items.delete('x');
  await clock.advance(60_000);
  await call(fail);
  expect(store.items.get('x')).toMatchObject({ state: 'OPEN', schemaVersion: SCHEMA_VERSION });
  expect(changes.map(({ available }) => available)).toEqual([false, true]);
});
