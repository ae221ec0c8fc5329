import type { Permit } from './protocol/admit.ts';
import type { Circuit } from './protocol/circuit.ts';

/** A permit, and what its holder knew when it was given. */
export interface HeldPermit {
  readonly permit: Permit;
  /** The time of local mode during which it was given; undefined if by the fleet's circuit. */
  readonly localId: number | undefined;
  /** The fleet's circuit as it was known when the permit was given. */
  readonly fleetCircuit: Circuit;
  /** The circuit refused the call, which is made all the same, in mode `observe`. */
  readonly wouldRefuse?: true;
}
