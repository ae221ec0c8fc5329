import type { Observer } from '../observer.ts';
import type { FunctionSpec } from '../template/stack.ts';
import type { Places } from './places.ts';

/** The two differ in one variable, by which loggers tell a cold start from an environment started ahead. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency';

export interface EnvironmentSpec {
  readonly fn: FunctionSpec;
  readonly initializationType: InitializationType;
  readonly dynamoDbEndpoint: string;
  readonly places: Places;
  readonly observer: Observer;
}
