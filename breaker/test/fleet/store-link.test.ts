/** When an instance leaves its store alone: outages, the back-off, and throttling. */
import { describe, expect, it } from 'vitest';
import {
  ATTEMPTS,
  type Ending,
  HOUR_MS,
  IDLE_MS,
  linkWith,
  make,
  READ_MS,
} from '../support/store-link.ts';

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
