import { describeThrown, type FaultReporter } from './warnings.ts';

/**
 * A listener that may be called anywhere: whether it throws, or rejects later if
 * it is async, it cannot change an answer, stop a state half-way or end the
 * process. Its fault is reported once.
 */
export function safeListener<Event>(
  option: string,
  listener: (event: Event) => unknown,
  faults: FaultReporter,
): (event: Event) => void {
  const onThrown = (thrown: unknown) => {
    faults.report(option, `threw ${describeThrown(thrown)}; a listener must not`);
  };
  return (event) => {
    try {
      const returned = listener(event);
      // Undefined is by far the most frequent, and needs no waiting for.
      if (returned !== undefined) Promise.resolve(returned).catch(onThrown);
    } catch (thrown) {
      onThrown(thrown);
    }
  };
}
