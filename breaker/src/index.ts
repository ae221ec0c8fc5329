import { Breaker } from './breaker.ts';
import { type BreakerOptions, loadOptions } from './options.ts';

/**
 * A circuit breaker that shares its state with every instance that uses the same name and store.
 * Create it once per instance, outside the handler. Throws InvalidOptionsError.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  return new Breaker(loadOptions(options));
}

export type { Breaker, ExecuteOptions } from './breaker.ts';
export * from './errors.ts';
export type { BreakerOptions, CallResult } from './options.ts';
export { classifyHttpStatus, defaultClassify } from './options.ts';
export type * from './ports.ts';
export type { Attribute, CircuitState, Item, Override } from './state.ts';
export { memoryStore } from './stores/memory-store.ts';
export type { Verdict } from './transitions.ts';
export type { Condition, Write } from './writes.ts';
