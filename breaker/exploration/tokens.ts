import { PRIVATE } from './private-state.ts';

/** What a token is: a number, a text, the name of an instance, or the owner of a probe. */
const NUMBER = 0;
const TEXT = 1;
const NAME = 2;
const OWNER = 3;

/** A value's content as pairs of a tag and a number. */
export type Tokens = number[];

/** Parts of a breaker that never change, or that nothing is decided on. */
const LEFT_OUT = new Set(['settings', 'promises', 'journal', 'writers', 'instance', 'stack']);
const MISSING = 'undefined';
/** Names of instances are a letter and the number of their incarnation: `a1`. */
const INSTANCE_ID = /^([a-z])(\d+)$/;
const FIRST_LETTER = 'a'.charCodeAt(0);
const MAX_INCARNATIONS = 64;

const texts = new Map<string, number>();
const textTokens = new Map<string, Tokens>();

/** Appends the content of `value`: private fields too, functions and promises not. */
export function tokenize(value: unknown, into: Tokens, seen = new Set<object>()): void {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) into.push(NUMBER, value);
      else into.push(TEXT, numberOfText(String(value)));
      return;
    case 'boolean':
      into.push(NUMBER, value ? 1 : 0);
      return;
    case 'string':
      into.push(...tokensOfText(value));
      return;
    case 'object':
      if (value === null) into.push(TEXT, numberOfText(MISSING));
      else tokenizeObject(value, into, seen);
      return;
    case 'undefined':
      into.push(TEXT, numberOfText(MISSING));
  }
}

function tokenizeObject(value: object, into: Tokens, seen: Set<object>): void {
  if (value instanceof Promise) return;
  if (seen.has(value)) return;
  const isKept = Array.isArray(value) || PRIVATE in value;
  if (isKept) seen.add(value);
  if (value instanceof Map) {
    tokenizeEntries([...value], into, seen);
    return;
  }
  if (Array.isArray(value) || value instanceof Set) {
    into.push(TEXT, numberOfText('['));
    for (const element of value) tokenize(element, into, seen);
    into.push(TEXT, numberOfText(']'));
    return;
  }
  const read = (value as { [PRIVATE]?: () => object })[PRIVATE];
  if (read) tokenizeFields(read.call(value), into, seen);
  tokenizeFields(value, into, seen);
}

/** Entries by key, because the order in which they were made says nothing. */
function tokenizeEntries(
  entries: readonly (readonly [unknown, unknown])[],
  into: Tokens,
  seen: Set<object>,
): void {
  const sorted = entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  for (const [key, value] of sorted) {
    tokenize(key, into, seen);
    tokenize(value, into, seen);
  }
}

function tokenizeFields(fields: object, into: Tokens, seen: Set<object>): void {
  for (const name of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[name];
    if (value === undefined || typeof value === 'function' || LEFT_OUT.has(name)) continue;
    into.push(TEXT, numberOfText(name));
    tokenize(value, into, seen);
  }
}

/** A text as it is, or the name of an instance, or an owner: a name and the number of a claim. */
function tokensOfText(text: string): Tokens {
  const known = textTokens.get(text);
  if (known) return known;
  const [id = '', claim] = text.split('#');
  const [, letter, incarnation] = INSTANCE_ID.exec(id) ?? [];
  const tokens =
    letter === undefined
      ? [TEXT, numberOfText(text)]
      : [NAME, nameOf(letter.charCodeAt(0) - FIRST_LETTER, Number(incarnation))];
  if (letter !== undefined && claim !== undefined) tokens.push(OWNER, numberOfText(text));
  textTokens.set(text, tokens);
  return tokens;
}

function nameOf(slot: number, incarnation: number): number {
  return slot * MAX_INCARNATIONS + incarnation;
}

function numberOfText(text: string): number {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, texts.size);
  return texts.size - 1;
}

/** A state's key: two halves of 32 bits each. */
export interface Key {
  readonly low: number;
  readonly high: number;
}

/**
 * The key of a fleet's state: the same whichever of its instances is the first, for they are all
 * alike. `shared`: what is nobody's own. Owners of probes are numbered in the order in which they
 * are met, for nobody cares how many decisions came before a claim.
 */
export function keyOf(shared: Tokens, instances: readonly Tokens[]): Key {
  let least: Key | undefined;
  for (let first = 0; first < instances.length; first++) {
    const key = keyFrom(first, shared, instances);
    const isLess =
      !least || key.high < least.high || (key.high === least.high && key.low < least.low);
    if (isLess) least = key;
  }
  return least as Key;
}

function keyFrom(first: number, shared: Tokens, instances: readonly Tokens[]): Key {
  const count = instances.length;
  const owners = new Map<number, number>();
  let low = 0x9e3779b9 | 0;
  let high = 0x85ebca6b | 0;
  const mix = (value: number) => {
    low = Math.imul(low ^ value, 0xcc9e2d51);
    low = (low ^ (low >>> 15)) + 0x7ed55d16;
    high = Math.imul(high ^ value, 0x1b873593);
    high = ((high << 13) | (high >>> 19)) + 0x3c6ef372 + (low >>> 7);
  };
  const mixAll = (tokens: Tokens) => {
    mix(tokens.length);
    for (let i = 0; i < tokens.length; i += 2) {
      const tag = tokens[i] as number;
      let value = tokens[i + 1] as number;
      if (tag === NAME) value = renamed(value, first, count);
      if (tag === OWNER) value = ordinalIn(owners, value);
      mix(tag);
      mix(value);
      mix(value / 4_294_967_296);
      if (value % 1 !== 0) mix(value * 65_536);
    }
  };
  mixAll(shared);
  for (let i = 0; i < count; i++) mixAll(instances[(first + i) % count] as Tokens);
  return { low: scramble(low ^ high) >>> 0, high: scramble(high) >>> 0 };
}

/** The name as it would be if the instance `first` were the first. Operators keep theirs. */
function renamed(name: number, first: number, count: number): number {
  const slot = Math.floor(name / MAX_INCARNATIONS);
  if (slot >= count) return name;
  return name + (((slot - first + count) % count) - slot) * MAX_INCARNATIONS;
}

function ordinalIn(owners: Map<number, number>, owner: number): number {
  const known = owners.get(owner);
  if (known !== undefined) return known;
  owners.set(owner, owners.size);
  return owners.size - 1;
}

function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
