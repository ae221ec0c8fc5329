/**
 * Lambda rule: a request beyond the concurrency limit is throttled (429), it never queues. A function with reserved
 * concurrency runs at most that many invocations at once, and that share is taken from the account's limit; all other
 * functions share what is left.
 */
export interface Concurrency {
  /** False when the invocation is throttled; whoever got true gives the place back. */
  take(functionName: string): boolean;
  giveBack(functionName: string): void;
}

interface Reservation {
  readonly name: string;
  readonly reservedConcurrency: number | undefined;
}

const UNRESERVED = '(unreserved)';

export function createConcurrency(limit: number, functions: Reservation[]): Concurrency {
  const free = new Map([[UNRESERVED, limit]]);
  for (const { name, reservedConcurrency } of functions) {
    if (reservedConcurrency === undefined) continue;
    free.set(name, reservedConcurrency);
    free.set(UNRESERVED, (free.get(UNRESERVED) ?? 0) - reservedConcurrency);
  }
  if ((free.get(UNRESERVED) ?? 0) < 0) {
    throw new Error(`the functions reserve more concurrency than the account has (${limit})`);
  }
  const shareOf = (name: string) => (free.has(name) ? name : UNRESERVED);
  const add = (name: string, n: number) => free.set(shareOf(name), freeFor(name) + n);
  const freeFor = (name: string) => free.get(shareOf(name)) ?? 0;
  return {
    take(name) {
      if (freeFor(name) <= 0) return false;
      add(name, -1);
      return true;
    },
    giveBack: (name) => void add(name, 1),
  };
}
