import { AwsClient } from 'aws4fetch';
import { type Environment, readEnv, text } from './env.ts';

export interface Answer {
  readonly status: number;
  /** Undefined when the body is not JSON. */
  readonly body: unknown;
}

/** Rejects when the service cannot be reached, or when the signal fires before the whole body is here. */
export type Get = (path: string, signal: AbortSignal) => Promise<Answer>;

export type Signer = Pick<AwsClient, 'sign'>;

/** Signs for API Gateway as the function's own role, whose credentials Lambda puts into the environment. */
export function signerFor(env: Environment): Signer {
  const runtime = readEnv(env, {
    AWS_REGION: text,
    AWS_ACCESS_KEY_ID: text,
    AWS_SECRET_ACCESS_KEY: text,
  });
  return new AwsClient({
    service: 'execute-api',
    region: runtime.AWS_REGION,
    accessKeyId: runtime.AWS_ACCESS_KEY_ID,
    secretAccessKey: runtime.AWS_SECRET_ACCESS_KEY,
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
  });
}

interface Service {
  readonly baseUrl: string;
  readonly signer: Signer;
  readonly fetch: typeof globalThis.fetch;
}

export const serviceClient =
  ({ baseUrl, signer, fetch }: Service): Get =>
  async (path, signal) => {
    const response = await fetch(await signer.sign(`${baseUrl}${path}`), { signal });
    return { status: response.status, body: parseJson(await response.text()) };
  };

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
