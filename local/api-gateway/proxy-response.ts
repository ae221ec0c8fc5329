/**
 * API Gateway rule: the function's result becomes the response only if it has the shape of a proxy result: a status
 * code, and texts for the body and the header values. Anything else is the function's mistake and answered with 502.
 */
import { isRecord } from '../template/intrinsics.ts';

type Scalar = string | number | boolean;

/** Undefined when the result is malformed. */
export function toResponse(payload: string): Response | undefined {
  const result: unknown = JSON.parse(payload);
  if (!isRecord(result)) return undefined;
  const { body = null, isBase64Encoded = false } = result;
  const status = Number(result.statusCode);
  const headers = toHeaders(result);
  const valid = Number.isInteger(status) && status >= 200 && status <= 599;
  if (!valid || !headers || (body !== null && typeof body !== 'string')) return undefined;
  const bytes = body !== null && isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
  return new Response(BODILESS.has(status) ? null : bytes, { status, headers });
}

/** Statuses that HTTP sends without a body. */
const BODILESS = new Set([204, 205, 304]);

function toHeaders({ headers, multiValueHeaders }: Record<string, unknown>): Headers | undefined {
  const single = headers ?? {};
  const multiple = multiValueHeaders ?? {};
  if (!isRecord(single) || !isRecord(multiple)) return undefined;
  const result = new Headers({ 'content-type': 'application/json' });
  for (const [name, value] of Object.entries(single)) {
    if (!isScalar(value)) return undefined;
    result.set(name, String(value));
  }
  for (const [name, values] of Object.entries(multiple)) {
    if (!Array.isArray(values) || !values.every(isScalar)) return undefined;
    result.delete(name);
    for (const value of values) result.append(name, String(value));
  }
  return result;
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
