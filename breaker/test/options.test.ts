import { createBreaker, defaultClassify, InvalidOptionsError, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../simulation/fleet.ts';

const good = { name: 'a', store: memoryStore() };

describe('Options', () => {
  it('need only a name and a store', () => {
    expect(() => createBreaker(good)).not.toThrow();
  });

  const WHOLE = 'a whole number up to 2147483647, at least';
  const WHOLE_MS = 'a whole number of milliseconds up to 2147483647, at least';
  // As a client of the SDK is.
  const circular: { self?: unknown } = {};
  circular.self = circular;
  it.each<[string, unknown, string]>([
    ['name', '', 'name: got "", expected a non-empty string'],
    ['name', 7, 'name: got 7, expected a non-empty string'],
    ['instanceId', 42, 'instanceId: got 42, expected a non-empty string'],
    ['store', {}, 'store: got an object, expected a store, such as memoryStore()'],
    ['store', null, 'store: got null, expected a store, such as memoryStore()'],
    ['failureThreshold', 0, `failureThreshold: got 0, expected ${WHOLE} 1`],
    ['store', circular, 'store: got an object, expected a store, such as memoryStore()'],
    ['callTimeoutMs', 2 ** 31, `callTimeoutMs: got 2147483648, expected ${WHOLE_MS} 1`],
    ['failureThreshold', 2.5, `failureThreshold: got 2.5, expected ${WHOLE} 1`],
    ['callTimeoutMs', '2000', `callTimeoutMs: got "2000", expected ${WHOLE_MS} 1`],
    ['failureRate', 0, 'failureRate: got 0, expected a number from 0.01 to 1'],
    ['failureRate', 0.009, 'failureRate: got 0.009, expected a number from 0.01 to 1'],
    ['failureRate', 1.1, 'failureRate: got 1.1, expected a number from 0.01 to 1'],
    ['failureRate', '0.5', 'failureRate: got "0.5", expected a number from 0.01 to 1'],
    ['rampMs', -1, `rampMs: got -1, expected ${WHOLE_MS} 0`],
    ['slowCallMs', 0, `slowCallMs: got 0, expected ${WHOLE_MS} 1`],
    ['openMs', -5, `openMs: got -5, expected ${WHOLE_MS} 1`],
    ['maxOpenMs', 4_999, `maxOpenMs: got 4999, expected ${WHOLE_MS} 5000`],
    ['probes', { max: 3, need: 0 }, `probes.need: got 0, expected ${WHOLE} 1`],
    ['probes', { max: 1, need: 2 }, `probes.max: got 1, expected ${WHOLE} 2`],
    ['viewTtlMs', -1, `viewTtlMs: got -1, expected ${WHOLE_MS} 0`],
    ['mirrors', -1, 'mirrors: got -1, expected a whole number from 0 to 500'],
    ['mirrors', 2.5, 'mirrors: got 2.5, expected a whole number from 0 to 500'],
    ['mirrors', 501, 'mirrors: got 501, expected a whole number from 0 to 500'],
    ['mirrors', '4', 'mirrors: got "4", expected a whole number from 0 to 500'],
    ['streakWindowMs', 0, `streakWindowMs: got 0, expected ${WHOLE_MS} 1`],
    ['reserveMs', -1, `reserveMs: got -1, expected ${WHOLE_MS} 0`],
    ['storeBudget', { readMs: 0 }, `storeBudget.readMs: got 0, expected ${WHOLE_MS} 1`],
    ['storeBudget', { writeMs: 0.5 }, `storeBudget.writeMs: got 0.5, expected ${WHOLE_MS} 1`],
    ['storeBudget', { connectMs: 0 }, `storeBudget.connectMs: got 0, expected ${WHOLE_MS} 1`],
  ])(
    'that cannot be used are named with their value and the form expected: %s %j',
    (option, value, problem) => {
      const create = () => createBreaker({ ...good, [option]: value } as typeof good);
      expect(create).toThrow(new InvalidOptionsError(`Invalid options:\n- ${problem}`));
    },
  );

  it('have all their problems named at once', () => {
    const create = () => createBreaker({ ...good, name: '', failureThreshold: 0, openMs: 0 });
    expect(create).toThrow(/name: .*\n- failureThreshold: .*\n- openMs: /);
  });

  it.each([
    ['an openMs above 30 s, which maxOpenMs then follows', { openMs: 60_000 }],
    ['no view TTL and no reserve', { viewTtlMs: 0, reserveMs: 0 }],
    ['a part of the store budget', { storeBudget: { readMs: 10 } }],
    ['the smallest share of failures', { failureRate: 0.01 }],
    ['all failures', { failureRate: 1 }],
    ['as many probes as must succeed', { probes: { max: 2, need: 2 } }],
  ])('may be %s', (_, options) => {
    expect(() => createBreaker({ ...good, ...options })).not.toThrow();
  });
});

it('An option given as undefined is as one not given', async () => {
  const undefinedOptions = {
    classify: undefined,
    probes: undefined,
    slowCallMs: undefined,
    random: undefined,
    maxOpenMs: undefined,
  };
  const instance = new Fleet(undefinedOptions as object).add();
  expect(await instance.call({ does: 'succeed' })).toBe('success');
});

describe('A call counts, by default', () => {
  it.each([
    ['as failed when it throws', { error: new Error('no') }, 'failure'],
    ['as failed when it throws what is no error', { error: undefined }, 'failure'],
    ['as failed by 500', { error: { status: 500 } }, 'failure'],
    ['as failed by 599', { value: { status: 599 } }, 'failure'],
    ['as failed by 429', { value: { status: 429 } }, 'failure'],
    ['as failed by 408', { error: { status: 408 } }, 'failure'],
    ['not at all by another 4xx', { error: { status: 404 } }, 'ignored'],
    ['not at all by another 4xx that is returned', { value: { status: 400 } }, 'ignored'],
    ['as succeeded by 200', { value: { status: 200 } }, 'success'],
    [
      'as failed when it throws in spite of a status that is well',
      { error: { status: 200 } },
      'failure',
    ],
    ['as succeeded by 304', { value: { status: 304 } }, 'success'],
    ['as succeeded when it returns', { value: [] }, 'success'],
    ['as succeeded when it returns nothing', { value: undefined }, 'success'],
    ['as succeeded when it returns null', { value: null }, 'success'],
    ['by no status that is none of HTTP', { value: { status: 1_000 } }, 'success'],
    ['by no status that is none of HTTP', { error: { status: 99 } }, 'failure'],
    ['by no status that is no number', { value: { status: '500' } }, 'success'],
  ])('%s: %j', (_, result, verdict) => {
    expect(defaultClassify(result)).toBe(verdict);
  });
});
