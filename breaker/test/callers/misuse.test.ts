/** Whatever a caller passes in wrongly is an error or a warning for that caller, and counts for nothing. */
import { createBreaker, type ExecuteOptions, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetOptions } from '../../simulation/fleet.ts';
import { Lone } from './lone.ts';

const T = 3;

/** A fleet of one with what it is warned of, and how often its store was contacted. */
function watched(options: FleetOptions = {}) {
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const fleet = new Fleet({ failureThreshold: T, openMs: 1_000, warn, ...options });
  const a = fleet.add();
  const contacts = { made: 0 };
  a.fault = () => {
    contacts.made++;
    return undefined;
  };
  return { fleet, a, warnings, contacts };
}

const good = () => 'good';

describe('A call that is no function', () => {
  const CALLS: [string, () => unknown, RegExp][] = [
    ['nothing', () => undefined, /call: got undefined, expected a function/],
    ['a promise', () => Promise.resolve('good'), /call: got the promise of a call, expected a/],
    ['a URL', () => 'https://example.test', /call: got "https:\/\/example.test", expected a/],
    ['an object', () => ({ call: good }), /call: got an object, expected a function/],
  ];
  it.each(CALLS)(
    'is a TypeError before anything is read or counted: %s',
    async (_, given, says) => {
      const { fleet, a, contacts } = watched();
      const execution = fleet.time.until(a.breaker.execute(given() as never));
      await expect(execution).rejects.toThrow(says);
      await expect(execution).rejects.toBeInstanceOf(TypeError);
      expect([contacts.made, a.records]).toEqual([0, []]);
    },
  );

  it.each(CALLS)('neither closes a half-open circuit nor takes its probe: %s', async (_, given) => {
    const { fleet, a } = watched();
    await fleet.trip();
    await fleet.time.run(2_000);
    const before = await fleet.item();
    await fleet.time.until(a.breaker.execute(given() as never).catch(() => {}));
    expect(await fleet.item()).toEqual(before);
  });
});

describe('Options of a call that cannot be used', () => {
  it.each<[string, unknown, RegExp]>([
    ['no object', null, /options: got null, expected an object/],
    ['a function', good, /options: got a function, expected an object/],
    ['a fallback that is a value', { fallback: [] }, /fallback: got an array, expected a function/],
    ['a text for the time', { remainingMs: '5' }, /remainingMs: got "5", expected milliseconds/],
    ['a controller', { signal: new AbortController() }, /signal: got an object, expected an Abort/],
    ['prefetch itself', { prefetched: good }, /prefetched: got a function, expected what prefetch/],
    ['a misspelt name', { fallBack: good }, /fallBack: there is no such option; did you mean fall/],
    ['a foreign name', { retries: 3 }, /retries: there is no such option$/],
    ['two at once', { fallback: 1, signal: 2 }, /fallback: got 1, .*\n- signal: got 2, /],
  ])('are a TypeError before anything is read or counted: %s', async (_, options, says) => {
    const { fleet, a, contacts } = watched();
    const execution = fleet.time.until(a.breaker.execute(good, options as never));
    await expect(execution).rejects.toThrow(says);
    await expect(execution).rejects.toBeInstanceOf(TypeError);
    expect([contacts.made, a.records]).toEqual([0, []]);
  });

  it('may all be undefined', async () => {
    const { fleet, a } = watched();
    const options: ExecuteOptions<string> = {
      fallback: undefined,
      remainingMs: undefined,
      signal: undefined,
      prefetched: undefined,
    };
    await expect(fleet.time.until(a.breaker.execute(good, options))).resolves.toBe('good');
  });
});

describe('A time left that is no finite number', () => {
  const hang = () => new Promise<string>(() => {});
  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['NaN', () => Number.NaN],
    ['infinite', () => Infinity],
    ['null', () => null],
    ['a text', () => '4000'],
    ['a promise', () => Promise.resolve(4_000)],
    ['none, because it throws', () => Object(undefined).getRemainingTimeInMillis()],
  ])('is unknown: the call has its whole time: %s', async (_, tell) => {
    const { fleet, a } = watched({ callTimeoutMs: 2_000 });
    const remainingMs = tell as () => number;
    const answer = a.breaker.execute(hang, { remainingMs, fallback: () => 'fallback' });
    await expect(fleet.time.until(answer)).resolves.toBe('fallback');
    expect(a.records).toMatchObject([{ latencyMs: 2_000 }]);
  });

  it('is a fault of the caller where it throws, with one warning', async () => {
    const { fleet, a, warnings } = watched();
    const remainingMs = () => {
      throw new Error('no context');
    };
    for (let i = 0; i < 2 * T; i++)
      await fleet.time.until(a.breaker.execute(good, { remainingMs }));
    const told = `Circuit "${fleet.name}": remainingMs threw Error: no context; it is ignored`;
    expect(warnings).toEqual([told]);
  });

  it('counts as given where it is a number of its own', async () => {
    const { fleet, a } = watched({ callTimeoutMs: 2_000, reserveMs: 300 });
    const answer = a.breaker.execute(hang, { remainingMs: 1_000, fallback: () => 'fallback' });
    await fleet.time.until(answer);
    expect(a.records).toMatchObject([{ latencyMs: 700 }]);
  });
});

describe('classify that gives no verdict', () => {
  const FAULTY: [string, () => unknown, RegExp][] = [
    ['a promise', async () => 'success', /got a promise/],
    ['a promise that rejects', async () => Promise.reject(new Error('no')), /got a promise/],
    ['nothing', () => undefined, /got undefined/],
    ['a typo', () => 'sucess', /got 'sucess'/],
    ['a boolean', () => false, /got false/],
  ];
  it.each(FAULTY)(
    'is one warning, and its calls count for nothing: %s',
    async (_, classify, says) => {
      const { fleet, a, warnings } = watched({ classify: classify as () => 'success' });
      for (let i = 0; i < 2 * T; i++)
        await expect(fleet.time.until(a.breaker.execute(good))).resolves.toBe('good');
      expect(await fleet.item()).toEqual({});
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(says);
      expect(warnings[0]).toMatch(
        /classify failed with TypeError: expected 'success', 'failure' or/,
      );
    },
  );

  it("leaves its caller the call's own error", async () => {
    const { fleet, a, warnings } = watched({
      classify: () => {
        throw new Error('cannot judge');
      },
    });
    const error = new Error('the own');
    const fail = () => Promise.reject(error);
    for (let i = 0; i < 2 * T; i++)
      await expect(fleet.time.until(a.breaker.execute(fail))).rejects.toBe(error);
    expect(await fleet.item()).toEqual({});
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/classify threw Error: cannot judge; its calls count for nothing/);
  });
});

describe('Options of a breaker that were not meant so', () => {
  const mandatory = { name: 'a', store: memoryStore() };
  it.each<[string, object, string]>([
    ['a misspelt name', { failureTreshold: 3 }, 'did you mean failureThreshold?'],
    ['a name in other letters', { openMS: 3 }, 'did you mean openMs?'],
    ['a foreign name', { resetTimeout: 3 }, 'resetTimeout: there is no such option'],
    ['a misspelt part', { storeBudget: { readMS: 3 } }, 'did you mean storeBudget.readMs?'],
    ['a part too many', { probes: { max: 1, need: 1, min: 0 } }, 'probes.min: there is no such'],
    ['a budget that is none', { storeBudget: 60 }, 'storeBudget: got 60, expected an object'],
    ['slow after the timeout', { slowCallMs: 2_000 }, 'expected less than callTimeoutMs, which'],
    ['a listener that is none', { onCall: 'log' }, 'onCall: got "log", expected a function'],
    ['a classifier that is none', { classify: {} }, 'classify: got an object, expected a function'],
    ['a warning that is none', { warn: true }, 'warn: got true, expected a function'],
    ['a clock that is none', { clock: Date }, 'clock: got a function, expected a clock, with now'],
    ['a store that cannot write', { store: { read() {} } }, 'store: got an object, expected a st'],
    ['a name too long', { name: 'ü'.repeat(1_025) }, 'name: got 2050 bytes, expected at most 2048'],
  ])('are named, with what was probably meant: %s', (_, options, says) => {
    expect(() => createBreaker({ ...mandatory, ...options })).toThrow(says);
  });

  it.each([[undefined], [null], ['recommendations'], [7]])(
    'are an error if there are none: %j',
    (options) => {
      expect(() => createBreaker(options as never)).toThrow('options: got');
    },
  );

  it('are named all at once', () => {
    const options = { ...mandatory, slowCallMs: 9_000, onCal: good, random: 1 };
    expect(() => createBreaker(options as never)).toThrow(
      /onCal: .*\n- random: .*\n- slowCallMs: /,
    );
  });

  it('may all be undefined, but for the name and the store', () => {
    const left = { slowCallMs: undefined, storeBudget: { readMs: undefined }, probes: undefined };
    expect(() => createBreaker({ ...mandatory, ...left, onCall: undefined })).not.toThrow();
  });
});

describe('A caller with hardly any time left', () => {
  const hang = () => new Promise<string>(() => {});
  const fallback = () => 'fallback';

  it.each([['enforce'], ['observe']] as const)(
    'does not blame the downstream for it: %s',
    async (mode) => {
      const { fleet, a } = watched({ mode });
      const slow = () => fleet.time.wait(400).then(good);
      for (let i = 0; i < 2 * T; i++)
        await fleet.time.until(a.breaker.execute(slow, { remainingMs: 500, fallback }));
      expect(await fleet.item()).toEqual({});
    },
  );

  it('gets its fallback in time, and gives a probe back', async () => {
    const { fleet, a } = watched();
    await fleet.trip();
    await fleet.time.run(2_000);
    const answer = a.breaker.execute(hang, { remainingMs: 500, fallback });
    await expect(fleet.time.until(answer)).resolves.toBe('fallback');
    expect(a.records).toMatchObject([{ outcome: 'failure', probe: true, latencyMs: 200 }]);
    expect(await fleet.item()).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0 });
  });

  it('does so where the call had enough of it, or its whole time', async () => {
    for (const options of [{ remainingMs: 550 }, {}]) {
      const callTimeoutMs = 'remainingMs' in options ? 2_000 : 100;
      const { fleet, a } = watched({ callTimeoutMs });
      await fleet.time.until(a.breaker.execute(hang, { ...options, fallback }));
      expect(await fleet.item()).toMatchObject({ streakScore: 1 });
    }
  });
});

it('Options that are changed afterwards change nothing', async () => {
  const probes = { max: 1, need: 1 };
  const lone = new Lone({ probes, failureThreshold: 1, openMs: 1_000 });
  Object.assign(probes, { max: 0, need: 9 });
  await lone.fail(1);
  await lone.time.run(2_000);
  expect(await lone.call(good)).toBe('good');
  expect(lone.item).toMatchObject({ state: 'CLOSED' });
});
