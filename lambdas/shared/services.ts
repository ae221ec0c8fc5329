/** What the product and recommendations services promise, and how both gateways read their answers. */
import type { Answer, Get } from './service-client.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly currency: string;
  readonly description: string;
}

export interface Recommendation {
  readonly id: string;
  readonly name: string;
}

const MAX_RECOMMENDATIONS = 100;

/** The service answered, but not with what was agreed. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** Only of an error answer: a 200 that broke the agreement must not pass for a healthy service. */
  readonly status: number | undefined;

  constructor(service: string, { status }: Answer) {
    const isError = status >= 400;
    super(`The ${service} service answered ${status}${isError ? '' : ', and not as agreed'}`);
    this.status = isError ? status : undefined;
  }
}

/** Undefined: there is no such product. Rejects when the service failed or answered something else. */
export async function fetchProduct(
  get: Get,
  id: string,
  signal: AbortSignal,
): Promise<Product | undefined> {
  const answer = await get(`/products/${id}`, signal);
  if (answer.status === 404) return undefined;
  const product = answer.status === 200 ? readProduct(answer.body) : undefined;
  if (product) return product;
  throw new ServiceError('product', answer);
}

/** The first of the list, as many as a page can show. Rejects on every answer but a list. */
export async function fetchRecommendations(
  get: Get,
  id: string,
  signal: AbortSignal,
): Promise<Recommendation[]> {
  const answer = await get(`/recommendations/${id}`, signal);
  const recommendations = answer.status === 200 ? readRecommendations(answer.body) : undefined;
  if (recommendations) return recommendations;
  throw new ServiceError('recommendations', answer);
}

/** The agreed fields alone: whatever else a service sends goes no further. */
function readProduct(body: unknown): Product | undefined {
  const { id, name, price, currency, description } = fieldsOf(body);
  // JSON can hold numbers beyond those that JavaScript has.
  if (typeof price !== 'number' || !Number.isFinite(price)) return undefined;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  if (typeof currency !== 'string' || typeof description !== 'string') return undefined;
  return { id, name, price, currency, description };
}

/** Undefined when it is no list, or when one of those taken is no recommendation. */
function readRecommendations(body: unknown): Recommendation[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const read = body.slice(0, MAX_RECOMMENDATIONS).map(readRecommendation);
  return read.every((one) => one !== undefined) ? read : undefined;
}

function readRecommendation(item: unknown): Recommendation | undefined {
  const { id, name } = fieldsOf(item);
  return typeof id === 'string' && typeof name === 'string' ? { id, name } : undefined;
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
