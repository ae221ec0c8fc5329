import { failure, type Handler, serve, withProductId } from '../shared/http.ts';
import type { Log } from '../shared/logger.ts';
import { productDetails, withProduct } from '../shared/product-details.ts';
import type { Product, Recommendation } from '../shared/services.ts';

interface Dependencies {
  readonly fetchProduct: (id: string) => Promise<Product | undefined>;
  readonly fetchRecommendations: (id: string) => Promise<Recommendation[]>;
  readonly log: Log;
  readonly now: () => number;
}

export function createHandler(dependencies: Dependencies): Handler {
  const { fetchRecommendations, log, now } = dependencies;
  const details = withProductId((id) =>
    withProduct(id, dependencies, async (product) => {
      let recommendations: Recommendation[];
      try {
        recommendations = await fetchRecommendations(id);
      } catch (error) {
        log.error('recommendations call failed', { error });
        return failure(500, 'Failed to get recommendations');
      }
      return productDetails({ product, recommendations, degradedMode: false }, now());
    }),
  );
  return serve({ routes: { '/product-details/{id}': details }, log, now });
}
