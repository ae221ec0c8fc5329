/**
 * A process may hold several copies of this library: one that is imported and one that is required,
 * two versions, two bundles. What must be the same in all of them is found by a registered symbol.
 */

/** The value of that name, made by the first copy that asks for it. */
export function sharedByCopies<T>(name: string, make: () => T): T {
  const key = symbolOf(name);
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  const value = shared[key] ?? make();
  shared[key] = value;
  return value;
}

/**
 * Makes `instanceof type` true for an error of the same class from another copy. A subclass stays
 * the usual test: it is nobody's but its author's.
 */
export function recogniseCopies(type: new (...args: never) => Error, name: string): void {
  const mark = symbolOf(name);
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      if (this === type) return isObject(candidate) && mark in candidate;
      return Function.prototype[Symbol.hasInstance].call(this, candidate);
    },
  });
}

function symbolOf(name: string): symbol {
  return Symbol.for(`fleet-breaker/${name}`);
}

function isObject(candidate: unknown): candidate is object {
  return typeof candidate === 'object' && candidate !== null;
}
