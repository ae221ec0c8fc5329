/**
 * AWS rule: DynamoDB may be out of reach while everything else goes on. So the local cloud outlives its engine; it
 * tells that the engine is gone, and starts another when asked. The tables are then there again, and empty.
 */
import type { Publish } from '../observer.ts';
import { type Engine, type EngineOptions, startEngine } from './engine.ts';

export interface KeptEngine {
  readonly name: string;
  readonly endpoint: string;
  readonly isRunning: boolean;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Nothing happens to an engine that runs. */
  start(): Promise<void>;
  /** Ends it at once, as a crash would: what the tables held is lost. */
  stop(): Promise<void>;
}

export async function keepEngine(options: EngineOptions, publish: Publish): Promise<KeptEngine> {
  let engine: Engine;
  let isRunning = false;
  let isStopping = false;
  /** Starts and stops, one after the other. */
  let work: Promise<void> = Promise.resolve();

  const tell = (state: 'running' | 'stopped' | 'lost', end?: string) =>
    publish({ kind: 'engine', state, end, atMs: Date.now() });

  async function start(): Promise<void> {
    if (isRunning) return;
    engine = await startEngine(options);
    isRunning = true;
    isStopping = false;
    tell('running');
    void engine.exited.then((end) => {
      isRunning = false;
      tell(isStopping ? 'stopped' : 'lost', end);
    });
  }

  async function stop(): Promise<void> {
    isStopping = true;
    await engine.stop();
  }

  function inTurn(step: () => Promise<void>): Promise<void> {
    const done = work.then(step);
    work = done.catch(() => {});
    return done;
  }

  await start();
  return {
    get name() {
      return engine.name;
    },
    get endpoint() {
      return engine.endpoint;
    },
    get pid() {
      return engine.pid;
    },
    get isRunning() {
      return isRunning;
    },
    start: () => inTurn(start),
    stop: () => inTurn(stop),
  };
}
