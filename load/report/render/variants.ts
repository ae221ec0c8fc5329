import type { Variant } from '../report.ts';

/** The variants that a page shows. */
export type Variants = readonly [Variant, ...Variant[]];

export const VARIANT_NAMES = { v1: 'v1 (no breaker)', v2: 'v2 (breaker)' } as const;
