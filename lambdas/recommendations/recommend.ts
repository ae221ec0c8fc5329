import { products } from '../shared/products.ts';
import type { Recommendation } from '../shared/services.ts';

/** The other products of the same category, in catalogue order; undefined for an unknown product. */
export function recommend(id: string): Recommendation[] | undefined {
  const category = products.find((product) => product.id === id)?.category;
  if (!category) return undefined;
  return products
    .filter((product) => product.category === category && product.id !== id)
    .map(({ id, name }) => ({ id, name }));
}
