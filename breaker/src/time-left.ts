import type { ExecuteOptions } from './execute-options.ts';
import type { Settings } from './options.ts';
import { describeThrown } from './warnings.ts';

type GivenTime = Pick<ExecuteOptions<unknown>, 'remainingMs'>;
type TimeSettings = Pick<Settings, 'callTimeoutMs' | 'reserveMs' | 'faults'>;

/** The time that a call may take; none is left where it is not above 0. */
export function timeLeftMs(settings: TimeSettings, { remainingMs }: GivenTime): number {
  const { callTimeoutMs, reserveMs } = settings;
  if (remainingMs === undefined) return callTimeoutMs;
  return Math.min(callTimeoutMs, knownMs(settings, remainingMs) - reserveMs);
}

/** Infinity if it is unknown, as where a mocked context returns no number. */
function knownMs({ faults }: TimeSettings, remainingMs: GivenTime['remainingMs']): number {
  try {
    const leftMs: unknown = typeof remainingMs === 'function' ? remainingMs() : remainingMs;
    if (leftMs instanceof Promise) leftMs.catch(() => {});
    return Number.isFinite(leftMs) ? Number(leftMs) : Infinity;
  } catch (thrown) {
    faults.report('remainingMs', `threw ${describeThrown(thrown)}; it is ignored`);
    return Infinity;
  }
}
