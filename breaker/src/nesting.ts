import { AsyncLocalStorage } from 'node:async_hooks';
import { sharedByCopies } from './copies.ts';

/** A call of a circuit that is under way, and the one within which it began. */
interface RunningCall {
  readonly circuit: string;
  readonly outer: RunningCall | undefined;
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

/** Runs `work` as a call of the circuit: whatever it begins is part of that call. */
export async function runWithin<T>(circuit: string, work: () => Promise<T>): Promise<T> {
  const call = { circuit, outer: latestRunning(), isOver: false };
  try {
    return await RUNNING.run(call, work);
  } finally {
    // Work that the call has left behind is on its own from now on.
    call.isOver = true;
  }
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
