import { CircuitOpenError } from 'fleet-breaker';
import type { Log } from '../shared/logger.ts';
import type { Recommendation } from '../shared/services.ts';

export interface Recommended {
  readonly recommendations: readonly Recommendation[];
  readonly degradedMode: boolean;
}

interface Telling {
  readonly log: Log;
  readonly onFallback: () => void;
}

/** The user gets the product, and is told that something is missing. */
export const withoutRecommendations =
  ({ log, onFallback }: Telling) =>
  (error: unknown): Recommended => {
    onFallback();
    // A refused call is the breaker doing its work: worth a line, not a stack trace per request.
    if (error instanceof CircuitOpenError) log.info('recommendations call refused by the circuit');
    else log.error('recommendations call failed', { error });
    return { recommendations: [], degradedMode: true };
  };
