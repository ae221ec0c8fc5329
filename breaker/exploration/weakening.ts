import type { Condition } from 'fleet-breaker';
import type { Tamper } from '../simulation/policy.ts';
import type { Weakened } from './jobs.ts';

/** A condition that something is absent is another than that it has a value. */
export function kindOf({ attribute, is, value }: Condition): { attribute: string; is: string } {
  return { attribute, is: value === undefined ? 'absent' : is };
}

/** Takes a condition away from the writes of a kind, on their way to the store. */
export function without({ operation, attribute, is }: Weakened): Tamper {
  return (write) => {
    if (write.operation !== operation) return write;
    const conditions = write.conditions.filter((condition) => {
      const kind = kindOf(condition);
      return kind.attribute !== attribute || kind.is !== is;
    });
    return { ...write, conditions };
  };
}
