/**
 * API Gateway rule: a route with IAM authorization serves signed requests only. The signature (AWS Signature
 * Version 4) is checked by signing the request again, as it arrived, with the SDK's own signer and the secret that
 * belongs to the key.
 *
 * One difference: whether the caller's role allows the route is not looked at, as there is one caller here.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { CREDENTIALS, REGION } from '../region.ts';

export interface SignedRequest {
  readonly method: string;
  /** As it was sent, with the stage and the query. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Authorization {
  readonly key: string;
  readonly scope: string;
  readonly headerNames: ReadonlySet<string>;
  readonly signature: string;
}

const SERVICE = 'execute-api';
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/([^,]+), *SignedHeaders=([\w;-]+), *Signature=(\w+)$/;
/** In both directions: clocks differ. */
const MAX_AGE_MS = 5 * 60_000;
const MISMATCH = 'The request signature we calculated does not match the signature you provided.';

const signer = new SignatureV4({
  service: SERVICE,
  region: REGION,
  credentials: CREDENTIALS,
  sha256: Hash.bind(null, 'sha256'),
  applyChecksum: false,
});

/** Why the request is refused, in the words of API Gateway; undefined when it is not. */
export async function refusal(request: SignedRequest, nowMs: number): Promise<string | undefined> {
  const authorization = parseAuthorization(request.headers.authorization);
  const date = request.headers['x-amz-date'];
  if (!authorization || typeof date !== 'string') return 'Missing Authentication Token';
  if (authorization.key !== CREDENTIALS.accessKeyId) {
    return 'The security token included in the request is invalid.';
  }
  const signedAtMs = timeOf(date);
  if (!(Math.abs(nowMs - signedAtMs) <= MAX_AGE_MS)) return `Signature expired: ${date}`;
  if (authorization.scope !== `${date.slice(0, 8)}/${REGION}/${SERVICE}/aws4_request`) {
    return `Credential should be scoped to ${SERVICE} in ${REGION} on the day of the request.`;
  }
  if (!isOwnHash(request)) return MISMATCH;
  const expected = await signatureOf(request, authorization.headerNames, signedAtMs);
  return authorization.signature === expected ? undefined : MISMATCH;
}

function parseAuthorization(header = ''): Authorization | undefined {
  const [, key, scope, names, signature] = AUTHORIZATION.exec(header) ?? [];
  if (!key || !scope || !names || !signature) return undefined;
  return { key, scope, headerNames: new Set(names.split(';')), signature };
}

/** The signer believes a hash that the client has sent along, so that hash must be the one of the body. */
function isOwnHash({ headers, body }: SignedRequest): boolean {
  const claimed = headers['x-amz-content-sha256'];
  return claimed === undefined || claimed === createHash('sha256').update(body).digest('hex');
}

async function signatureOf(
  { method, url, headers, body }: SignedRequest,
  signableHeaders: ReadonlySet<string>,
  signedAtMs: number,
): Promise<string | undefined> {
  const signedHeaders = Object.entries(headers)
    .filter(([name]) => signableHeaders.has(name))
    .map(([name, value]) => [name, [value].flat().join(',')]);
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: Object.fromEntries(signedHeaders),
    body,
  };
  const options = { signingDate: new Date(signedAtMs), signableHeaders: new Set(signableHeaders) };
  const signed = await signer.sign(request, options);
  return parseAuthorization(signed.headers.authorization)?.signature;
}

const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));

/** Of the form 20261123T185711Z; NaN for any other. */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
