import type { Policy } from '../../breaker/simulation/policy.ts';
import type { World } from '../../breaker/simulation/world.ts';
import type { Figure } from './figures.ts';

/** One table: the figures of policies in cases. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
  readonly policies: readonly Policy[];
  readonly figures: readonly Figure[];
  /** What the medians of this breaker must keep to, in each case. */
  readonly bounds: readonly Bound[];
  /** How many, unless the command says so. Default 10. */
  readonly seeds?: number;
}

export interface Case {
  readonly label: string;
  readonly world: World;
  /** The label of the case that this one is compared with. */
  readonly baseline?: string;
}

export interface Bound {
  readonly figure: Figure;
  readonly atMost: number;
  /** Of these policies. Default: of all that are this breaker. */
  readonly of?: readonly Policy[];
  /** `atMost` is a multiple of the figure in the case's baseline; cases without one are free. */
  readonly isRelative?: true;
  /** Only in the cases whose label has this in it. */
  readonly where?: string;
}
