/** What operators do to a circuit, and how it ends. */
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance, type FleetOptions } from '../../simulation/fleet.ts';

const SUCCEED = { does: 'succeed' } as const;
const FAIL = { does: 'fail' } as const;
const MINUTE = 60_000;

function fleetOf(count: number, options: FleetOptions = {}) {
  const fleet = new Fleet({ failureThreshold: 3, openMs: 5_000, maxOpenMs: 5_000, ...options });
  const operator = fleet.add().breaker;
  fleet.instances.pop();
  fleet.addMany(count);
  return { fleet, operator, say: (word: Promise<void>) => fleet.time.until(word) };
}

const OVERRIDES = ['forceOpen', 'forceClosed'] as const;

/** How an override comes to its end, after a minute in which nobody calls. */
const ENDS: [
  string,
  (word: (typeof OVERRIDES)[number], its: ReturnType<typeof fleetOf>) => Promise<void>,
][] = [
  [
    'runs out',
    async (word, { fleet, operator, say }) => {
      await say(operator[word]('drill', fleet.time.nowMs + MINUTE));
      await fleet.time.run(MINUTE + 1_000);
    },
  ],
  [
    'is released',
    async (word, { fleet, operator, say }) => {
      await say(operator[word]('drill'));
      await fleet.time.run(MINUTE);
      await say(operator.release());
    },
  ],
];

describe.each(OVERRIDES)('%s over an open circuit', (word) => {
  it.each(ENDS)(
    'ends with one probe, whatever the size of the fleet, when it %s',
    async (_, end) => {
      const its = fleetOf(50);
      const { fleet } = its;
      await fleet.trip();
      await end(word, its);
      const before = fleet.started;
      const answers = await fleet.callAll({ ...FAIL, afterMs: 500 });
      expect(fleet.started - before).toBe(1);
      expect(answers.filter((answer) => answer === 'refused')).toHaveLength(49);
      expect(await fleet.item()).toMatchObject({
        state: 'OPEN',
        reason: 'the probe failed: Error',
      });
    },
  );

  it.each(ENDS)(
    'lets everybody call again once that probe has succeeded, when it %s',
    async (_, end) => {
      const its = fleetOf(10);
      const { fleet } = its;
      await fleet.trip();
      await end(word, its);
      expect(await fleet.instances[0]?.call(SUCCEED)).toBe('success');
      expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
      expect(await fleet.item()).not.toHaveProperty('override');
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
      expect(fleet.history.slice(-2)).toEqual(['claimProbe', 'recover']);
    },
  );
});

describe('Over a closed circuit', () => {
  it.each(ENDS)('forceOpen ends with one probe, too, when it %s', async (_, end) => {
    const its = fleetOf(50);
    await end('forceOpen', its);
    await its.fleet.callAll({ ...SUCCEED, afterMs: 500 });
    expect(its.fleet.started).toBe(1);
  });

  it.each(ENDS)(
    'forceClosed ends without one: everybody calls before and after, when it %s',
    async (_, end) => {
      const its = fleetOf(50);
      await end('forceClosed', its);
      expect(new Set(await its.fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
      expect(its.fleet.started).toBe(50);
    },
  );
});

describe('release', () => {
  it('does nothing where nothing is forced: an open circuit stays open', async () => {
    const { fleet, operator, say } = fleetOf(1);
    await say(operator.release());
    expect(await fleet.item()).toEqual({});
    await fleet.trip();
    const before = await fleet.item();
    await say(operator.release());
    expect(await fleet.item()).toEqual(before);
  });
});

describe('close', () => {
  const SITUATIONS: [string, (its: ReturnType<typeof fleetOf>) => Promise<unknown>][] = [
    ['open', ({ fleet }) => fleet.trip()],
    [
      'half-open, its prober dead',
      async ({ fleet }) => {
        await fleet.trip();
        await fleet.time.run(6_000);
        const prober = fleet.add();
        void prober.begin({ does: 'hang' });
        await fleet.time.run(100);
        prober.kill();
        fleet.instances.pop();
      },
    ],
    ['forced open', ({ operator, say }) => say(operator.forceOpen('drill'))],
    [
      'open again after it was forced closed',
      async ({ fleet, operator, say }) => {
        await fleet.trip();
        await say(operator.forceClosed('let them through'));
        await say(operator.release());
      },
    ],
    ['failing', ({ fleet }) => fleet.callInTurn(2, FAIL)],
  ];

  it.each(SITUATIONS)('closes a circuit that is %s, for the whole fleet', async (_, comesAbout) => {
    const its = fleetOf(20);
    const { fleet, operator, say } = its;
    await comesAbout(its);
    await say(operator.close('the provider is back'));
    const item = await fleet.item();
    expect(item).toMatchObject({ state: 'CLOSED', reopenings: 0, reason: 'the provider is back' });
    expect(item).not.toHaveProperty('override');
    expect(item).not.toHaveProperty('streakScore');
    await fleet.time.run(5_000);
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
    expect(fleet.published.at(-1)).toMatchObject({ operation: 'close', to: 'CLOSED' });
  });

  it('does nothing where nothing is left to close, and so says nothing', async () => {
    const { fleet, operator, say } = fleetOf(2);
    await say(operator.close('to be sure'));
    expect([await fleet.item(), fleet.published]).toEqual([{}, []]);
  });

  it('lets the circuit trip again, if the operator was mistaken', async () => {
    const { fleet, operator, say } = fleetOf(3);
    await fleet.trip();
    await say(operator.close('the provider is back'));
    await fleet.time.run(5_000);
    await fleet.callInTurn(3, FAIL);
    expect(await fleet.item()).toMatchObject({ state: 'OPEN', reason: '3 x Error' });
  });

  it('makes what is still under way count for nothing', async () => {
    const { fleet, operator, say } = fleetOf(1);
    const [a] = fleet.instances as [FleetInstance];
    await fleet.trip();
    await fleet.time.run(6_000);
    const probe = a.begin({ does: 'fail', afterMs: 1_000 });
    await fleet.time.run(500);
    await say(operator.close('the provider is back'));
    await fleet.time.until(probe);
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED', reason: 'the provider is back' });
  });

  it('rejects when the store is out of reach', async () => {
    const { fleet, say } = fleetOf(1);
    const [a] = fleet.instances as [FleetInstance];
    a.fault = () => 'down';
    const closing = say(a.breaker.close('now'));
    await expect(closing).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });
});

describe('A request of an operator that makes no sense', () => {
  it.each<[string, (fleet: Fleet) => [string, ...unknown[]], RegExp]>([
    ['no reason', () => ['close', ''], /reason: got "", expected a non-empty string/],
    ['a reason of 3 KB', () => ['forceOpen', 'x'.repeat(3_000)], /reason: got 3000 bytes/],
    ['a duration for a time', () => ['forceOpen', 'x', MINUTE], /untilMs: got 60000, expected a t/],
    ['a time that is over', ({ time }) => ['forceClosed', 'x', time.nowMs - 1], /a time to come/],
    ['a Date', () => ['forceOpen', 'x', new Date()], /untilMs: got an object/],
  ])('is refused and leaves the item as it was: %s', async (_, said, problem) => {
    const { fleet, operator, say } = fleetOf(1);
    const [word, ...words] = said(fleet);
    const spoken = say(operator[word as 'forceOpen'](...(words as [string, number])));
    await expect(spoken).rejects.toBeInstanceOf(TypeError);
    await expect(spoken).rejects.toThrow(problem);
    expect(await fleet.item()).toEqual({});
  });
});

it('A transition tells the states that callers meet, also under an override', async () => {
  const { fleet, operator, say } = fleetOf(1);
  await fleet.trip();
  await say(operator.forceClosed('let them through'));
  await say(operator.release());
  expect(fleet.published.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
    'CLOSED -> OPEN',
    'OPEN -> CLOSED',
    'CLOSED -> OPEN',
  ]);
});

describe('How long a refusal says that calls are refused', () => {
  it.each([[0], [0.37], [0.999]])(
    'is exact, so that a clock can be advanced by it (jitter %s)',
    async (jitter) => {
      const fleet = new Fleet({ failureThreshold: 1, openMs: 5_000 });
      Object.assign(fleet, { random: () => jitter });
      const a = fleet.add();
      await a.call(FAIL);
      const refusal = await fleet.time.until(a.breaker.execute(() => 'x').catch((error) => error));
      expect(Number.isInteger(refusal.retryAfterMs)).toBe(true);
      await fleet.time.run(refusal.retryAfterMs - 20);
      expect(await a.call(SUCCEED)).toBe('refused');
      await fleet.time.run(20);
      expect(await a.call(SUCCEED)).toBe('success');
    },
  );
});
