/** How long one contact with the store may take, and what a later answer is good for. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import {
  ATTEMPTS,
  CONNECT_MS,
  HOUR_MS,
  IDLE_MS,
  type Kind,
  linkWith,
  make,
  READ_MS,
  WRITE_MS,
} from '../support/store-link.ts';

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

  it('of a read is not that of idleness if a write was repeated since', async () => {
    const fixture = linkWith();
    const { link, time, onLate, contact } = fixture;
    await make('r+', fixture);
    const fails = () => time.wait(200).then(ATTEMPTS.fails);
    const send = (isRepeat: boolean) => (isRepeat ? ATTEMPTS.succeeds() : fails());
    await time.until(link.write({ send, mayRepeat: true, onFailure: () => {}, onLate }));
    await time.run(IDLE_MS);
    const startedAtMs = time.nowMs;
    await contact('read', 'silent');
    expect(time.nowMs - startedAtMs).toBe(READ_MS);
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
