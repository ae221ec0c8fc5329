/**
 * Lambda rule: an execution environment serves one invocation at a time. When the invocation outlasts the function's
 * timeout, or the function ends the process, the environment is gone and the next request needs another one; an
 * ordinary error of the handler leaves it in service.
 *
 * Here it is one worker thread with its own V8 heap, module state and process.env. Lambda freezes an environment
 * between invocations; a thread cannot be frozen, so timers that a function left behind go on running.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EnvironmentState } from '../observer.ts';
import type { EnvironmentSpec } from './environment-spec.ts';
import { environmentVariables } from './environment-variables.ts';
import { appendLog, endLine, reportLine } from './logs.ts';
import type { Call, Message, Outcome, Reply, RuntimeSpec } from './runtime.ts';

/** V8 needs some room whatever the function asks for; 128 MB is Lambda's own smallest size. */
const MIN_HEAP_MB = 128;

/** The initialization has no request of its own. */
interface Step {
  readonly settle: (outcome: Outcome) => void;
  readonly requestId?: string;
  readonly startedAtMs: number;
}

export class Environment {
  readonly spec: EnvironmentSpec;
  /** The end of its log stream's name. */
  readonly id = randomBytes(16).toString('hex');
  readonly #worker: Worker;
  readonly #logFile: string;
  #state: EnvironmentState = 'starting';
  #idleSinceMs = 0;
  #maxMemoryUsedMb = 0;
  /** What the thread is busy with: the initialization at first, then one invocation after the other. */
  #step: Step | undefined;
  #crash: Error | undefined;

  /** Resolves when the function's module is loaded; rejects with the reason why it could not be. */
  static async start(spec: EnvironmentSpec): Promise<Environment> {
    const environment = new Environment(spec);
    const outcome = await new Promise<Outcome>((settle) => {
      environment.#step = { settle, startedAtMs: performance.now() };
    });
    if ('payload' in outcome) return environment;
    await environment.stop();
    const reason = `${outcome.error.errorType}: ${outcome.error.errorMessage}`;
    spec.observer.publish({ kind: 'start-failed', functionName: spec.fn.name, reason });
    throw new Error(`${spec.fn.name} does not start: ${reason}`);
  }

  private constructor(spec: EnvironmentSpec) {
    const runtime = runtimeSpec(spec, this.id);
    this.spec = spec;
    this.#logFile = runtime.logFile;
    this.#worker = new Worker(spec.places.runtimeFile, {
      workerData: runtime,
      env: environmentVariables(spec, runtime),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(spec.fn.memoryMb, MIN_HEAP_MB) },
    });
    this.#worker.on('message', (message: Message) => this.#onMessage(message));
    this.#worker.on('error', (error) => {
      this.#crash = error;
    });
    this.#worker.on('exit', (code) => this.#onExit(code));
    this.#publishState();
  }

  get alive(): boolean {
    return this.#state !== 'gone';
  }

  /** On the clock of `performance.now()`; of an environment that is idle. */
  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  invoke(event: unknown): Promise<Outcome> {
    const { functionTimeoutMs } = this.spec.fn;
    const requestId = randomUUID();
    const call: Call = { event, requestId, deadlineMs: Date.now() + functionTimeoutMs };
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.#timeOut(), functionTimeoutMs);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#step = { settle, requestId, startedAtMs: performance.now() };
      this.#enter('busy');
      this.#worker.postMessage(call);
    });
  }

  /** Ends the thread, also in a busy loop; an invocation under way fails. */
  async stop(): Promise<void> {
    this.#enter('gone');
    const errorMessage = 'the execution environment was stopped';
    this.#takeStep()?.settle({
      error: { errorType: 'Runtime.ExitError', errorMessage, trace: [] },
    });
    await this.#worker.terminate();
  }

  /** Whoever takes the step settles it; a reply and the end of the thread may race. */
  #takeStep(): Step | undefined {
    const step = this.#step;
    this.#step = undefined;
    return step;
  }

  #enter(state: EnvironmentState): void {
    if (this.#state === 'gone') return;
    this.#state = state;
    if (state === 'idle') this.#idleSinceMs = performance.now();
    this.#publishState();
  }

  #publishState(): void {
    const { fn, observer } = this.spec;
    const at = { functionName: fn.name, environment: this.id, atMs: Date.now() };
    observer.publish({ kind: 'environment', state: this.#state, ...at });
  }

  #onMessage(message: Message): void {
    if ('logText' in message) this.#publishLog(message.logText);
    else this.#onReply(message);
  }

  #publishLog(text: string): void {
    const { fn, observer } = this.spec;
    observer.publish({ kind: 'log', functionName: fn.name, environment: this.id, text });
  }

  #onReply({ maxMemoryUsedMb, ...outcome }: Reply): void {
    this.#maxMemoryUsedMb = maxMemoryUsedMb;
    const step = this.#takeStep();
    if (!step) return;
    if ('payload' in outcome || step.requestId !== undefined) this.#enter('idle');
    step.settle(outcome);
  }

  async #timeOut(): Promise<void> {
    const step = this.#takeStep();
    if (!step) return;
    await this.stop();
    const seconds = (this.spec.fn.functionTimeoutMs / 1000).toFixed(2);
    this.#fail(step, {
      status: 'timeout',
      errorMessage: `Task timed out after ${seconds} seconds`,
    });
  }

  #onExit(code: number): void {
    this.#enter('gone');
    const step = this.#takeStep();
    if (!step) return;
    const reason = this.#crash?.stack ?? `exit status ${code}`;
    const errorMessage = `Runtime exited with error: ${reason}`;
    this.#fail(step, { status: 'error', errorMessage });
  }

  #fail(
    step: Step,
    { status, errorMessage }: { status: 'timeout' | 'error'; errorMessage: string },
  ) {
    const { requestId = 'undefined', startedAtMs, settle } = step;
    const report = {
      requestId,
      durationMs: performance.now() - startedAtMs,
      memoryMb: this.spec.fn.memoryMb,
      maxMemoryUsedMb: this.#maxMemoryUsedMb,
      status,
    };
    const line = `${new Date().toISOString()} ${requestId} ${errorMessage}`;
    appendLog(this.#logFile, line, endLine(requestId), reportLine(report));
    const errorType = status === 'timeout' ? 'Sandbox.Timedout' : 'Runtime.ExitError';
    settle({ error: { errorType, errorMessage, trace: [] } });
  }
}

function runtimeSpec({ fn, places, observer }: EnvironmentSpec, id: string): RuntimeSpec {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    codeDir: fn.codeDir,
    handler: fn.handler,
    functionName: fn.name,
    functionArn: fn.arn,
    memoryMb: fn.memoryMb,
    logGroupName: `/aws/lambda/${fn.name}`,
    logStreamName: `${day}/[$LATEST]${id}`,
    logFile: join(places.logDir, fn.name, `${id}.log`),
    compileCacheDir: places.compileCacheDir,
    logLinesWith: observer.logLinesWith ?? [],
    startedAtMs: performance.timeOrigin + performance.now(),
  };
}
