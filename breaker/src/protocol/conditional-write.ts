/**
 * A conditional write is a value: what it sets, and the conditions under which a
 * store may apply it. A store needs to know nothing else (docs/adr/0001).
 */
import { type Attribute, type Circuit, isAbsent, SCHEMA_VERSION } from './circuit.ts';
import type { DecisionContext } from './context.ts';

export type AttributeValue = string | number;

/** Attributes to set; undefined removes the attribute. */
export type Changes = {
  readonly [A in Attribute]?: AttributeValue | undefined;
};

/**
 * A test of one attribute. `equal` to undefined holds if the attribute is
 * absent. The others never hold for an absent attribute, nor for one of another
 * type.
 */
export interface Condition {
  readonly attribute: Attribute;
  readonly is: 'equal' | 'below' | 'atLeast' | 'atMost';
  readonly value: AttributeValue | undefined;
}

/** A conditional write, applied atomically if all its conditions hold. */
export interface Write {
  /** The name of the write, for people: `trip`, `claimProbe`, ... */
  readonly operation: string;
  readonly conditions: readonly Condition[];
  readonly set: Changes;
  /** What to add to which attribute, in the same write. None of them is in `set`. */
  readonly add?: Additions;
}

export type Additions = { readonly [A in Attribute]?: number };

/**
 * Whether the write makes a new generation, and so is to be published. One that only creates the
 * item sets the generation to 0, which it had before.
 */
export function isTransition(write: Write): boolean {
  return Number(write.set.generation ?? 0) > 0;
}

/**
 * Whether `circuit` is what `write` left behind: they agree in writer, time and probe. Two writes of
 * one instance within a millisecond agree, too, unless they claim probes; both are its own.
 */
export function isResultOf(write: Write, circuit: Circuit): boolean {
  const stored: Changes = circuit;
  const { set } = write;
  return (
    set.updatedBy === stored.updatedBy &&
    set.updatedAtMs === stored.updatedAtMs &&
    set.probeOwner === stored.probeOwner
  );
}

export const NO_STREAK: Changes = {
  streakScore: undefined,
  streakReports: undefined,
  streakStartedAtMs: undefined,
};
export const NO_EXPERIENCE: Changes = {
  usualMs: undefined,
  clearedAtMs: undefined,
  sampledCalls: undefined,
  sampledSinceMs: undefined,
};
export const NO_PROBE: Changes = {
  probeOwner: undefined,
  probeLeaseUntilMs: undefined,
};
export const NO_OVERRIDE: Changes = {
  override: undefined,
  overrideUntilMs: undefined,
};
/** What a transition removes, unless it sets it: nothing is carried over. */
export const CLEARED: Changes = {
  ...NO_STREAK,
  ...NO_EXPERIENCE,
  ...NO_PROBE,
  ...NO_OVERRIDE,
  openUntilMs: undefined,
  openDurationMs: undefined,
  probesIssued: undefined,
  probesOk: undefined,
  probesFailed: undefined,
};

/** A write before it has its conditions. */
export interface Draft {
  readonly operation: string;
  /** The circuit that the write was derived from. */
  readonly current: Circuit;
  /** Attributes that must be unchanged, besides those of every write. */
  readonly pinned?: readonly Attribute[];
  readonly onlyIf?: Condition;
  readonly set: Changes;
  readonly add?: Additions;
}

/**
 * Every write needs these unchanged: the state's identity, the state itself (it
 * may have been edited manually) and the operator's override.
 */
const ALWAYS_PINNED: readonly Attribute[] = ['generation', 'state', 'override', 'overrideUntilMs'];

/** A write that makes a new generation of the circuit. */
export function transition(ctx: DecisionContext, draft: Draft): Write {
  const generation = draft.current.generation + 1;
  return build(ctx, {
    ...draft,
    set: { ...CLEARED, generation, ...draft.set },
  });
}

/** A write within the generation. */
export function build(ctx: DecisionContext, draft: Draft): Write {
  const { operation, add } = draft;
  const stamp = { updatedBy: ctx.instanceId, updatedAtMs: ctx.nowMs };
  return {
    operation,
    conditions: conditionsOf(draft),
    set: { ...creation(draft.current), ...draft.set, ...stamp },
    ...(add && { add }),
  };
}

function conditionsOf({ current, pinned = [], onlyIf }: Draft): Condition[] {
  // Nobody else may have created the item.
  if (isAbsent(current)) return [equal('generation', undefined)];
  const attributes: Changes = current;
  const unchanged = [...ALWAYS_PINNED, ...pinned].map((attribute) =>
    equal(attribute, attributes[attribute]),
  );
  return onlyIf ? [...unchanged, onlyIf] : unchanged;
}

/** What a write sets besides its own changes if it creates the item. */
function creation(current: Circuit): Changes {
  if (!isAbsent(current)) return {};
  return { ...current, schemaVersion: SCHEMA_VERSION };
}

function equal(attribute: Attribute, value: AttributeValue | undefined): Condition {
  return { attribute, is: 'equal', value };
}
