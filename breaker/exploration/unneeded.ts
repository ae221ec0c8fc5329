import type { Weakened } from './jobs.ts';

/** Conditions whose removal no schedule shows, and why. The first that fits is the reason. */
const REASONS: readonly {
  readonly operations: readonly string[];
  readonly attribute: string;
  readonly is: string;
  readonly why: string;
}[] = [];

/** Why the removal of the condition cannot be found; undefined if it has to be. */
export function whyNotFound({ operation, attribute, is }: Weakened): string | undefined {
  const fitting = REASONS.find(
    (reason) =>
      reason.operations.includes(operation) && reason.attribute === attribute && reason.is === is,
  );
  return fitting?.why;
}
