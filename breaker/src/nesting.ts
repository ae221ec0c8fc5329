import { AsyncLocalStorage } from 'node:async_hooks';
import { sharedByCopies } from './copies.ts';

/** A call of a circuit that is under way, and the one within which it began. */
export interface RunningCall {
  readonly circuit: string;
  readonly outer: RunningCall | undefined;
  /** Once it is, whatever it has left behind is on its own. */
  isOver: boolean;
}

/** Its name changes with the fields of `RunningCall`, which another version of this library may read. */
const RUNNING = sharedByCopies('running-calls-1', () => new AsyncLocalStorage<RunningCall>());

/** Whether whoever asks is part of a call of this circuit that is still under way. */
export function isWithin(circuit: string): boolean {
  let call = latestRunning();
  while (call !== undefined && call.circuit !== circuit) call = runningFrom(call.outer);
  return call !== undefined;
}

/** A call of the circuit, part of the one within which it is made. */
export function newRunningCall(circuit: string): RunningCall {
  return { circuit, outer: latestRunning(), isOver: false };
}

/**
 * Whatever follows in this job, and whatever that begins, is part of the call. In a job of its own
 * this takes half the time of `AsyncLocalStorage.run`, which has to restore what was before.
 */
export function enter(call: RunningCall): void {
  RUNNING.enterWith(call);
}

function latestRunning(): RunningCall | undefined {
  return runningFrom(RUNNING.getStore());
}

/** Calls that are over are skipped, lest a call that begins the next one keeps all before. */
function runningFrom(call: RunningCall | undefined): RunningCall | undefined {
  let running = call;
  while (running?.isOver) running = running.outer;
  return running;
}
