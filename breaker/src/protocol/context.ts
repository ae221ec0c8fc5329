/** The rules of a circuit. All instances of a fleet should have the same. */
export interface Rules {
  /** Failures in a row, across the fleet, that trip the circuit. Default 5. */
  readonly failureThreshold: number;
  /** The deadline of one downstream call, in milliseconds. Default 2000. */
  readonly callTimeoutMs: number;
  /** A streak of failures older than this starts again. Default 30000. */
  readonly streakWindowMs: number;
  /** The first open period, in milliseconds. Default 5000. */
  readonly openMs: number;
  /**
   * The longest open period: it doubles with every reopening in a row.
   * Default 30000.
   */
  readonly maxOpenMs: number;
  /**
   * While half-open, at most `max` probes are made, one at a time, and `need`
   * of them must succeed. Default 1 and 1.
   */
  readonly probes: { readonly max: number; readonly need: number };
}

/** What a decision depends on besides the circuit: who decides, when, how. */
export interface DecisionContext {
  readonly rules: Rules;
  readonly instanceId: string;
  /** The deciding instance's clock, in epoch milliseconds. */
  readonly nowMs: number;
  /** A number in [0, 1), for jitter. */
  readonly random: number;
  /** The owner that a probe claimed now gets. No id is ever used twice. */
  readonly probeId: string;
}
