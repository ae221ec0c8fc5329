/** Each transition of an instance is published once. */
import { expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { Announcer, type MadeWrite } from '../../src/fleet/announcer.ts';
import type { StoreChange, Transition } from '../../src/ports.ts';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import type { Circuit, ClosedCircuit, OpenCircuit } from '../../src/protocol/circuit.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import { circuitOf, context, FAILED, failing, NOW_MS, open } from '../support/circuits.ts';

const ctx = context();
const due: ClosedCircuit = { ...failing, streakScore: 2 };
const TRIP = { write: writes.trip(due, { cause: 'TimeoutError' }, ctx), from: due };
const TRIPPED = resultOf(TRIP) as OpenCircuit;
const CLAIM = { write: writes.claimProbe(TRIPPED, ctx), from: TRIPPED };
const CLAIMED = resultOf(CLAIM);
const CLEAR = { write: streakWrites.clearStreak(due, FAILED, ctx), from: due };
const CLEARED = resultOf(CLEAR);
/** What another instance's trip would have left. */
const OTHERS: OpenCircuit = { ...TRIPPED, updatedBy: 'another' };

function resultOf({ write, from }: MadeWrite): Circuit {
  return circuitOf(applyWrite({ ...from }, write).item);
}

type Step = (announcer: Announcer) => void;

const applied =
  (made: MadeWrite, to = resultOf(made)): Step =>
  (announcer) =>
    announcer.applied(made, to, 'fleet');
const appliedLocally =
  (made: MadeWrite): Step =>
  (announcer) =>
    announcer.applied(made, resultOf(made), 'instance');
const unconfirmed =
  (made: MadeWrite): Step =>
  (announcer) =>
    announcer.unconfirmed(made);
const observed =
  (circuit: Circuit): Step =>
  (announcer) =>
    announcer.observed(circuit);

function publishedBy(steps: readonly Step[]): Transition[] {
  const published: Transition[] = [];
  const onTransition = (transition: Transition) => published.push(transition);
  const announcer = new Announcer({ name: 'x', onTransition, onStoreChange: () => {} });
  for (const step of steps) step(announcer);
  return published;
}

it('A transition is published with its circuit, its writer and its time', () => {
  expect(publishedBy([applied(TRIP)])).toEqual([
    {
      name: 'x',
      from: 'CLOSED',
      to: 'OPEN',
      operation: 'trip',
      generation: 8,
      override: undefined,
      reason: '3 x TimeoutError',
      atMs: NOW_MS,
      by: 'me',
      scope: 'fleet',
    },
  ]);
});

it('A transition to an override is published with it', () => {
  const request = { override: 'FORCED_OPEN', reason: 'drill' } as const;
  const made = { write: writes.applyOverride(open, request, ctx), from: open };
  const expected = { operation: 'override', from: 'OPEN', to: 'OPEN', override: 'FORCED_OPEN' };
  expect(publishedBy([applied(made)])).toMatchObject([expected]);
});

const NEXT_DAY = context({ nowMs: NOW_MS + 86_400_000 });
/** Attempts at the same trip, one a second. */
const ATTEMPTS = Array.from({ length: 9 }, (_, i) => ({
  write: writes.trip(due, { cause: 'Error' }, context({ nowMs: NOW_MS + i * 1_000 })),
  from: due,
}));
const [EARLIEST, ...LATER] = ATTEMPTS as [MadeWrite, ...MadeWrite[]];
const SAME_GENERATION = { write: writes.trip(due, { cause: 'Error' }, NEXT_DAY), from: due };

it.each<[string, readonly Step[], readonly string[]]>([
  ['within its generation is not published', [applied(CLEAR)], []],
  ['that two calls find to be applied is published once', [applied(TRIP), applied(TRIP)], ['trip']],
  [
    'that is applied and then observed is published once',
    [unconfirmed(TRIP), applied(TRIP), observed(TRIPPED)],
    ['trip'],
  ],
  [
    'that is observed is published once, though its answer comes after the next one was published',
    [unconfirmed(TRIP), observed(TRIPPED), applied(CLAIM), applied(TRIP)],
    ['trip', 'claimProbe'],
  ],
  [
    'of the same generation is published again if it was made anew, after a reset',
    [applied(TRIP), applied(SAME_GENERATION)],
    ['trip', 'trip'],
  ],
  [
    'made in local mode is published besides one of the fleet',
    [applied(TRIP), appliedLocally(TRIP)],
    ['trip', 'instance trip'],
  ],
  [
    'made in local mode does not hide that it is then made in the fleet',
    [appliedLocally(TRIP), applied(TRIP)],
    ['instance trip', 'trip'],
  ],
  [
    'made in local mode is published once',
    [appliedLocally(TRIP), appliedLocally(TRIP)],
    ['instance trip'],
  ],
  ['whose answer is lost is not published before it is observed', [unconfirmed(TRIP)], []],
  [
    'whose answer is lost is published when it is observed, once',
    [unconfirmed(TRIP), observed(TRIPPED), observed(TRIPPED)],
    ['trip'],
  ],
  [
    'whose answer is lost is published though an earlier item is observed first',
    [unconfirmed(TRIP), observed(due), observed(TRIPPED)],
    ['trip'],
  ],
  [
    "whose answer is lost is not published when another instance's is observed",
    [unconfirmed(TRIP), observed(OTHERS)],
    [],
  ],
  [
    'whose answer is lost is not published when what followed it is observed',
    [unconfirmed(TRIP), observed(CLAIMED)],
    [],
  ],
  [
    'whose answer is lost is published though the answer to a write within the generation is lost, too',
    [unconfirmed(TRIP), unconfirmed(CLEAR), observed(TRIPPED)],
    ['trip'],
  ],
  [
    'whose answer is lost is what is published, not a write of the same moment within the generation',
    [unconfirmed(CLEAR), unconfirmed(TRIP), observed(TRIPPED)],
    ['trip'],
  ],
  [
    'whose answer is lost is forgotten after eight more attempts',
    [...ATTEMPTS.map(unconfirmed), observed(resultOf(EARLIEST))],
    [],
  ],
  [
    'whose answer is lost is published after seven more attempts, each of which is lost twice',
    [EARLIEST, ...LATER.slice(1)]
      .flatMap((made) => [unconfirmed(made), unconfirmed(made)])
      .concat(observed(resultOf(EARLIEST))),
    ['trip'],
  ],
  [
    'whose answer is lost is published though the next attempt at it is lost, too',
    [unconfirmed(TRIP), unconfirmed(SAME_GENERATION), observed(TRIPPED)],
    ['trip'],
  ],
  [
    'whose answer is lost is dropped when what followed it is observed',
    [unconfirmed(TRIP), unconfirmed(CLAIM), observed(CLAIMED), observed(TRIPPED)],
    ['claimProbe'],
  ],
  [
    "whose answer is lost is dropped when another instance's of its generation is observed",
    [unconfirmed(TRIP), observed(OTHERS), observed(TRIPPED)],
    [],
  ],
  [
    'that is observed was made by another instance, if not by a lost write',
    [observed(TRIPPED)],
    [],
  ],
  [
    'within its generation is not published when it is observed either',
    [unconfirmed(CLEAR), observed(CLEARED)],
    [],
  ],
  [
    'is published again after an outage only if it is another one',
    [unconfirmed(TRIP), observed(TRIPPED), appliedLocally(CLAIM), observed(TRIPPED)],
    ['trip', 'instance claimProbe'],
  ],
])('A write %s', (_, steps, expected) => {
  const published = publishedBy(steps).map(({ scope, operation }) =>
    scope === 'fleet' ? operation : `${scope} ${operation}`,
  );
  expect(published).toEqual(expected);
});

it('A transition is published with the states that callers meet', () => {
  const force = { override: 'FORCED_OPEN', overrideUntilMs: NOW_MS + 1, reason: 'drill' } as const;
  const forcing = { write: writes.applyOverride(due, force, ctx), from: due };
  const forced = resultOf(forcing);
  const releasing = {
    write: writes.applyOverride(forced, { reason: 'x' }, NEXT_DAY),
    from: forced,
  };
  const shown = publishedBy([applied(forcing), applied(releasing)]);
  expect(shown).toMatchObject([
    { from: 'CLOSED', to: 'OPEN', operation: 'override' },
    { from: 'OPEN', to: 'OPEN', operation: 'release' },
  ]);
});

it('Each change of the store’s condition is published once', () => {
  const changes: StoreChange[] = [];
  const onStoreChange = (change: StoreChange) => changes.push(change);
  const announcer = new Announcer({ name: 'x', onTransition: () => {}, onStoreChange });
  const [first, second] = [1, 2].map((n) => new StoreError('unavailable', `error ${n}`));
  announcer.storeAvailable();
  expect(changes).toEqual([]);
  for (const error of [first, second]) announcer.storeUnavailable(error as StoreError);
  expect(changes).toEqual([{ name: 'x', available: false, error: first }]);
  announcer.storeAvailable();
  announcer.storeAvailable();
  expect(changes.slice(1)).toEqual([{ name: 'x', available: true }]);
  announcer.storeUnavailable(second as StoreError);
  expect(changes.slice(2)).toEqual([{ name: 'x', available: false, error: second }]);
});
