import { breakerIn } from 'fleet-breaker/testing';
import { expect, test } from 'vitest';
import { createHandler } from './handler.ts';

const context = { getRemainingTimeInMillis: () => 10_000 };
const fetchItems = async () => ['a'];

test('an outage costs the user the items and nothing else', async () => {
  const { breaker, clock } = breakerIn('OPEN', { openMs: 5_000 });
  const handler = createHandler(breaker, fetchItems);
  expect(await handler({ id: '1' }, context)).toEqual({ items: [] });
  await clock.advance(5_000); // the next call is the probe
  expect(await handler({ id: '1' }, context)).toEqual({ items: ['a'] });
});

test('a service that hangs costs the time of one call', async () => {
  const { breaker, clock } = breakerIn('CLOSED', { callTimeoutMs: 2_000 });
  const hang = () => new Promise<never>(() => {});
  const answer = createHandler(breaker, hang)({ id: '1' }, context);
  await clock.advance(2_000);
  expect(await answer).toEqual({ items: [] });
});

test('a table that is out of reach costs the user nothing', async () => {
  const { breaker, store } = breakerIn('CLOSED', { onStoreChange: () => {} });
  store.failWith('unavailable');
  const handler = createHandler(breaker, fetchItems);
  expect(await handler({ id: '1' }, context)).toEqual({ items: ['a'] });
});
