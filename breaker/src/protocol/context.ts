/** The rules of a circuit. All instances of a fleet should have the same. */
export interface Rules {
  /**
   * The score that trips the circuit, across the fleet: a failure adds 1, a success takes away
   * `failureRate / (1 - failureRate)`. So it is also the least number of failures. Default 10.
   */
  readonly failureThreshold: number;
  /**
   * The share of failing calls beyond which the circuit trips, from 0.01 to 1. At 1 one success
   * forgives all: only `failureThreshold` failures in a row trip. Default 0.5.
   */
  readonly failureRate: number;
  /** The deadline of one downstream call, in milliseconds. Default 2000. */
  readonly callTimeoutMs: number;
  /** A streak that has counted no call for this long starts again, in milliseconds. Default 30000. */
  readonly streakWindowMs: number;
  /** The first open period, in milliseconds. Default 5000. */
  readonly openMs: number;
  /**
   * The longest open period: it doubles with every reopening in a row.
   * Default 30000.
   */
  readonly maxOpenMs: number;
  /**
   * For how long a circuit that has recovered admits only a share of the calls, which grows from
   * 1/32 to all. 0: all at once. Default 0.
   */
  readonly rampMs: number;
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
