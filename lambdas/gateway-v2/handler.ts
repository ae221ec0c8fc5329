import type { Breaker } from 'fleet-breaker';
import { type Handler, json, serve, withProductId } from '../shared/http.ts';
import type { Log } from '../shared/logger.ts';
import { productDetails, withProduct } from '../shared/product-details.ts';
import type { Product, Recommendation } from '../shared/services.ts';
import { type Recommended, withoutRecommendations } from './fallback.ts';
import { publicStatus } from './public-status.ts';

interface Dependencies {
  readonly breaker: Pick<Breaker, 'prefetch' | 'execute' | 'status'>;
  readonly fetchProduct: (id: string) => Promise<Product | undefined>;
  readonly fetchRecommendations: (id: string, signal: AbortSignal) => Promise<Recommendation[]>;
  readonly onFallback: () => void;
  readonly log: Log;
  readonly now: () => number;
  /** Waits until a request that is asked for in this turn of the event loop has left. */
  readonly departure: () => Promise<void>;
}

export function createHandler(dependencies: Dependencies): Handler {
  const { breaker, fetchRecommendations, log, now, departure } = dependencies;

  const details = withProductId((id, context) => {
    // Reading the circuit overlaps with the product call, so that the user does not wait for it. It begins once
    // the product request is out: even the processor's time for it would delay that.
    const prefetched = departure().then(() => breaker.prefetch());
    const recommend = async (signal: AbortSignal): Promise<Recommended> => ({
      recommendations: await fetchRecommendations(id, signal),
      degradedMode: false,
    });
    return withProduct(id, dependencies, async (product) => {
      const remainingMs = () => context.getRemainingTimeInMillis();
      // Not the breaker's own fallback: that is for calls which say something about the service's health.
      const recommended = await breaker
        .execute(recommend, { prefetched, remainingMs })
        .catch(withoutRecommendations(dependencies));
      return productDetails({ product, ...recommended }, now());
    });
  });

  return serve({
    routes: {
      '/product-details/{id}': details,
      '/circuit-status': async () => json(200, publicStatus(await breaker.status())),
    },
    log,
    now,
  });
}
