import { CASES, ME } from '../test/stores/cases.ts';
import type { Weakened } from './jobs.ts';
import { kindOf } from './weakening.ts';

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
