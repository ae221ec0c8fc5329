/** From a stored item to a circuit, and back. */
import {
  ABSENT_CIRCUIT,
  type Circuit,
  type CircuitState,
  type Item,
  isAbsent,
  SCHEMA_VERSION,
} from './circuit.ts';

/** `problem` names each attribute that makes no sense, with its value. */
export type Decoded = { readonly circuit: Circuit } | { readonly problem: string };

/** The latest time that a Date can hold; a larger number is no time. */
const MAX_TIME_MS = 8.64e15;

/** What an attribute may be. Every one not named here is an amount. */
const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  schemaVersion: (value) => value === SCHEMA_VERSION,
  state: isState,
  override: (value) => value === 'FORCED_OPEN' || value === 'FORCED_CLOSED',
  probeOwner: isText,
  updatedBy: isText,
  reason: isText,
};

const ALWAYS_REQUIRED = Object.keys(ABSENT_CIRCUIT);
const ALWAYS_OPTIONAL = ['closedAtMs', 'override', 'overrideUntilMs'];

interface Shape {
  readonly required: readonly string[];
  /** Groups of attributes: of each an item has either all or none. */
  readonly allOrNone: readonly (readonly string[])[];
}

const SHAPES: Readonly<Record<CircuitState, Shape>> = {
  CLOSED: {
    required: [],
    allOrNone: [
      ['streakScore', 'streakReports', 'streakStartedAtMs'],
      ['sampledCalls', 'sampledSinceMs'],
      ['usualMs'],
      ['clearedAtMs'],
    ],
  },
  OPEN: {
    required: ['openUntilMs', 'openDurationMs'],
    allOrNone: [],
  },
  HALF_OPEN: {
    required: ['probesIssued', 'probesOk', 'probesFailed'],
    allOrNone: [['probeOwner', 'probeLeaseUntilMs']],
  },
};

/**
 * The circuit that an item holds; no item is the absent circuit. Attributes
 * that do not belong to the item's state are left out.
 */
export function decodeItem(item: Item | undefined): Decoded {
  if (item === undefined) return { circuit: ABSENT_CIRCUIT };
  if (Number(item.schemaVersion) > SCHEMA_VERSION) return { problem: laterSchema(item) };
  const attributes = attributesOf(item);
  const wrong = attributes.filter((name) => !isSensible(name, item[name]));
  if (wrong.length > 0) return { problem: problemOf(item, wrong) };
  const entries = attributes.map((name) => [name, item[name]]);
  return { circuit: Object.fromEntries(entries) };
}

/** The item that holds the circuit, for a write to be applied to. */
export function encodeCircuit(circuit: Circuit): Item | undefined {
  return isAbsent(circuit) ? undefined : { ...circuit };
}

/** Whether a circuit has, in any of its states, an attribute of that name. */
export function isAttribute(name: string): boolean {
  const ofStates = Object.values(SHAPES).flatMap(({ required, allOrNone }) => [
    ...required,
    ...allOrNone.flat(),
  ]);
  return [...ALWAYS_REQUIRED, ...ALWAYS_OPTIONAL, ...ofStates].includes(name);
}

/**
 * The attributes that the item must have, or may have and has. Those of another state may be left
 * over from a manual edit; they are ignored rather than complained of.
 */
function attributesOf(item: Item): string[] {
  const isPresent = (name: string) => item[name] !== undefined;
  const attributes = [...ALWAYS_REQUIRED, ...ALWAYS_OPTIONAL.filter(isPresent)];
  if (!isState(item.state)) return attributes;
  const { required, allOrNone } = SHAPES[item.state];
  attributes.push(...required);
  for (const group of allOrNone) if (group.some(isPresent)) attributes.push(...group);
  return attributes;
}

function isSensible(name: string, value: unknown): boolean {
  const check = CHECKS[name] ?? isAmount;
  return check(value);
}

function isState(value: unknown): value is CircuitState {
  return value === 'CLOSED' || value === 'OPEN' || value === 'HALF_OPEN';
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME_MS;
}

/** Instances of a later version run beside this one, or have run before it. */
function laterSchema({ schemaVersion }: Item): string {
  const known = `this version of the library knows none after ${SCHEMA_VERSION}`;
  return `The circuit's item is of a later schema (schemaVersion = ${schemaVersion}): ${known}`;
}

function problemOf(item: Item, wrong: readonly string[]): string {
  const named = wrong.map((name) => `${name} = ${JSON.stringify(item[name])}`);
  return `The circuit's item makes no sense: ${named.join(', ')}`;
}
