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
/** Sets numbers of different tags apart. */
const LARGE = 0x2f0b4c47;
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
  if (read) tokenizeOwn(read.call(value), into, seen);
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

/** The private fields of a class are always the same ones, so their names say nothing. */
function tokenizeOwn(fields: object, into: Tokens, seen: Set<object>): void {
  for (const [name, value] of Object.entries(fields))
    if (!LEFT_OUT.has(name)) tokenize(value, into, seen);
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

/** A living instance, and all that is its own. */
export interface Named {
  readonly id: string;
  readonly tokens: Tokens;
}

/**
 * The key of a fleet's state: the same in whatever order its instances are, for they are all alike. `shared`: what is nobody's own. Owners of probes and instances that are no more are numbered
 * in the order in which they are met, for nobody cares what they are called.
 */
export function keyOf(shared: Tokens, instances: readonly Named[]): Key {
  const [key, ...others] = ordersOf(instances).map((ordered) => keyInOrder(shared, ordered));
  return others.reduce((least, other) => (isLess(other, least) ? other : least), key as Key);
}

function isLess(a: Key, b: Key): boolean {
  return a.high < b.high || (a.high === b.high && a.low < b.low);
}

/** Every order of the elements. */
function ordersOf<T>(elements: readonly T[]): readonly (readonly T[])[] {
  if (elements.length <= 1) return [elements];
  return elements.flatMap((first, at) =>
    ordersOf(elements.toSpliced(at, 1)).map((rest) => [first, ...rest]),
  );
}

function keyInOrder(shared: Tokens, instances: readonly Named[]): Key {
  const living = instances.map(({ id }) => tokensOfText(id)[1] as number);
  const owners = new Map<number, number>();
  const others = new Map<number, number>();
  let low = 0x9e3779b9 | 0;
  let high = 0x85ebca6b | 0;
  const mix = (value: number) => {
    low = Math.imul(low ^ value, 0xcc9e2d51);
    low = (low ^ (low >>> 15)) + 0x7ed55d16;
    high = Math.imul(high ^ value, 0x1b873593);
    high = ((high << 13) | (high >>> 19)) + 0x3c6ef372 + (low >>> 7);
  };
  const mixNumber = (tag: number, value: number) => {
    const whole = value | 0;
    mix(whole === value ? whole + tag * LARGE : LARGE + tag);
    if (whole === value) return;
    mix(whole);
    mix(value / 4_294_967_296);
    mix((value % 1) * 65_536);
  };
  const mixAll = (tokens: Tokens) => {
    mix(tokens.length);
    for (let i = 0; i < tokens.length; i += 2) {
      const tag = tokens[i] as number;
      const value = tokens[i + 1] as number;
      const place = tag === NAME ? living.indexOf(value) : -1;
      if (place >= 0) mixNumber(tag, place);
      else if (tag === NAME) mixNumber(tag, living.length + ordinalIn(others, value));
      else if (tag === OWNER) mixNumber(tag, ordinalIn(owners, value));
      else mixNumber(tag, value);
    }
  };
  mixAll(shared);
  for (const { tokens } of instances) mixAll(tokens);
  return { low: scramble(low ^ high) >>> 0, high: scramble(high) >>> 0 };
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
