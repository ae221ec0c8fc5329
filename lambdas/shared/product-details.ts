/** The half of `GET /product-details/{id}` that both gateways have in common. */
import type { APIGatewayProxyResult } from 'aws-lambda';
import { failure, json } from './http.ts';
import type { Log } from './logger.ts';
import type { Product, Recommendation } from './services.ts';

interface Dependencies {
  readonly fetchProduct: (id: string) => Promise<Product | undefined>;
  readonly log: Log;
}

/** Without the product there is nothing to show, whatever the recommendations say. */
export async function withProduct(
  id: string,
  { fetchProduct, log }: Dependencies,
  answer: (product: Product) => Promise<APIGatewayProxyResult>,
): Promise<APIGatewayProxyResult> {
  let product: Product | undefined;
  try {
    product = await fetchProduct(id);
  } catch (error) {
    log.error('product call failed', { error });
    return failure(502, 'Failed to get product');
  }
  return product ? answer(product) : failure(404, `There is no product ${id}`);
}

interface Details {
  readonly product: Product;
  readonly recommendations: readonly Recommendation[];
  readonly degradedMode: boolean;
}

export const productDetails = (details: Details, nowMs: number): APIGatewayProxyResult =>
  json(200, { ...details, timestamp: new Date(nowMs).toISOString() });
