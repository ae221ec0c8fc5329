/**
 * What the local cloud tells whoever watches it: its functions' environments, the requests of its APIs, what happens
 * to its tables and their engine. Nothing is computed for an observer that is not there.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Lambda's life of an execution environment; `gone` is told once. */
export type EnvironmentState = 'starting' | 'idle' | 'busy' | 'gone';

export type CloudEvent =
  | {
      readonly kind: 'environment';
      readonly functionName: string;
      readonly environment: string;
      readonly state: EnvironmentState;
      readonly atMs: number;
    }
  /** An environment that could not be initialized. */
  | { readonly kind: 'start-failed'; readonly functionName: string; readonly reason: string }
  /** A line of a function's log that contains one of the observer's texts. */
  | {
      readonly kind: 'log';
      readonly functionName: string;
      readonly environment: string;
      readonly text: string;
    }
  /** A function's variables, at the start and whenever they are changed. */
  | {
      readonly kind: 'variables';
      readonly functionName: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'throttled'; readonly functionName: string }
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly api: string;
      /** As API Gateway writes it: `/items/{id}`. */
      readonly route: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'answer';
      /** Of the request that it answers. */
      readonly id: string;
      readonly api: string;
      readonly route: string;
      /** Undefined: whoever asked did not wait for the answer. */
      readonly status: number | undefined;
      /** What the function returned, as JSON; undefined where the API answered by itself. */
      readonly result: string | undefined;
      readonly latencyMs: number;
      readonly atMs: number;
    }
  /** `lost`: it ended without having been asked to. */
  | {
      readonly kind: 'engine';
      readonly state: 'running' | 'stopped' | 'lost';
      /** How it ended: its exit code or signal. */
      readonly end: string | undefined;
      readonly atMs: number;
    }
  /** All items of a table, whenever one of them has changed. */
  | {
      readonly kind: 'table';
      readonly tableName: string;
      readonly items: readonly Readonly<Record<string, AttributeValue>>[];
      readonly atMs: number;
    }
  /** The assembly is no longer the one that is served. */
  | { readonly kind: 'assembly-changed' };

export type Publish = (event: CloudEvent) => void;

export interface Observer {
  readonly publish: Publish;
  /** Like a subscription filter of CloudWatch Logs: which lines are published, by a text that they contain. */
  readonly logLinesWith?: readonly string[];
}

export const NOBODY: Observer = { publish: () => {} };
