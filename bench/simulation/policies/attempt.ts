import type { CallOutcome, Clock } from 'fleet-breaker';
import type { CallDownstream, Rules } from '../../../breaker/simulation/policy.ts';

/** Calls with a timeout. */
export function attempt(
  call: CallDownstream,
  clock: Clock,
  { callTimeoutMs }: Rules,
): Promise<CallOutcome> {
  return new Promise((resolve) => {
    const cancel = clock.after(callTimeoutMs, () => resolve('failure'));
    call()
      .then(
        () => resolve('success'),
        () => resolve('failure'),
      )
      .finally(cancel);
  });
}
