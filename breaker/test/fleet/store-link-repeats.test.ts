/** Which contacts with the store are sent again, and when. */
import { describe, expect, it } from 'vitest';
import type { StoreError } from '../../src/errors.ts';
import { ATTEMPTS, type Ending, linkWith, make } from '../support/store-link.ts';

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
