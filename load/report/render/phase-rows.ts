/** The phases as table rows: who was served in each, and how fast. */
import { PHASE_KEYS } from '../../plan.ts';
import { usefulShare } from '../compare/verdict.ts';
import { count, percent, seconds } from '../format.ts';
import type { Report, Variant } from '../report.ts';

export interface PhaseRow {
  /** Empty where it is the phase of the row above. */
  readonly phase: string;
  readonly variant: Variant;
  readonly served: string;
  readonly ok: string;
  readonly degraded: string;
  readonly failed: string;
  readonly hasFailures: boolean;
  readonly median: string;
  readonly p95: string;
}

export const PHASE_DEFINITION =
  'A request belongs to the phase in which it was sent, however late its answer came. Those sent about when the ' +
  'fault was switched may have met both phases and belong to none. Served: ok or degraded.';

export function phaseRows({ variants }: Report, shown: readonly Variant[]): PhaseRow[] {
  return PHASE_KEYS.flatMap((key) =>
    shown.map((variant, index) => {
      const phase = variants[variant].phases[key];
      const { outcomes, latencyMs, name } = phase;
      return {
        phase: index === 0 ? name : '',
        variant,
        served: phase.requests > 0 ? percent(usefulShare(phase)) : '-',
        ok: count(outcomes.ok.count),
        degraded: count(outcomes.degraded.count),
        failed: count(outcomes.failed.count),
        hasFailures: outcomes.failed.count > 0,
        median: latencyMs ? seconds(latencyMs.median) : '-',
        p95: latencyMs ? seconds(latencyMs.p95) : '-',
      };
    }),
  );
}
