/**
 * Checks of what callers pass in. Each returns its problem as a line, undefined
 * if there is none, so that all of them are reported at once.
 */

/** DynamoDB's limit of a partition key, in bytes of UTF-8. */
const MAX_TEXT_BYTES = 2048;

/** The problems that are left of a list of checks. */
export function problemsIn(checks: readonly (string | undefined)[]): string[] {
  return checks.filter((problem) => problem !== undefined);
}

/** The problems below a heading, for an error's message. */
export function listed(heading: string, problems: readonly string[]): string {
  return [`${heading}:`, ...problems].join('\n- ');
}

export function textProblem(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return problem(name, value, 'a non-empty string');
  const bytes = new TextEncoder().encode(value).length;
  if (bytes <= MAX_TEXT_BYTES) return undefined;
  return `${name}: got ${bytes} bytes, expected at most ${MAX_TEXT_BYTES}`;
}

export function functionProblem(name: string, value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : problem(name, value, 'a function');
}

/** Whether `value` is an object that has all of these methods. */
export function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((method) => typeof (value as Given)[method] === 'function');
}

/** Names that mean nothing, each with the one that was probably meant. */
export function nameProblems(
  given: object,
  known: readonly string[],
  prefix = '',
): (string | undefined)[] {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const nearest = nearestOf(name, known);
    const hint = nearest === undefined ? '' : `; did you mean ${prefix}${nearest}?`;
    return `${prefix}${name}: there is no such option${hint}`;
  });
}

/** `value` is shown, but only its type where it is no plain value. */
export function problem(name: string, value: unknown, expected: string): string {
  return `${name}: got ${shown(value)}, expected ${expected}`;
}

type Given = Readonly<Record<string, unknown>>;

const SHOWN_LENGTH = 60;

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_LENGTH));
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** The known name with the fewest letters wrong, if not more than a third are. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= name.length / 3 ? best.candidate : undefined;
}

/** Letters to insert, remove or replace to make `b` of `a` (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let column = 0; column < b.length; column++) {
      const replaced = (row[column] ?? 0) + Number(letter !== b[column]);
      const removed = (row[column + 1] ?? 0) + 1;
      const inserted = (next[column] ?? 0) + 1;
      next.push(Math.min(replaced, removed, inserted));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
