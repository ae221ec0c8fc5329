/** One instance's contacts with its store: budgets, back-off, repeats and throttling. */
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { StoreError } from '../../src/errors.ts';
import { StoreLink } from '../../src/fleet/store-link.ts';

const READ_MS = 60;
const WRITE_MS = 120;
const CONNECT_MS = 500;
const IDLE_MS = 3_000;
const HOUR_MS = 3_600_000;

/** How one attempt ends: `silent` never does. */
type Ending = 'succeeds' | 'fails' | 'throttled' | 'disconnected' | 'silent';

const ATTEMPTS: Record<Ending, () => Promise<string>> = {
  succeeds: async () => 'answer',
  fails: () => Promise.reject(new StoreError('unavailable', 'no connection')),
  throttled: () => Promise.reject(new StoreError('throttled', 'too fast')),
  disconnected: () => Promise.reject(new StoreError('disconnected', 'connection lost')),
  silent: () => new Promise(() => {}),
};

type Kind = 'read' | 'patient read' | 'write';

/** A link, and what it does to its surroundings. `random`: 1 makes the back-off its longest. */
function linkWith({ random = 1, readMs = READ_MS } = {}) {
  const time = new VirtualTime();
  const timers = new Set<object>();
  const downs: { error: StoreError; isDown: boolean }[] = [];
  const late: unknown[] = [];
  let skewMs = 0;
  const settings = {
    random: () => random,
    storeBudget: { readMs, writeMs: WRITE_MS, connectMs: CONNECT_MS },
    clock: {
      now: () => time.nowMs + skewMs,
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
  };
  const link: StoreLink = new StoreLink(settings, (error) =>
    downs.push({ error, isDown: link.isDown }),
  );
  const onLate = (answer: unknown) => late.push(answer);
  const onFailure = () => {};

  /** Begins a contact; answers with its answer or its error. */
  function begin(kind: Kind, send: () => Promise<string>): Promise<unknown> {
    const contact =
      kind === 'write'
        ? link.write({ send, mayRepeat: false, onFailure, onLate })
        : link.read({ send, isPatient: kind === 'patient read', onLate });
    return contact.catch((error: StoreError) => error);
  }
  const contact = (kind: Kind, ending: Ending) => time.until(begin(kind, ATTEMPTS[ending]));
  /** A contact that is answered after that long, however long its budget is. */
  const slowContact = (kind: Kind, afterMs: number, ending: Ending = 'succeeds') =>
    begin(kind, () => time.wait(afterMs).then(ATTEMPTS[ending]));
  const setClockBack = (ms: number) => {
    skewMs -= ms;
  };
  const nowMs = () => settings.clock.now();
  return { time, timers, downs, late, link, onLate, contact, slowContact, setClockBack, nowMs };
}

/**
 * Makes contacts of one letter each: `r+` is a read that succeeds, `w-` a write that fails, `r~` a
 * read that is throttled, `r?` one that is never answered. `idle` lets more than IDLE_MS pass.
 */
async function make(contacts: string, { time, contact }: ReturnType<typeof linkWith>) {
  const endings: Record<string, Ending> = {
    '+': 'succeeds',
    '-': 'fails',
    '~': 'throttled',
    '?': 'silent',
  };
  for (const each of contacts.split(' ').filter(Boolean)) {
    const ending = endings[each.slice(1)];
    if (ending) await contact(each.startsWith('r') ? 'read' : 'write', ending);
    else await time.run(each === 'idle' ? IDLE_MS + 1 : IDLE_MS);
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
    ['begins with 250 ms though a write was throttled before', 'w~ r+ w-', 250],
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
  it.each<[string, string, Kind, number]>([
    ['of a first read, which has to connect', '', 'read', CONNECT_MS],
    ['of a first write, which may have to connect', 'r+', 'write', CONNECT_MS],
    ['of a first read after a write, too', 'w+', 'read', CONNECT_MS],
    ['of a first write, though a read has failed', 'r-', 'write', CONNECT_MS],
    ['of a first read, though a write has failed', 'w-', 'read', CONNECT_MS],
    ['of any other read', 'r+', 'read', READ_MS],
    ['of any other write', 'w+', 'write', WRITE_MS],
    ['of a read after a first one that failed', 'r-', 'read', READ_MS],
    ['of a patient read', 'r+', 'patient read', CONNECT_MS],
    ['of a read after idleness, which may have to connect anew', 'r+ idle', 'read', CONNECT_MS],
    ['of a write after idleness', 'w+ idle', 'write', CONNECT_MS],
    ['of a read after as long as a connection is kept', 'r+ pause', 'read', READ_MS],
    ['of a read if the latest write is not that long ago', 'r+ pause w+ pause', 'read', READ_MS],
    ['of a write if the latest read is not that long ago', 'w+ pause r+ pause', 'write', WRITE_MS],
    ['of a read after idleness if the store failed before', 'r- idle', 'read', READ_MS],
    ['of a write after idleness if the store was late before', 'w? idle', 'write', WRITE_MS],
    [
      'of a read after idleness if the store has recovered before',
      'r- r+ idle',
      'read',
      CONNECT_MS,
    ],
    ['of a read after idleness if it was throttled before', 'r+ r~ idle', 'read', CONNECT_MS],
    ['of a read after idleness if it was throttled ever', 'r~ idle', 'read', CONNECT_MS],
  ])('%s', async (_, before, kind, budgetMs) => {
    const fixture = linkWith();
    await make(before, fixture);
    const { time, link, contact, timers } = fixture;
    const startedAtMs = time.nowMs;
    const error = await contact(kind, 'silent');
    expect(time.nowMs - startedAtMs).toBe(budgetMs);
    expect(error).toMatchObject({
      name: 'StoreError',
      kind: 'unavailable',
      message: `The store gave no answer within ${budgetMs} ms`,
    });
    expect(link.isDown).toBe(true);
    expect(timers.size).toBe(0);
  });

  it('after a clock was set back is that of idleness, for nobody knows how long that was', async () => {
    const fixture = linkWith();
    const { contact, setClockBack, time } = fixture;
    await make('r+', fixture);
    setClockBack(HOUR_MS);
    const startedAtMs = time.nowMs;
    await contact('read', 'silent');
    expect(time.nowMs - startedAtMs).toBe(CONNECT_MS);
  });

  it('is never less than the usual one', async () => {
    const { contact, time } = linkWith({ readMs: 800 });
    const startedAtMs = time.nowMs;
    await contact('read', 'silent');
    expect(time.nowMs - startedAtMs).toBe(800);
  });

  it('of a repeated write is given twice', async () => {
    const { link, time, onLate } = linkWith();
    const startedAtMs = time.nowMs;
    const send = ATTEMPTS.silent;
    const contact = link.write({ send, mayRepeat: true, onFailure: () => {}, onLate });
    await time.until(contact.catch(() => {}));
    expect(time.nowMs - startedAtMs).toBe(CONNECT_MS + WRITE_MS);
  });

  it('leaves no timer behind when the answer came, or the contact failed', async () => {
    const fixture = linkWith();
    expect(await fixture.contact('read', 'succeeds')).toBe('answer');
    await make('r- w- w+', fixture);
    expect(fixture.timers.size).toBe(0);
  });
});

describe('An answer that comes after its budget', () => {
  it.each<[Kind, number]>([
    ['read', READ_MS],
    ['write', WRITE_MS],
  ])('is given to whom it concerns, once: %s', async (kind, budgetMs) => {
    const fixture = linkWith();
    await make('r+ w+', fixture);
    const { time, late, slowContact } = fixture;
    expect(await time.until(slowContact(kind, budgetMs - 1))).toBe('answer');
    expect(await time.until(slowContact(kind, budgetMs + 1))).toBeInstanceOf(StoreError);
    expect(late).toEqual([]);
    await time.run(1);
    expect(late).toEqual(['answer']);
  });

  it('is no answer if it is a failure, which has been counted', async () => {
    const fixture = linkWith();
    await make('r+', fixture);
    const { time, late, downs, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 1, 'fails'));
    await time.run(1);
    expect([late, downs.length, link.isDown]).toEqual([[], 1, true]);
    expect(link.mayTry(time.nowMs + 248)).toBe(false);
    expect(link.mayReport(time.nowMs)).toBe(false);
  });

  it('does not end the outage, but the back-off', async () => {
    const fixture = linkWith();
    await make('r+', fixture);
    const { time, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 10));
    expect(link.mayTry(time.nowMs)).toBe(false);
    await time.run(10);
    expect([link.isDown, link.mayTry(time.nowMs)]).toEqual([true, true]);
  });

  it('does not end the back-off after more than one failure', async () => {
    const fixture = linkWith();
    await make('r+ r-', fixture);
    const { time, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 10));
    await time.run(10);
    expect([link.isDown, link.mayTry(time.nowMs)]).toEqual([true, false]);
  });

  it('changes nothing once the outage has ended', async () => {
    const fixture = linkWith();
    await make('r+', fixture);
    const { time, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 10));
    await make('r+', fixture);
    await time.run(10);
    expect(link.isDown).toBe(false);
  });
});

describe('A failure may be reported', () => {
  it('while the store is in reach, and when a retry is due', async () => {
    const fixture = linkWith();
    const { link, nowMs } = fixture;
    expect(link.mayReport(nowMs())).toBe(true);
    await make('r-', fixture);
    expect(link.mayReport(nowMs() + 249)).toBe(false);
    expect(link.mayReport(nowMs() + 250)).toBe(true);
  });

  it('for some seconds after a late answer, whatever the back-off, unless the store failed since', async () => {
    const fixture = linkWith({ random: 1 });
    await make('r+ r- r- r- r- r- r-', fixture);
    const { time, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 10));
    expect(link.mayReport(time.nowMs)).toBe(false);
    await time.run(10);
    expect(link.mayTry(time.nowMs)).toBe(false);
    expect(link.mayReport(time.nowMs)).toBe(true);
    expect(link.mayReport(time.nowMs + IDLE_MS - 1)).toBe(true);
    expect(link.mayReport(time.nowMs + IDLE_MS)).toBe(false);
    await make('r-', fixture);
    expect(link.mayReport(time.nowMs)).toBe(false);
  });

  it('not for long after a late answer if the clock was set back meanwhile', async () => {
    const fixture = linkWith();
    await make('r+ r-', fixture);
    const { time, slowContact, link } = fixture;
    await time.until(slowContact('read', READ_MS + 10));
    await time.run(10);
    expect(link.mayReport(time.nowMs - IDLE_MS + 1)).toBe(true);
    expect(link.mayReport(time.nowMs - IDLE_MS)).toBe(false);
  });
});

interface Row {
  readonly title: string;
  readonly endings: readonly Ending[];
  readonly mayRepeat?: boolean;
  readonly isDown?: boolean;
  readonly attempts: number;
  readonly failures: number;
  readonly outcome: 'answer' | StoreError['kind'];
  readonly leavesDown: boolean;
}
const SUCCESS = { outcome: 'answer', leavesDown: false } as const;
const OUTAGE = { outcome: 'unavailable', leavesDown: true } as const;
const THROTTLED = { outcome: 'throttled', leavesDown: false } as const;

it.each<Row>([
  {
    title: 'that succeeds is sent once',
    endings: ['succeeds'],
    attempts: 1,
    failures: 0,
    ...SUCCESS,
  },
  {
    title: 'whose outcome is unknown is sent again, and its success is no outage',
    endings: ['fails', 'succeeds'],
    attempts: 2,
    failures: 1,
    ...SUCCESS,
  },
  {
    title: 'without an answer is sent twice at most',
    endings: ['fails', 'silent', 'succeeds'],
    attempts: 2,
    failures: 2,
    ...OUTAGE,
  },
  {
    title: 'that may not be repeated is sent once',
    endings: ['fails', 'succeeds'],
    mayRepeat: false,
    attempts: 1,
    failures: 1,
    ...OUTAGE,
  },
  {
    title: 'that is throttled had no effect, and is not sent again',
    endings: ['throttled', 'succeeds'],
    attempts: 1,
    failures: 1,
    ...THROTTLED,
  },
  {
    title: 'whose repeat is throttled is throttled, which is no outage',
    endings: ['fails', 'throttled'],
    attempts: 2,
    failures: 2,
    ...THROTTLED,
  },
  {
    title: 'whose connection broke is sent once more, which is no failure',
    endings: ['disconnected', 'succeeds'],
    attempts: 2,
    failures: 0,
    ...SUCCESS,
  },
  {
    title: 'whose connection broke, and whose next attempt failed, is repeated',
    endings: ['disconnected', 'fails', 'succeeds'],
    attempts: 3,
    failures: 1,
    ...SUCCESS,
  },
  {
    title: 'whose connections keep breaking is given up',
    endings: ['disconnected', 'disconnected', 'disconnected', 'disconnected', 'succeeds'],
    attempts: 4,
    failures: 2,
    outcome: 'disconnected',
    leavesDown: true,
  },
  {
    title: 'that may not be repeated is not sent again when its connection broke',
    endings: ['disconnected', 'succeeds'],
    mayRepeat: false,
    attempts: 1,
    failures: 1,
    outcome: 'disconnected',
    leavesDown: true,
  },
  {
    title: 'during an outage is sent once',
    endings: ['fails', 'succeeds'],
    isDown: true,
    attempts: 1,
    failures: 1,
    ...OUTAGE,
  },
  {
    title: 'that succeeds ends an outage',
    endings: ['succeeds'],
    isDown: true,
    attempts: 1,
    failures: 0,
    ...SUCCESS,
  },
])('A write $title', async ({ endings, mayRepeat = true, isDown = false, ...expected }) => {
  const fixture = linkWith();
  if (isDown) await make('r-', fixture);
  const { link, time, onLate } = fixture;
  const sent: boolean[] = [];
  let failures = 0;
  const send = (isRepeat: boolean) => ATTEMPTS[endings[sent.push(isRepeat) - 1] ?? 'silent']();
  const onFailure = () => failures++;
  const contact = link.write({ send, mayRepeat, onFailure, onLate });
  const outcome = await time.until(contact.catch(({ kind }: StoreError) => kind));
  expect(outcome).toBe(expected.outcome);
  expect(sent).toEqual([false, true, true, true].slice(0, expected.attempts));
  expect([failures, link.isDown]).toEqual([expected.failures, expected.leavesDown]);
});

it.each<[string, readonly Ending[], number, string]>([
  ['is sent once more if its connection broke', ['disconnected', 'succeeds'], 2, 'answer'],
  ['is sent once more only', ['disconnected', 'disconnected', 'succeeds'], 2, 'disconnected'],
  ['that fails otherwise is not sent again', ['fails', 'succeeds'], 1, 'unavailable'],
])('A read %s', async (_, endings, attempts, expected) => {
  const { link, time, onLate } = linkWith();
  let sent = 0;
  const send = () => ATTEMPTS[endings[sent++] ?? 'silent']();
  const contact = link.read({ send, isPatient: false, onLate });
  const outcome = await time.until(contact.catch(({ kind }: StoreError) => kind));
  expect([outcome, sent]).toEqual([expected, attempts]);
});

describe('A contact that has time to connect', () => {
  it.each<[string, readonly Ending[], boolean, unknown, readonly number[]]>([
    ['is sent again after half of it', ['silent', 'succeeds'], true, 'answer', [0, 250]],
    ['is sent twice only', ['silent', 'silent', 'succeeds'], true, 'unavailable', [0, 250]],
    ['is answered by either', ['silent', 'fails'], true, 'unavailable', [0, 250]],
    ['is not sent again once it was answered', ['succeeds', 'fails'], true, 'answer', [0]],
    [
      'is not sent again where it would count twice',
      ['silent', 'succeeds'],
      false,
      'unavailable',
      [0],
    ],
  ])('and finds silence %s', async (_, endings, mayRepeat, expected, sentAtMs) => {
    const { link, time, onLate } = linkWith();
    const startedAtMs = time.nowMs;
    const sent: number[] = [];
    const send = () => {
      sent.push(time.nowMs - startedAtMs);
      return ATTEMPTS[endings[sent.length - 1] ?? 'silent']();
    };
    const contact = mayRepeat
      ? link.read({ send, isPatient: true, onLate })
      : link.write({ send, mayRepeat, onFailure: () => {}, onLate });
    const outcome = await time.until(contact.catch(({ kind }: StoreError) => kind));
    await time.run(1_000);
    expect([outcome, sent]).toEqual([expected, sentAtMs]);
  });

  it('keeps the answer of its first attempt, if that comes before the other', async () => {
    const { link, time, onLate } = linkWith();
    let sent = 0;
    const send = () => time.wait(sent++ === 0 ? 300 : 400).then(() => sent);
    const startedAtMs = time.nowMs;
    await time.until(link.read({ send, isPatient: true, onLate }));
    expect([time.nowMs - startedAtMs, sent]).toEqual([300, 2]);
  });
});

describe('An outage', () => {
  it('begins with the first failure, of which the owner is told once, and ends with the first success', async () => {
    const fixture = linkWith();
    const { link, downs } = fixture;
    await make('r+ r- r- w- r+', fixture);
    expect(downs).toMatchObject([{ error: { message: 'no connection' }, isDown: true }]);
    expect(link.isDown).toBe(false);
    await make('w-', fixture);
    expect(downs).toHaveLength(2);
  });

  it('has the error of its latest contact', async () => {
    const fixture = linkWith();
    const { link } = fixture;
    expect(link.outageError).toBeUndefined();
    await make('r+ r-', fixture);
    expect(link.outageError?.message).toBe('no connection');
    await make('r?', fixture);
    expect(link.outageError?.message).toBe(`The store gave no answer within ${READ_MS} ms`);
    await make('r+', fixture);
    expect(link.outageError).toBeUndefined();
  });

  it('goes on while contacts are throttled, whose error is only the latest', async () => {
    const fixture = linkWith();
    const { link } = fixture;
    expect(link.latestError).toBeUndefined();
    await make('r- r~ w~', fixture);
    expect([link.isDown, link.outageError?.kind]).toEqual([true, 'unavailable']);
    expect(link.latestError?.kind).toBe('throttled');
  });

  it('is what anything thrown amounts to', async () => {
    for (const thrown of [new TypeError('not an error of a store'), 'text']) {
      const { link, time, onLate } = linkWith();
      const expected = { kind: 'unavailable', message: String(thrown), cause: thrown };
      const send = () => Promise.reject(thrown);
      const read = link.read({ send, isPatient: false, onLate });
      expect(await time.until(read.catch((error) => error))).toMatchObject(expected);
      const write = link.write({ send, mayRepeat: true, onFailure: () => {}, onLate });
      expect(await time.until(write.catch((error) => error))).toMatchObject(expected);
      expect(link.isDown).toBe(true);
    }
  });
});

it.each<[string, string, boolean]>([
  ['not at first', '', false],
  ['after one that failed', 'w-', true],
  ['after one that was throttled', 'w~', true],
  ['though reads succeed', 'w- r+', true],
  ['until one succeeds', 'w- w+', false],
  ['not when reads fail', 'w+ r-', false],
])('Writes are failing: %s', async (_, contacts, expected) => {
  const fixture = linkWith();
  await make(contacts, fixture);
  expect(fixture.link.areWritesFailing).toBe(expected);
});

it.each<[string, Ending, boolean]>([
  ['by a repeat that fails, too', 'fails', true],
  ['no more by a repeat that succeeds', 'succeeds', false],
])('Writes are failing: %s', async (_, repeat, expected) => {
  const fixture = linkWith();
  const { link, time, onLate } = fixture;
  if (!expected) await make('w- r+', fixture);
  const send = (isRepeat: boolean) => ATTEMPTS[isRepeat ? repeat : 'fails']();
  const contact = link.write({ send, mayRepeat: true, onFailure: () => {}, onLate });
  await time.until(contact.catch(() => {}));
  expect(link.areWritesFailing).toBe(expected);
});

it.each<[string, string, number]>([
  ['is 1 at first', 'r+', 1],
  ['doubles with each throttled read', 'r~ r~ r~', 8],
  ['is 256 at most', 'r~ r~ r~ r~ r~ r~ r~ r~ r~', 256],
  ['halves with each success, of reads and writes', 'r~ r~ r~ r+ w+', 2],
  ['is 1 at least', 'r~ r+ r+ r+', 1],
  ['does not change when a write is throttled', 'r~ w~', 2],
  ['does not change when a contact fails', 'r~ r- w-', 2],
])('The throttle factor %s', async (_, contacts, factor) => {
  const fixture = linkWith();
  await make(contacts, fixture);
  expect(fixture.link.throttleFactor).toBe(factor);
});

it('Throttling is no outage', async () => {
  const fixture = linkWith();
  await make('r+ r~ w~', fixture);
  expect([fixture.link.isDown, fixture.downs]).toEqual([false, []]);
});
