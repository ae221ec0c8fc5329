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
  if (answer.status === 200 && isProduct(answer.body)) return answer.body;
  throw new ServiceError('product', answer);
}

/** Rejects on every answer but the list. */
export async function fetchRecommendations(
  get: Get,
  id: string,
  signal: AbortSignal,
): Promise<Recommendation[]> {
  const answer = await get(`/recommendations/${id}`, signal);
  if (answer.status === 200 && isRecommendationList(answer.body)) return answer.body;
  throw new ServiceError('recommendations', answer);
}

const isProduct = (body: unknown): body is Product =>
  hasFields(body, {
    id: 'string',
    name: 'string',
    price: 'number',
    currency: 'string',
    description: 'string',
  });

const isRecommendationList = (body: unknown): body is Recommendation[] =>
  Array.isArray(body) && body.every((item) => hasFields(item, { id: 'string', name: 'string' }));

const hasFields = (value: unknown, fields: Record<string, 'string' | 'number'>) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(fields).every(([key, type]) => typeof Reflect.get(value, key) === type);
