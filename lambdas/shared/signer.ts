import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Environment, readEnv, text } from './env.ts';

/** The headers of a GET request, with its signature among them. */
export type Sign = (url: URL, headers: Record<string, string>) => Promise<Record<string, string>>;

/**
 * Signs for API Gateway as the function's own role, whose credentials Lambda puts into the environment. The SDK's signer
 * hashes with node:crypto, so nothing waits for another thread, as it would with WebCrypto: the request leaves in the
 * turn of the event loop in which it was asked for.
 */
export function signerFor(env: Environment): Sign {
  const runtime = readEnv(env, {
    AWS_REGION: text,
    AWS_ACCESS_KEY_ID: text,
    AWS_SECRET_ACCESS_KEY: text,
  });
  const signer = new SignatureV4({
    service: 'execute-api',
    region: runtime.AWS_REGION,
    credentials: {
      accessKeyId: runtime.AWS_ACCESS_KEY_ID,
      secretAccessKey: runtime.AWS_SECRET_ACCESS_KEY,
      ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    },
    sha256: Hash.bind(null, 'sha256'),
  });
  return async (url, headers) => {
    const { protocol, hostname, host, pathname } = url;
    const request = { method: 'GET', protocol, hostname, path: pathname };
    const signed = await signer.sign({ ...request, headers: { host, ...headers } });
    return signed.headers;
  };
}
