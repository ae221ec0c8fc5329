/**
 * Lambda rule: a request goes to an idle environment of the function, and to a new one when none is idle. While the
 * new one is being initialized the request takes any other that becomes free first. New variables hold for
 * environments started from then on: idle ones of the old configuration are dropped, busy ones finish and go. An
 * environment that nobody needs for some minutes ends; those that were asked for ahead stay.
 */
import type { Observer } from '../observer.ts';
import type { FunctionSpec } from '../template/stack.ts';
import type { Concurrency } from './concurrency.ts';
import { Environment } from './environment.ts';
import type { InitializationType } from './environment-spec.ts';
import type { Places } from './places.ts';
import type { FunctionError, Outcome } from './runtime.ts';
import type { StartGate } from './start-gate.ts';

export type InvokeResult = Outcome | 'throttled';
export type UpdateStatus = 'InProgress' | 'Successful' | 'Failed';

/** A request in line gets an environment, or the reason why the function does not start. */
type Waiting = (result: Environment | { error: FunctionError }) => void;

export interface PoolOptions {
  readonly fn: FunctionSpec;
  readonly concurrency: Concurrency;
  readonly gate: StartGate;
  readonly dynamoDbEndpoint: string;
  readonly places: Places;
  readonly observer: Observer;
  /** Environments kept ready ahead, like provisioned concurrency. */
  readonly prewarm: number;
  /** Lambda does not say how long it is; minutes are what people see. */
  readonly idleLimitMs: number;
}

/** How often idle environments are looked at, as a share of the limit. */
const SWEEPS_PER_LIMIT = 5;

export class FunctionPool {
  readonly #options: PoolOptions;
  #fn: FunctionSpec;
  #updateStatus: UpdateStatus = 'Successful';
  #closed = false;
  /** Last in, first out: as few environments as possible are in use. */
  readonly #idle: Environment[] = [];
  readonly #all = new Set<Environment>();
  readonly #starts = new Set<Promise<void>>();
  readonly #waiting: Waiting[] = [];
  readonly #sweep: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#fn = options.fn;
    this.#publishVariables();
    const everyMs = options.idleLimitMs / SWEEPS_PER_LIMIT;
    this.#sweep = setInterval(() => this.#endIdle(performance.now()), everyMs).unref();
  }

  /** The function with its current variables. */
  get fn(): FunctionSpec {
    return this.#fn;
  }

  get updateStatus(): UpdateStatus {
    return this.#updateStatus;
  }

  async invoke(event: unknown): Promise<InvokeResult> {
    const { concurrency, observer } = this.#options;
    if (!concurrency.take(this.#fn.name)) {
      observer.publish({ kind: 'throttled', functionName: this.#fn.name });
      return 'throttled';
    }
    try {
      const found = this.#takeIdle() ?? (await this.#nextFree());
      if ('error' in found) return found;
      const outcome = await found.invoke(event);
      this.#release(found);
      return outcome;
    } finally {
      concurrency.giveBack(this.#fn.name);
    }
  }

  /** Rejects when the function does not start. */
  async prewarm(): Promise<void> {
    const missing = Math.max(0, this.#options.prewarm - this.#idle.length);
    await Promise.all(
      Array.from({ length: missing }, () => this.#start('provisioned-concurrency')),
    );
  }

  async setVariables(environment: Record<string, string>): Promise<void> {
    this.#fn = { ...this.#fn, environment };
    this.#publishVariables();
    this.#updateStatus = 'InProgress';
    for (const old of this.#idle.splice(0)) this.#release(old);
    this.#updateStatus = await this.prewarm().then(
      () => 'Successful',
      () => 'Failed',
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const waiting of this.#waiting.splice(0)) waiting(startError('the local cloud stops'));
    await Promise.allSettled([...this.#starts, ...[...this.#all].map((one) => one.stop())]);
  }

  #publishVariables(): void {
    const { name, environment } = this.#fn;
    this.#options.observer.publish({
      ...{ kind: 'variables', functionName: name, variables: environment },
    });
  }

  #endIdle(nowMs: number): void {
    const isOver = (one: Environment) =>
      one.spec.initializationType === 'on-demand' &&
      nowMs - one.idleSinceMs >= this.#options.idleLimitMs;
    for (const environment of this.#idle.filter(isOver)) {
      this.#idle.splice(this.#idle.indexOf(environment), 1);
      this.#end(environment);
    }
  }

  #end(environment: Environment): void {
    this.#all.delete(environment);
    void environment.stop();
  }

  /** An environment may have died while it was idle. */
  #takeIdle(): Environment | undefined {
    const environment = this.#idle.pop();
    if (!environment || environment.alive) return environment;
    this.#release(environment);
    return this.#takeIdle();
  }

  #nextFree(): Promise<Parameters<Waiting>[0]> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#startForWaiting();
    });
  }

  /** One start per waiting request; starts under way count, whatever they were begun for. */
  #startForWaiting(): void {
    while (this.#starts.size < this.#waiting.length) {
      // A failed start has told the request that waited, and the function's log.
      this.#start('on-demand').catch(() => undefined);
    }
  }

  #start(type: InitializationType): Promise<void> {
    const start = this.#options.gate(this.#fn.name, () => this.#startOne(type));
    this.#starts.add(start);
    const done = () => {
      this.#starts.delete(start);
      this.#startForWaiting();
    };
    start.then(done, done);
    return start;
  }

  async #startOne(initializationType: InitializationType): Promise<void> {
    const unneeded = initializationType === 'on-demand' && this.#waiting.length === 0;
    if (unneeded || this.#closed) return;
    const { dynamoDbEndpoint, places, observer } = this.#options;
    const spec = { fn: this.#fn, initializationType, dynamoDbEndpoint, places, observer };
    try {
      const environment = await Environment.start(spec);
      this.#all.add(environment);
      this.#release(environment);
    } catch (error) {
      const waiting = this.#waiting.shift();
      if (!waiting) throw error;
      waiting(startError(error));
    }
  }

  #release(environment: Environment): void {
    const upToDate = environment.spec.fn === this.#fn;
    if (!environment.alive || !upToDate || this.#closed) this.#end(environment);
    else if (this.#waiting.length > 0) this.#waiting.shift()?.(environment);
    else this.#idle.push(environment);
  }
}

const startError = (reason: unknown): { error: FunctionError } => ({
  error: { errorType: 'Runtime.InitError', errorMessage: String(reason), trace: [] },
});
