import type { Tamper } from '../simulation/policy.ts';
import { kindOf, type Weakened } from '../test/support/weakened.ts';

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
