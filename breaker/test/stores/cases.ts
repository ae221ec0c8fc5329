/**
 * Every write of the protocol: what it makes of an item, and which items refuse it. The cases are data
 * that an implementation in another language can run as well (docs/protocol.md); here they are run on
 * the writes of this one. They were written from the protocol, not derived from the writes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Circuit,
  ClosedCircuit,
  HalfOpenCircuit,
  Item,
  OpenCircuit,
} from '../../src/protocol/circuit.ts';
import { ABSENT_CIRCUIT } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import type { DecisionContext, Rules } from '../../src/protocol/context.ts';
import * as streaks from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';

const FILE = join(import.meta.dirname, '../../protocol/cases.json');

/** The values of each attribute that must refuse a write; null where it is absent. */
type Refusals = Readonly<Record<string, readonly unknown[]>>;

interface WriteCase {
  readonly title: string;
  readonly operation: string;
  readonly arguments?: Arguments;
  /** Rules that differ from those of the context. */
  readonly rules?: Partial<Rules>;
  /** The item that the writer saw; null where there was none. */
  readonly current: Item | null;
  readonly after: Item;
  readonly refusedIf: Refusals;
  /** How many of a hundred racing writers are applied; 1 unless stated. */
  readonly winners?: number;
}

interface OverrideVariant {
  readonly suffix: string;
  readonly adds: Item;
  readonly refusedIf: Refusals;
}

interface Malformed {
  readonly title: string;
  readonly item: Item;
  /** The attributes that make no sense. */
  readonly problems: readonly string[];
}

interface CasesFile {
  readonly context: DecisionContext;
  readonly overrides: readonly OverrideVariant[];
  readonly writes: readonly WriteCase[];
  readonly malformed: readonly Malformed[];
}

const file: CasesFile = JSON.parse(readFileSync(FILE, 'utf8'));

export const ME = file.context;
export const NOW = ME.nowMs;
export const MALFORMED = file.malformed;

export interface Case {
  readonly title: string;
  /** What the writer saw, and what is stored unless a test edits it. */
  readonly current: Circuit;
  readonly write: (ctx: DecisionContext) => Write;
  /** The item after the write by `ME`, exactly. */
  readonly after: Item;
  readonly refusedIf: Refusals;
  readonly winners: number;
  /** Differs from the case before in the override that was current, and in nothing else. */
  readonly isVariant: boolean;
}

function caseOf(given: WriteCase): Case {
  const { title, operation, rules, after, refusedIf, winners = 1 } = given;
  const current = (given.current ?? ABSENT_CIRCUIT) as Circuit;
  const make = WRITES[operation];
  if (make === undefined) throw new Error(`${title}: there is no write named ${operation}`);
  const write = (ctx: DecisionContext) =>
    make(current, given.arguments ?? {}, { ...ctx, rules: { ...ctx.rules, ...rules } });
  return { title, current, write, after, refusedIf, winners, isVariant: false };
}

/** Only a write that makes a new generation ends an override. */
function variantOf(base: WriteCase, { suffix, adds, refusedIf }: OverrideVariant): Case {
  const isKept = base.after.generation === base.current?.generation;
  const variant = caseOf({
    ...base,
    title: `${base.title} ${suffix}`,
    current: { ...base.current, ...adds },
    after: isKept ? { ...base.after, ...adds } : base.after,
    refusedIf: { ...base.refusedIf, ...refusedIf },
  });
  return { ...variant, isVariant: true };
}

/** What a write needs besides the item and the context. */
interface Arguments {
  readonly cause?: string;
  /** How many calls a report stands for. */
  readonly calls?: number;
  /** How long successes usually take, if the writer knows it. */
  readonly usualMs?: number;
  readonly reason?: string;
  readonly override?: 'FORCED_OPEN' | 'FORCED_CLOSED';
  readonly overrideUntilMs?: number;
  /** The new counts of a probe's report. */
  readonly probesIssued?: number;
  readonly probesOk?: number;
  readonly probesFailed?: number;
}

type Make = (current: Circuit, given: Arguments, ctx: DecisionContext) => Write;

const WRITES: Readonly<Record<string, Make>> = {
  openStreak: (current, { cause = '', calls = 0, usualMs }, ctx) =>
    streaks.openStreak(current as ClosedCircuit, { cause, calls, usualMs }, ctx),
  countFailure: (current, { calls = 0 }, ctx) =>
    streaks.countFailure(current as ClosedCircuit, { calls }, ctx),
  forgive: (current, { calls = 0 }, ctx) =>
    streaks.forgive(current as ClosedCircuit, { calls }, ctx),
  countReports: (current, { calls = 0 }, ctx) =>
    streaks.countReports(current as ClosedCircuit, { calls }, ctx),
  trip: (current, { cause = '' }, ctx) => writes.trip(current as ClosedCircuit, { cause }, ctx),
  clearStreak: (current, { calls = 0 }, ctx) =>
    streaks.clearStreak(current as ClosedCircuit, { calls }, ctx),
  claimProbe: (current, _, ctx) => writes.claimProbe(current as OpenCircuit, ctx),
  nextProbe: (current, _, ctx) => writes.nextProbe(current as HalfOpenCircuit, ctx),
  takeOverProbe: (current, _, ctx) => writes.takeOverProbe(current as HalfOpenCircuit, ctx),
  reportProbe: (current, counts, ctx) =>
    writes.reportProbe(current as HalfOpenCircuit, { ...counts }, ctx),
  recover: (current, { usualMs }, ctx) =>
    writes.recover(current as HalfOpenCircuit, { usualMs }, ctx),
  reopen: (current, { cause = '' }, ctx) =>
    writes.reopen(current as HalfOpenCircuit, { cause }, ctx),
  override: (current, { reason = '', ...given }, ctx) =>
    writes.applyOverride(current, { ...given, reason }, ctx),
  release: (current, { reason = '' }, ctx) => writes.applyOverride(current, { reason }, ctx),
  close: (current, { reason = '' }, ctx) => writes.close(current, reason, ctx),
};

export const CASES: readonly Case[] = file.writes.flatMap((base) => {
  if (base.current === null) return [caseOf(base)];
  return [caseOf(base), ...file.overrides.map((variant) => variantOf(base, variant))];
});

/** The item that the case of that title begins with. */
function currentOf(title: string): Circuit {
  const found = CASES.find((each) => each.title === title);
  if (!found) throw new Error(`There is no case named ${title}`);
  return found.current;
}

export const FAILING = currentOf('countFailure') as ClosedCircuit;
export const DUE_TO_TRIP = currentOf('trip') as ClosedCircuit;
export const OPEN = currentOf('claimProbe') as OpenCircuit;
export const BETWEEN_PROBES = currentOf('nextProbe') as HalfOpenCircuit;
export const PROBING = currentOf('takeOverProbe') as HalfOpenCircuit;
