/** Several instances, a hand that edits, and two stores: whatever happens, both must show the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Circuit, type Item, NEVER_WRITTEN } from '../../src/state.ts';
import { decode } from '../../src/stores/item-codec.ts';
import type { Word, Write, Writer } from '../../src/writes.ts';
import * as writes from '../../src/writes.ts';
import { runs } from '../support/property.ts';
import { CASES, ME, NOW } from './cases.ts';
import { type Harness, memoryHarness, newName, outcomeOf, withoutKey } from './harness.ts';
import { NONSENSE } from './nonsense.ts';

const RUNS = 80;
const MAX_STEPS = 30;
const INSTANCES = 3;

/** What all of them see at first. */
const start = fc.constantFrom(...CASES.map(({ seen }) => seen));
const steps = fc.array(
  fc.record({
    who: fc.nat(INSTANCES - 1),
    does: fc.oneof(
      { weight: 20, arbitrary: fc.constant('write' as const) },
      { weight: 5, arbitrary: fc.constant('look' as const) },
      { weight: 1, arbitrary: fc.constant('edit' as const) },
    ),
    pick: fc.nat(1_000),
    passedMs: fc.nat(4_000),
    failureThreshold: fc.integer({ min: 1, max: 3 }),
    /** Whether the instance takes note of what the write shows it. */
    learns: fc.boolean(),
  }),
  { maxLength: MAX_STEPS, size: 'max' },
);
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number];

export function behavesLikeMemory(harness: () => Harness): void {
  it('does the same as the memory store, whatever instances and hands do', async () => {
    const settings = runs(RUNS);
    console.info(`FC_SEED=${settings.seed}`);
    const met = new Set<string>();
    const agree = fc.asyncProperty(start, steps, async (seen, taken) => {
      const pair = { memory: memoryHarness(), engine: harness(), name: newName() };
      await edit(pair, seen === NEVER_WRITTEN ? undefined : { ...seen });
      await compare(pair, Array(INSTANCES).fill(seen), taken, met);
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
    const seen = views[step.who] ?? NEVER_WRITTEN;
    if (step.does === 'edit') await edit(pair, edited(await pair.memory.get(pair.name), step.pick));
    else if (step.does === 'look') views[step.who] = understood(await look(pair)) ?? seen;
    else {
      const write = writeFrom(seen, step.pick, writerOf(step, nowMs));
      const item = await writeBoth(pair, write);
      met.add(write.operation);
      // Otherwise the contract and the mutation run, which go by the cases, would miss a condition.
      expect(CONDITIONS).toEqual(expect.arrayContaining(conditionsOf(write)));
      if (step.learns) views[step.who] = understood(item) ?? seen;
    }
  }
}

async function look({ memory, engine, name }: Pair): Promise<Item | undefined> {
  const found = await engine.store.read(name, { consistent: true });
  expect(found && withoutKey(found)).toEqual(await memory.get(name));
  return found;
}

async function writeBoth({ memory, engine, name }: Pair, write: Write): Promise<Item | undefined> {
  const expected = await memory.store.write(name, write);
  expect(outcomeOf(await engine.store.write(name, write))).toEqual(expected);
  return expected.item;
}

function writerOf({ who, failureThreshold }: Step, nowMs: number): Writer {
  const instanceId = `i${who}`;
  return { ...ME, instanceId, nowMs, probeId: `${instanceId}#${nowMs}`, failureThreshold };
}

async function edit({ memory, engine, name }: Pair, item: Item | undefined): Promise<void> {
  await Promise.all([memory, engine].map((harness) => harness.put(name, item)));
}

/** One of the writes that the library could make of this view. */
function writeFrom(seen: Circuit, pick: number, by: Writer): Write {
  const own = writesOf(seen, by);
  const word = WORDS[pick % WORDS.length] ?? { reason: 'word' };
  return own[pick % (own.length + 1)] ?? writes.overrule(seen, word, by);
}

const WORDS: readonly Word[] = [
  { override: 'FORCED_OPEN', overrideUntil: NOW + 60_000, reason: 'word' },
  { override: 'FORCED_CLOSED', reason: 'word' },
  { reason: 'word' },
];

function writesOf(seen: Circuit, by: Writer): Write[] {
  switch (seen.state) {
    case 'CLOSED':
      return [
        writes.openStreak(seen, 'Error', by),
        writes.trip(seen, 'Error', by),
        ...(seen.streakFailures
          ? [writes.countFailure(seen, by), writes.clearStreak(seen, by)]
          : []),
      ];
    case 'OPEN':
      return [writes.claimProbe(seen, by)];
    case 'HALF_OPEN':
      if (seen.probeOwner === undefined) return [writes.nextProbe(seen, by)];
      return [
        writes.takeOverProbe(seen, by),
        writes.reportProbe(seen, { probesIssued: seen.probesIssued - 1 }, by),
        writes.reportProbe(seen, { probesOk: seen.probesOk + 1 }, by),
        writes.reportProbe(seen, { probesFailed: seen.probesFailed + 1 }, by),
        writes.recover(seen, by),
        writes.reopen(seen, 'Error', by),
      ];
  }
}

/** The item deleted, made nonsense, or with one attribute set to that of some nonsense. */
function edited(item: Item | undefined, pick: number): Item | undefined {
  const nonsense = NONSENSE[pick % NONSENSE.length]?.item;
  if (pick % 3 === 0 || !nonsense) return undefined;
  if (pick % 3 === 1) return nonsense;
  const [attribute, value] = Object.entries(nonsense)[pick % Object.keys(nonsense).length] ?? [];
  return attribute === undefined ? item : { ...item, [attribute]: value };
}

function understood(item: Item | undefined): Circuit | undefined {
  try {
    return decode(item);
  } catch {
    return undefined;
  }
}

const OPERATIONS = [...new Set(CASES.map(({ write }) => write(ME).operation))].sort();
const CONDITIONS = CASES.flatMap(({ write }) => conditionsOf(write(ME)));

function conditionsOf({ operation, conditions }: Write): string[] {
  return conditions.map(({ attribute, is }) => `${operation}: ${attribute} ${is}`);
}
