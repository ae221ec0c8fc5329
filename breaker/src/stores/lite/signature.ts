/** AWS's Signature Version 4 of a POST to `/` without a query, which is all that DynamoDB is asked. */
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './credentials.ts';

/** By their names in lower case. Values are without spaces at their ends, and have no two in a row. */
export type Headers = Readonly<Record<string, string>>;

interface Scope {
  readonly region: string;
  /** As it stands in signatures: `dynamodb`. */
  readonly service: string;
}

interface Unsigned {
  readonly headers: Headers;
  readonly body: string;
  readonly credentials: Credentials;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

interface DayKey {
  readonly secret: string;
  readonly day: string;
  readonly key: Buffer;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs requests to one service in one region. */
export class Signer {
  readonly #scope: Scope;
  /** The key of the latest signature: it is the same for a day. */
  #latest: DayKey | undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** The headers with `x-amz-date`, the session's token and `authorization`. All of them are signed. */
  sign({ headers, body, credentials, nowMs }: Unsigned): Headers {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const time = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const dated = {
      ...headers,
      'x-amz-date': time,
      ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    };
    const { names, request } = canonical(dated, body);
    const scope = [day, this.#scope.region, this.#scope.service, 'aws4_request'].join('/');
    const text = [ALGORITHM, time, scope, sha256(request)].join('\n');
    const signature = hmac(this.#keyOf(secretAccessKey, day), text).toString('hex');
    const credential = `Credential=${accessKeyId}/${scope}`;
    const authorization = `${ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...dated, authorization };
  }

  #keyOf(secret: string, day: string): Buffer {
    if (this.#latest?.secret !== secret || this.#latest.day !== day) {
      const { region, service } = this.#scope;
      const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
      this.#latest = { secret, day, key };
    }
    return this.#latest.key;
  }
}

function canonical(headers: Headers, body: string) {
  const sorted = Object.keys(headers).sort();
  const names = sorted.join(';');
  const lines = sorted.map((name) => `${name}:${headers[name]}`);
  const request = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n');
  return { names, request };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
