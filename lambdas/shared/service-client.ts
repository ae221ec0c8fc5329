import type { Sign } from './signer.ts';

export interface Answer {
  readonly status: number;
  /** Undefined when the body is not JSON. */
  readonly body: unknown;
}

/**
 * Rejects when the service cannot be reached, when it sends more than any answer needs, or when the
 * signal fires before the whole body is here.
 */
export type Get = (path: string, signal: AbortSignal) => Promise<Answer>;

/** After decompression. The largest answer that was agreed is a hundredth of it. */
const MAX_BODY_BYTES = 1_000_000;

export class OversizedAnswerError extends Error {
  override readonly name = 'OversizedAnswerError';

  constructor() {
    super(`The service sent more than ${MAX_BODY_BYTES} bytes`);
  }
}

// Node loads what is behind its fetch at the first use, and that takes tens of milliseconds: better now,
// in the initialization, than in a request.
new Request('data:,');

interface Service {
  readonly baseUrl: string;
  readonly sign: Sign;
  /** Of every request, asked anew for each. */
  readonly headers: () => Record<string, string>;
  readonly fetch: typeof globalThis.fetch;
}

export const serviceClient =
  ({ baseUrl, sign, headers, fetch }: Service): Get =>
  async (path, signal) => {
    const send = async () => {
      const url = new URL(`${baseUrl}${path}`);
      const signed = await sign(url, headers());
      // No service redirects. To follow one would carry the signed headers to wherever it points.
      return fetch(url, { headers: signed, signal, redirect: 'manual' });
    };
    const response = await send().catch((error) => {
      if (isLostConnection(error)) return send();
      throw error;
    });
    return { status: response.status, body: parseJson(await readText(response)) };
  };

/**
 * The kept connection had ended while the instance was frozen, which shows only when it is used. GET may be
 * repeated, and once is enough: a service in trouble must not be asked twice for every request.
 */
const isLostConnection = (error: { readonly cause?: { readonly code?: string } }): boolean =>
  ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(error.cause?.code ?? '');

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // The loop, when it is left, gives up the rest of the body and its connection.
    if (bytes > MAX_BODY_BYTES) throw new OversizedAnswerError();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
