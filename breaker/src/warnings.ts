/** Warns the people who run the process of what no listener takes. */
export type Warn = (message: string) => void;

/** The default: a warning of the process, which Node writes to stderr. */
export function warnProcess(message: string): void {
  process.emitWarning(message, 'FleetBreakerWarning');
}

/**
 * Reports what is wrong with the functions that the breaker is given, each
 * function once: one that throws may throw on every call.
 */
export class FaultReporter {
  readonly #circuit: string;
  readonly #warn: Warn;
  readonly #reported = new Set<string>();

  constructor(circuit: string, warn: Warn) {
    this.#circuit = circuit;
    this.#warn = warn;
  }

  /** `given` is the function's option; `fault` says what it did. Never throws. */
  report(given: string, fault: string): void {
    if (this.#reported.has(given)) return;
    this.#reported.add(given);
    try {
      this.#warn(`Circuit "${this.#circuit}": ${given} ${fault}`);
    } catch {
      // A warning that fails has nobody to go to.
    }
  }
}

/** What was thrown, in a line: anything may be, even what cannot be made a string. */
export function describeThrown(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}
