import { StoreError, type Write } from 'fleet-breaker';
import type { Instance } from './instance.ts';

/**
 * What goes wrong with one contact. `throttled` and `down`: refused. `silent`: never answered, and
 * without effect. `answerLost`: has its effect and is never answered. `slow`: answered late.
 */
export type Fault = 'throttled' | 'down' | 'silent' | 'answerLost' | 'slow';

export interface Contact {
  readonly kind: 'read' | 'write';
  /** Undefined for a read, and for a write of another library. */
  readonly write?: Write | undefined;
}

/** One instance's way to the store. */
export interface StorePath {
  /** How long a contact that begins now takes, there and back. */
  latencyMs(): number;
  /** How long it waits for a connection first. Default: not at all. */
  connectMs?(): number;
  /** An answer has arrived: the connection is in use. */
  answered?(): void;
  fault(contact: Contact): Fault | undefined;
  /** How late a slow answer is. */
  slownessMs?(): number;
}

// A new error for every simulated one would cost a stack trace each.
const THROTTLED = new StoreError('throttled', 'simulated: above the capacity of the item');
const DOWN = new StoreError('unavailable', 'simulated: the store is out of order');

/** Throws as a store does that is asked too often. */
export function throttle(): never {
  throw THROTTLED;
}

/** Asks the store: half of the latency on the way there, `effect` at one moment, half back. */
export function contactStore<T>(
  by: Instance,
  path: StorePath,
  contact: Contact,
  effect: () => T | Promise<T>,
): Promise<T> {
  const { time } = by;
  const halfMs = path.latencyMs() / 2;
  const fault = path.fault(contact);
  const lateMs = fault === 'slow' ? (path.slownessMs?.() ?? 0) : 0;
  return new Promise((resolve, reject) => {
    const answer = (settle: () => void) =>
      time.after(halfMs + lateMs, () => {
        path.answered?.();
        by.deliver(settle);
      });
    const arrive = async () => {
      if (fault === 'silent') return;
      try {
        if (fault === 'down') throw DOWN;
        if (fault === 'throttled') throttle();
        const result = await time.outside(effect());
        if (fault !== 'answerLost') answer(() => resolve(result));
      } catch (error) {
        answer(() => reject(error));
      }
    };
    time.after((path.connectMs?.() ?? 0) + halfMs, arrive);
  });
}
