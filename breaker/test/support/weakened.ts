import type { Condition } from '../../src/protocol/conditional-write.ts';
import { CASES, ME } from '../stores/cases.ts';

/** A condition to take away from a kind of write. */
export interface Weakened {
  readonly operation: string;
  readonly attribute: string;
  readonly is: string;
}

/** A condition that something is absent is another than that it has a value. */
export function kindOf({ attribute, is, value }: Condition): { attribute: string; is: string } {
  return { attribute, is: value === undefined ? 'absent' : is };
}

/** Each condition of each write, by a title. */
export function allConditions(): Map<string, Weakened> {
  const titled = CASES.flatMap(({ write }) => {
    const { operation, conditions } = write(ME);
    return conditions.map((condition): [string, Weakened] => {
      const { attribute, is } = kindOf(condition);
      return [`${operation} without: ${attribute} ${is}`, { operation, attribute, is }];
    });
  });
  return new Map(titled);
}
