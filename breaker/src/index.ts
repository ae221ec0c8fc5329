import { type Breaker, FleetBreaker } from './breaker.ts';
import { loadOptions } from './load-options.ts';
import type { BreakerOptions } from './options.ts';

/**
 * A circuit breaker that shares its state with every instance that uses the
 * same name and store. Create it once per instance, outside the handler. Throws
 * InvalidOptionsError, which names every option that cannot be used.
 *
 * @example
 * const breaker = createBreaker({
 *   name: 'recommendations',
 *   store: dynamoStore({ client, tableName: 'circuits' }),
 *   callTimeoutMs: 2000,
 *   onStoreChange: (change) => console.warn(change),
 * });
 */
export function createBreaker(options: BreakerOptions): Breaker {
  return new FleetBreaker(loadOptions(options));
}

export type { Breaker } from './breaker.ts';
export type { Call } from './call.ts';
export type { CallInfo, Classify } from './classify.ts';
export { classifyHttpStatus, defaultClassify } from './classify.ts';
export {
  CallTimeoutError,
  CircuitOpenError,
  FailedResultError,
  InvalidOptionsError,
  type Refusal,
  StoreError,
} from './errors.ts';
export type { ExecuteOptions, WrapOptions } from './execute-options.ts';
export type { BreakerOptions, StoreBudget } from './options.ts';
export type * from './ports.ts';
export type { WriteResult } from './protocol/apply-write.ts';
export type {
  Attribute,
  CircuitState,
  Item,
  Override,
} from './protocol/circuit.ts';
export type { Condition, Write } from './protocol/conditional-write.ts';
export type { Verdict } from './protocol/settle.ts';
export type { CallResult } from './results/result.ts';
export { type MemoryStore, memoryStore } from './stores/memory-store.ts';
export type { Warn } from './warnings.ts';
