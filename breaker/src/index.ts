import { Breaker } from './breaker.ts';
import { type BreakerOptions, loadOptions } from './options.ts';
import { system } from './system.ts';

/**
 * A circuit breaker that shares its state with every instance that uses the same name and store.
 * Create it once per instance, outside the handler. Throws InvalidOptionsError.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  return new Breaker(loadOptions(options, system));
}

export type { Breaker, ExecuteOptions, Prefetch } from './breaker.ts';
export {
  CallTimeoutError,
  CircuitOpenError,
  FailedResultError,
  InvalidOptionsError,
  StoreError,
} from './errors.ts';
export {
  type BreakerOptions,
  type CallResult,
  classifyHttpStatus,
  defaultClassify,
} from './options.ts';
export type {
  CallRecord,
  CircuitStatus,
  CircuitStore,
  Clock,
  StoreChange,
  Transition,
  WriteResult,
} from './ports.ts';
export type { Attribute, CircuitState, Item, Override } from './state.ts';
export { memoryStore } from './stores/memory-store.ts';
export type { Verdict } from './transitions.ts';
export type { Condition, Operation, Write } from './writes.ts';
