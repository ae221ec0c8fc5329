/** HTTP statuses and headers, where the clients of Node put them. */
import { type CallResult, fieldOf, linksOf, propertyOf } from './result.ts';

/** The first status found in the value, or in the error and its causes. */
export function statusOf(result: CallResult): number | undefined {
  for (const link of linksOf(result)) {
    const status = statusAt(link) ?? statusAt(fieldOf.response(link));
    if (status !== undefined) return status;
  }
  return undefined;
}

/**
 * How long the downstream asks not to be called, by its Retry-After: seconds or
 * a date.
 */
export function retryAfterMsOf(result: CallResult, nowMs: number): number | undefined {
  const asked = linksOf(result)
    .map(retryAfterAt)
    .find((text) => text !== undefined);
  if (asked === undefined) return undefined;
  const waitMs = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - nowMs;
  return waitMs > 0 ? waitMs : undefined;
}

/**
 * - `status`: fetch, axios since 1.7; below `response`: ky, axios
 * - `statusCode`: undici; below `response`: got
 * - `$metadata`: the AWS SDK
 */
function statusAt(subject: unknown): number | undefined {
  return (
    asStatus(fieldOf.status(subject)) ??
    asStatus(fieldOf.statusCode(subject)) ??
    asStatus(propertyOf(fieldOf.$metadata(subject), 'httpStatusCode'))
  );
}

function asStatus(status: unknown): number | undefined {
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  return status >= 100 && status < 600 ? status : undefined;
}

/** The AWS SDK keeps the raw response of an error as `$response`. */
function retryAfterAt(subject: unknown): string | undefined {
  const answers = [subject, propertyOf(subject, 'response'), propertyOf(subject, '$response')];
  for (const answer of answers) {
    const header = headerOf(propertyOf(answer, 'headers'), 'retry-after');
    if (typeof header === 'string') return header.trim();
  }
  return undefined;
}

/** Headers are an object that has to be asked, or a plain one. */
function headerOf(headers: unknown, name: string): unknown {
  const get = propertyOf(headers, 'get');
  if (typeof get !== 'function') return propertyOf(headers, name);
  try {
    return get.call(headers, name);
  } catch {
    return undefined;
  }
}
