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
}

export function createHandler(dependencies: Dependencies): Handler {
  const { breaker, fetchRecommendations, log, now } = dependencies;

  const details = withProductId((id, context) => {
    // Reading the circuit now overlaps with the product call, so that it costs the user no time.
    const prefetched = breaker.prefetch();
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
