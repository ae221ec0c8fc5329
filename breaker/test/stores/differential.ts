/** Several instances, manual edits, and two stores: whatever happens, both must show the same. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ABSENT_CIRCUIT, type Circuit, type Item } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import type { DecisionContext } from '../../src/protocol/context.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import type { OverrideRequest } from '../../src/protocol/writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import { circuitOf, FAILED } from '../support/circuits.ts';
import { runs } from '../support/property.ts';
import { CASES, MALFORMED, ME, NOW } from './cases.ts';
import { type Harness, memoryHarness, newName, outcomeOf, withoutKey } from './harness.ts';

const RUNS = 80;
const MAX_STEPS = 30;
const INSTANCES = 3;

/** What all of them see at first. */
const start = fc.constantFrom(...CASES.map(({ current }) => current));
const steps = fc.array(
  fc.record({
    who: fc.nat(INSTANCES - 1),
    does: fc.oneof(
      { weight: 20, arbitrary: fc.constant('write' as const) },
      { weight: 5, arbitrary: fc.constant('read' as const) },
      { weight: 1, arbitrary: fc.constant('edit' as const) },
    ),
    pick: fc.nat(1_000),
    passedMs: fc.nat(4_000),
    failureThreshold: fc.integer({ min: 1, max: 3 }),
    failureRate: fc.constantFrom(0.03, 0.2, 0.3, 0.5),
    /** Whether the instance takes note of what the write shows it. */
    learns: fc.boolean(),
  }),
  { maxLength: MAX_STEPS, size: 'max' },
);
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number];

export function behavesLikeMemory(harness: () => Harness): void {
  it('does the same as the memory store, whatever instances write and operators edit', async () => {
    const settings = runs(RUNS);
    console.info(`FC_SEED=${settings.seed}`);
    const met = new Set<string>();
    const agree = fc.asyncProperty(start, steps, async (current, taken) => {
      const pair = { memory: memoryHarness(), engine: harness(), name: newName() };
      await edit(pair, current === ABSENT_CIRCUIT ? undefined : { ...current });
      await compare(pair, Array(INSTANCES).fill(current), taken, met);
    });
    await fc.assert(agree, settings);
    // Otherwise they agreed about less than all there is.
    expect([...met].sort()).toEqual(OPERATIONS);
  });
}

interface Pair {
  readonly memory: Harness;
  readonly engine: Harness;
  readonly name: string;
}

async function compare(pair: Pair, views: Circuit[], taken: Step[], met: Set<string>) {
  let nowMs = NOW;
  for (const step of taken) {
    nowMs += step.passedMs;
    const current = views[step.who] ?? ABSENT_CIRCUIT;
    if (step.does === 'edit') await edit(pair, edited(await pair.memory.get(pair.name), step.pick));
    else if (step.does === 'read') views[step.who] = understood(await readBoth(pair)) ?? current;
    else {
      const write = writeFrom(current, step.pick, contextOf(step, nowMs));
      const item = await writeBoth(pair, write);
      met.add(write.operation);
      // Otherwise the contract and the mutation run, which go by the cases, would miss a condition.
      expect(CONDITIONS).toEqual(expect.arrayContaining(conditionsOf(write)));
      if (step.learns) views[step.who] = understood(item) ?? current;
    }
  }
}

async function readBoth({ memory, engine, name }: Pair): Promise<Item | undefined> {
  const found = await engine.store.read(name, { consistent: true });
  expect(found && withoutKey(found)).toEqual(await memory.get(name));
  return found;
}

async function writeBoth({ memory, engine, name }: Pair, write: Write): Promise<Item | undefined> {
  const expected = await memory.store.write(name, write);
  expect(outcomeOf(await engine.store.write(name, write))).toEqual(expected);
  return expected.item;
}

function contextOf({ who, failureThreshold, failureRate }: Step, nowMs: number): DecisionContext {
  const instanceId = `i${who}`;
  const rules = { ...ME.rules, failureThreshold, failureRate };
  return { ...ME, rules, instanceId, nowMs, probeId: `${instanceId}#${nowMs}` };
}

async function edit({ memory, engine, name }: Pair, item: Item | undefined): Promise<void> {
  await Promise.all([memory, engine].map((harness) => harness.put(name, item)));
}

/** One of the writes that the library could make of this view. */
function writeFrom(current: Circuit, pick: number, ctx: DecisionContext): Write {
  const own = [...writesOf(current, ctx), writes.close(current, 'drill', ctx)];
  const request = REQUESTS[pick % REQUESTS.length] ?? { reason: 'drill' };
  return own[pick % (own.length + 1)] ?? writes.applyOverride(current, request, ctx);
}

const REQUESTS: readonly OverrideRequest[] = [
  { override: 'FORCED_OPEN', overrideUntilMs: NOW + 60_000, reason: 'drill' },
  { override: 'FORCED_CLOSED', reason: 'drill' },
  { reason: 'drill' },
];

function writesOf(current: Circuit, ctx: DecisionContext): Write[] {
  switch (current.state) {
    case 'CLOSED':
      return [
        streakWrites.openStreak(current, FAILED, ctx),
        writes.trip(current, { cause: 'Error' }, ctx),
        ...(current.streakScore
          ? [
              streakWrites.countFailure(current, FAILED, ctx),
              streakWrites.forgive(current, FAILED, ctx),
              streakWrites.clearStreak(current, FAILED, ctx),
            ]
          : []),
        streakWrites.countReports(current, { calls: 8 }, ctx),
      ];
    case 'OPEN':
      return [writes.claimProbe(current, ctx)];
    case 'HALF_OPEN':
      if (current.probeOwner === undefined) return [writes.nextProbe(current, ctx)];
      return [
        writes.takeOverProbe(current, ctx),
        writes.reportProbe(current, { probesIssued: current.probesIssued - 1 }, ctx),
        writes.reportProbe(current, { probesOk: current.probesOk + 1 }, ctx),
        writes.reportProbe(current, { probesFailed: current.probesFailed + 1 }, ctx),
        writes.recover(current, { usualMs: 40 }, ctx),
        writes.reopen(current, { cause: 'Error' }, ctx),
      ];
  }
}

/** The item deleted, made nonsense, or with one attribute set to that of some nonsense. */
function edited(item: Item | undefined, pick: number): Item | undefined {
  const nonsense = MALFORMED[pick % MALFORMED.length]?.item;
  if (pick % 3 === 0 || !nonsense) return undefined;
  if (pick % 3 === 1) return nonsense;
  const [attribute, value] = Object.entries(nonsense)[pick % Object.keys(nonsense).length] ?? [];
  return attribute === undefined ? item : { ...item, [attribute]: value };
}

function understood(item: Item | undefined): Circuit | undefined {
  try {
    return circuitOf(item);
  } catch {
    return undefined;
  }
}

const OPERATIONS = [...new Set(CASES.map(({ write }) => write(ME).operation))].sort();
const CONDITIONS = CASES.flatMap(({ write }) => conditionsOf(write(ME)));

function conditionsOf({ operation, conditions }: Write): string[] {
  return conditions.map(({ attribute, is }) => `${operation}: ${attribute} ${is}`);
}
