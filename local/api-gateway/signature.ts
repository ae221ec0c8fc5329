/**
 * API Gateway rule: a route with IAM authorization serves signed requests only. The signature (AWS Signature
 * Version 4) is checked by making it again, from the request as it arrived and the secret that belongs to the key.
 *
 * One difference: whether the caller's role allows the route is not looked at, as there is one caller here.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CREDENTIALS, REGION } from '../region.ts';

export type SignedRequest = {
  method: string;
  /** As it was sent, with the stage and the query. */
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
};

const SCHEME = 'AWS4-HMAC-SHA256';
const AUTHORIZATION = new RegExp(
  `^${SCHEME} Credential=([^/,]+)/(\\d{8}/[\\w-]+/[\\w-]+/aws4_request), *SignedHeaders=([\\w;-]+), *Signature=(\\w+)$`,
);
/** In both directions: clocks differ. */
const MAX_AGE_MS = 5 * 60_000;

/** Why the request is refused, in the words of API Gateway; undefined when it is not. */
export function refusal(request: SignedRequest, nowMs: number): string | undefined {
  const { authorization = '', 'x-amz-date': date } = request.headers;
  const [, key, scope = '', signedHeaders = '', signature] =
    AUTHORIZATION.exec(authorization) ?? [];
  if (key === undefined || typeof date !== 'string') return 'Missing Authentication Token';
  if (key !== CREDENTIALS.accessKeyId)
    return 'The security token included in the request is invalid.';
  if (!(Math.abs(nowMs - timeOf(date)) <= MAX_AGE_MS)) return `Signature expired: ${date}`;
  if (scope !== `${date.slice(0, 8)}/${REGION}/execute-api/aws4_request`) {
    return `Credential should be scoped to execute-api in ${REGION} on the day of the request.`;
  }
  const toSign = [SCHEME, date, scope, sha256(canonical(request, signedHeaders))].join('\n');
  if (signature === hmac(signingKey(scope), toSign).toString('hex')) return undefined;
  return 'The request signature we calculated does not match the signature you provided.';
}

/** The request in the one form that both sides sign. A path is encoded once more than it is sent. */
function canonical({ method, url, headers, body }: SignedRequest, signedHeaders: string): string {
  const path = url.pathname.split('/').map(encode).join('/');
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const values = signedHeaders.split(';').map((name) => `${name}:${single(headers[name])}\n`);
  return [method, path, query.sort().join('&'), values.join(''), signedHeaders, sha256(body)].join(
    '\n',
  );
}

const single = (value: string | string[] = ''): string =>
  [value].flat().join(',').trim().replace(/ +/g, ' ');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Of the form 20261123T185711Z; NaN for any other. */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));

const signingKey = (scope: string): Buffer =>
  scope.split('/').reduce(hmac, Buffer.from(`AWS4${CREDENTIALS.secretAccessKey}`));

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
