/** One instance's contacts with its store: budgets, back-off, repeats and throttling. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { StoreLink } from '../../src/fleet/store-link.ts';
import type { StoreChange } from '../../src/ports.ts';
import { SimTime } from '../support/sim-time.ts';

const READ_MS = 60;
const WRITE_MS = 120;
const FIRST_READ_MS = 500;
const HOUR_MS = 3_600_000;

/** How one attempt ends: `silent` never does. */
type Ending = 'succeeds' | 'fails' | 'throttled' | 'silent';

const ATTEMPTS: Record<Ending, () => Promise<string>> = {
  succeeds: async () => 'answer',
  fails: () => Promise.reject(new StoreError('unavailable', 'no connection')),
  throttled: () => Promise.reject(new StoreError('throttled', 'too fast')),
  silent: () => new Promise(() => {}),
};

/** A link, and what it does to its surroundings. `random`: 1 makes the back-off its longest. */
function linkWith({ random = 1 } = {}) {
  const time = new SimTime();
  const timers = new Set<object>();
  const events: string[] = [];
  const changes: StoreChange[] = [];
  const settings = {
    name: 'x',
    random: () => random,
    storeBudget: { readMs: READ_MS, writeMs: WRITE_MS, firstReadMs: FIRST_READ_MS },
    clock: {
      now: () => time.nowMs,
      after(delayMs: number, callback: () => void) {
        const timer = {};
        timers.add(timer);
        const cancel = time.after(delayMs, () => {
          timers.delete(timer);
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    },
    onStoreChange(change: StoreChange) {
      changes.push(change);
      events.push(change.available ? 'published: up' : 'published: down');
    },
  };
  const link: StoreLink = new StoreLink(settings, {
    onDown: () => events.push('down'),
    onUp: () => events.push(`up, down still: ${link.isDown}`),
  });

  const outcomeOf = (contact: Promise<unknown>) =>
    time.until(contact.catch((error: StoreError) => error));
  const read = (ending: Ending, isPatient = false) =>
    outcomeOf(link.read(ATTEMPTS[ending], isPatient));
  const write = (ending: Ending) =>
    outcomeOf(
      link.write({ send: () => ATTEMPTS[ending](), mayRepeat: false, onFailure: () => {} }),
    );
  return { time, timers, events, changes, link, outcomeOf, read, write };
}

/** Contacts by one letter each and their ending: `r-` is a read that fails, `w+` a write that succeeds. */
async function make(contacts: string, { read, write }: ReturnType<typeof linkWith>) {
  const endings: Record<string, Ending> = { '+': 'succeeds', '-': 'fails', '~': 'throttled' };
  for (const contact of contacts.split(' ')) {
    const ending = endings[contact.slice(1)] ?? 'silent';
    await (contact.startsWith('r') ? read(ending) : write(ending));
  }
}

describe('The back-off', () => {
  it.each<[string, string, number]>([
    ['is 250 ms after a first failed read', 'r-', 250],
    ['is 250 ms after a first failed write', 'w-', 250],
    ['doubles with each failure of an outage', 'r- r- r-', 1_000],
    ['counts failed reads and failed writes together', 'w- r- w-', 1_000],
    ['is 16 s after the seventh', 'r- r- r- r- r- r- r-', 16_000],
    ['is 30 s at most', 'r- r- r- r- r- r- r- r-', 30_000],
    ['stays at 30 s, however many fail', Array(1_100).fill('r-').join(' '), 30_000],
    ['begins anew after a read that succeeded', 'r- r- r+ r-', 250],
    ['begins anew after a write that succeeded', 'w- w- w+ w-', 250],
    ['begins anew after a write that succeeded during an outage of reads', 'r- r- w+ r-', 250],
    ['goes on for writes, though reads between them succeed', 'w- r+ w- r+ w-', 1_000],
    ['begins anew for reads, though writes fail, once a read succeeded', 'w- w- r+ r-', 250],
    ['grows from there when a write fails, too', 'w- w- r+ r- w-', 500],
    ['begins anew for writes once one has succeeded', 'w- r+ w- w+ r+ w-', 250],
    ['is not changed by a throttled contact', 'r- r~ w~ r-', 500],
  ])('%s', async (_, contacts, backOffMs) => {
    const fixture = linkWith();
    await make(contacts, fixture);
    const { link, time } = fixture;
    expect(link.mayTry(time.nowMs)).toBe(false);
    expect(link.mayTry(time.nowMs + backOffMs - 1)).toBe(false);
    expect(link.mayTry(time.nowMs + backOffMs)).toBe(true);
  });

  it.each([
    [0, 125],
    [0.5, 187.5],
    [1, 250],
  ])('is spread over its later half: random %d, %d ms', async (random, backOffMs) => {
    const fixture = linkWith({ random });
    await make('r-', fixture);
    const { link, time } = fixture;
    expect(link.mayTry(time.nowMs + backOffMs - 0.5)).toBe(false);
    expect(link.mayTry(time.nowMs + backOffMs)).toBe(true);
  });

  it('begins when the contact is given up, not when it was made', async () => {
    const fixture = linkWith();
    await make('r-', fixture);
    await make('r?', fixture);
    const { link, time } = fixture;
    expect(link.mayTry(time.nowMs + 499)).toBe(false);
  });

  it('is over when the clock was set back, for it would last longer than the longest', async () => {
    const fixture = linkWith();
    await make('r- r- r- r- r- r- r- r-', fixture);
    const { link, time } = fixture;
    expect(link.mayTry(time.nowMs - 1)).toBe(true);
    expect(link.mayTry(time.nowMs - HOUR_MS)).toBe(true);
  });

  it('is none while the store is in reach', async () => {
    const fixture = linkWith();
    expect(fixture.link.mayTry(fixture.time.nowMs)).toBe(true);
    await make('r- r+', fixture);
    expect(fixture.link.mayTry(fixture.time.nowMs)).toBe(true);
  });
});

describe('The budget', () => {
  it.each<[string, string, 'read' | 'patient read' | 'write', number]>([
    ['of the first contact, which has to connect', '', 'read', FIRST_READ_MS],
    ['of any other read', 'r+', 'read', READ_MS],
    ['of a read after a first one that failed', 'r-', 'read', READ_MS],
    ['of a read after a write', 'w+', 'read', READ_MS],
    ['of a patient read', 'r+', 'patient read', FIRST_READ_MS],
    ['of a write', 'r+', 'write', WRITE_MS],
    ['of a first write', '', 'write', WRITE_MS],
  ])('%s', async (_, before, kind, budgetMs) => {
    const fixture = linkWith();
    if (before) await make(before, fixture);
    const { time, link, read, write, timers } = fixture;
    const startedAtMs = time.nowMs;
    const late = kind === 'write' ? write('silent') : read('silent', kind === 'patient read');
    const error = await late;
    expect(time.nowMs - startedAtMs).toBe(budgetMs);
    expect(error).toMatchObject({
      name: 'StoreError',
      kind: 'unavailable',
      message: `The store gave no answer within ${budgetMs} ms`,
    });
    expect(link.isDown).toBe(true);
    expect(timers.size).toBe(0);
  });

  it('leaves no timer behind when the answer came, or the contact failed', async () => {
    const fixture = linkWith();
    expect(await fixture.read('succeeds')).toBe('answer');
    await make('r- w- w+', fixture);
    expect(fixture.timers.size).toBe(0);
  });

  it('ends the wait only: the late end of a contact changes nothing', async () => {
    const fixture = linkWith();
    const { time, link, outcomeOf, changes } = fixture;
    await make('r+', fixture);
    const late = [READ_MS + 1, READ_MS + 2].map((afterMs) =>
      outcomeOf(
        link.read(async () => {
          await time.wait(afterMs);
          if (afterMs > READ_MS + 1) throw new Error('late');
          return 'late';
        }, false),
      ),
    );
    for (const outcome of await Promise.all(late)) expect(outcome).toBeInstanceOf(StoreError);
    await time.run(100);
    expect([link.isDown, changes.length]).toEqual([true, 1]);
  });
});

describe('A write', () => {
  interface Row {
    readonly title: string;
    readonly endings: readonly Ending[];
    readonly mayRepeat?: boolean;
    readonly isDown?: boolean;
    readonly attempts: number;
    readonly failures: number;
    readonly outcome: unknown;
    readonly leavesDown: boolean;
  }
  const unavailable = expect.objectContaining({ kind: 'unavailable' });
  const throttled = expect.objectContaining({ kind: 'throttled' });

  it.each<Row>([
    {
      title: 'that succeeds is sent once',
      endings: ['succeeds'],
      attempts: 1,
      failures: 0,
      outcome: 'answer',
      leavesDown: false,
    },
    {
      title: 'whose outcome is unknown is sent again, and its success is no outage',
      endings: ['fails', 'succeeds'],
      attempts: 2,
      failures: 1,
      outcome: 'answer',
      leavesDown: false,
    },
    {
      title: 'is sent twice at most',
      endings: ['fails', 'silent', 'succeeds'],
      attempts: 2,
      failures: 2,
      outcome: unavailable,
      leavesDown: true,
    },
    {
      title: 'that may not be repeated is sent once',
      endings: ['fails', 'succeeds'],
      mayRepeat: false,
      attempts: 1,
      failures: 1,
      outcome: unavailable,
      leavesDown: true,
    },
    {
      title: 'that is throttled had no effect, and is not sent again',
      endings: ['throttled', 'succeeds'],
      attempts: 1,
      failures: 1,
      outcome: throttled,
      leavesDown: false,
    },
    {
      title: 'whose repeat is throttled is throttled, which is no outage',
      endings: ['fails', 'throttled'],
      attempts: 2,
      failures: 2,
      outcome: throttled,
      leavesDown: false,
    },
    {
      title: 'during an outage is sent once',
      endings: ['fails', 'succeeds'],
      isDown: true,
      attempts: 1,
      failures: 1,
      outcome: unavailable,
      leavesDown: true,
    },
    {
      title: 'that succeeds ends an outage',
      endings: ['succeeds'],
      isDown: true,
      attempts: 1,
      failures: 0,
      outcome: 'answer',
      leavesDown: false,
    },
  ])('$title', async ({ endings, mayRepeat = true, isDown = false, ...expected }) => {
    const fixture = linkWith();
    if (isDown) await make('r-', fixture);
    const sent: boolean[] = [];
    let failures = 0;
    const send = (isRepeat: boolean) => {
      const ending = endings[sent.push(isRepeat) - 1] ?? 'silent';
      return ATTEMPTS[ending]();
    };
    const contact = fixture.link.write({ send, mayRepeat, onFailure: () => failures++ });
    expect(await fixture.outcomeOf(contact)).toEqual(expected.outcome);
    expect(sent).toEqual([false, true].slice(0, expected.attempts));
    expect(failures).toBe(expected.failures);
    expect(fixture.link.isDown).toBe(expected.leavesDown);
  });
});

describe('An outage', () => {
  it('begins with the first failure and ends with the first success, published once each', async () => {
    const fixture = linkWith();
    const { link, events, changes } = fixture;
    await make('r+ r- r- w- r+ r+', fixture);
    expect(changes).toEqual([
      { name: 'x', available: false, error: expect.any(StoreError) },
      { name: 'x', available: true },
    ]);
    expect(events).toEqual(['down', 'published: down', 'up, down still: false', 'published: up']);
    expect(link.isDown).toBe(false);
  });

  it('has a number of its own, and the error of its latest contact', async () => {
    const fixture = linkWith();
    const { link } = fixture;
    expect([link.outageId, link.error]).toEqual([undefined, undefined]);
    await make('r+ r-', fixture);
    expect([link.outageId, link.error?.message]).toEqual([1, 'no connection']);
    await make('r?', fixture);
    expect([link.outageId, link.error?.message]).toEqual([
      1,
      `The store gave no answer within ${READ_MS} ms`,
    ]);
    await make('r+', fixture);
    expect([link.outageId, link.error]).toEqual([undefined, undefined]);
    await make('w-', fixture);
    expect(link.outageId).toBe(2);
  });

  it('is kept, and goes on, while contacts are throttled', async () => {
    const fixture = linkWith();
    await make('r- r~ w~', fixture);
    expect([fixture.link.isDown, fixture.link.error?.kind]).toEqual([true, 'unavailable']);
  });

  it('is what anything thrown amounts to, thrown at once or later', async () => {
    for (const thrown of [new TypeError('not an error of a store'), 'text']) {
      const { link, outcomeOf } = linkWith();
      const send = () => {
        throw thrown;
      };
      const expected = { kind: 'unavailable', message: String(thrown), cause: thrown };
      expect(await outcomeOf(link.read(send, false))).toMatchObject(expected);
      const contact = { send: () => Promise.reject(thrown), mayRepeat: true, onFailure: () => {} };
      expect(await outcomeOf(link.write(contact))).toMatchObject(expected);
      expect(link.isDown).toBe(true);
    }
  });
});

describe('The throttle factor', () => {
  it.each<[string, string, number]>([
    ['is 1 at first', 'r+', 1],
    ['doubles with each throttled read', 'r~ r~ r~', 8],
    ['is 16 at most', 'r~ r~ r~ r~ r~ r~', 16],
    ['halves with each success, of reads and writes', 'r~ r~ r~ r+ w+', 2],
    ['is 1 at least', 'r~ r+ r+ r+', 1],
    ['does not change when a write is throttled', 'r~ w~', 2],
    ['does not change when a contact fails', 'r~ r- w-', 2],
  ])('%s', async (_, contacts, factor) => {
    const fixture = linkWith();
    await make(contacts, fixture);
    expect(fixture.link.throttleFactor).toBe(factor);
  });

  it('is no outage', async () => {
    const fixture = linkWith();
    await make('r+ r~ w~', fixture);
    expect([fixture.link.isDown, fixture.events]).toEqual([false, []]);
  });
});
