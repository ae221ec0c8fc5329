import type { Scenario } from './scenario.ts';
import { LOADS } from './scenarios/loads.ts';
import { OUTAGES } from './scenarios/outages.ts';
import { SHARES } from './scenarios/shares.ts';
import { SIZES } from './scenarios/sizes.ts';
import { STORE_SCENARIOS } from './scenarios/stores.ts';

/** The name of what is no table: fleets under every fault, only watched (random-faults.ts). */
export const FAULTS = 'faults';

export const SCENARIOS: readonly Scenario[] = [
  ...OUTAGES,
  ...STORE_SCENARIOS,
  ...SHARES,
  ...LOADS,
  ...SIZES,
];
