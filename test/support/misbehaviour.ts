/** The ways in which a service misbehaves towards its callers, one listener each. */
import type { OutgoingHttpHeaders, RequestListener } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const CHUNK = Buffer.alloc(64 * 1024, ' ');

export const answering =
  (
    status: number,
    body: string | Buffer = '',
    headers: OutgoingHttpHeaders = {},
  ): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

export const after =
  (delayMs: number, then: RequestListener): RequestListener =>
  (request, response) => {
    const timer = setTimeout(() => then(request, response), delayMs);
    response.once('close', () => clearTimeout(timer));
  };

export const hangingBeforeHeaders: RequestListener = () => {};

export const hangingAfterHeaders: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('[');
};

/** A list that never ends, one byte at a time. */
export const dripping: RequestListener = (_, response) => {
  response.writeHead(200).write('[');
  const drip = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(drip));
};

/** A valid empty list, with that many bytes of space in it, as fast as they are taken. */
export const sending =
  (bytes: number, { chunkBytes = CHUNK.byteLength, status = 200 } = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    // Whoever has had enough of it closes the connection.
    pipeline(spaciousList(bytes, CHUNK.subarray(0, chunkBytes)), response).catch(() => {});
  };

async function* spaciousList(bytes: number, chunk: Buffer) {
  yield '[';
  for (let sent = 0; sent < bytes; sent += chunk.byteLength) yield chunk;
  yield ']';
}

/** A valid empty list of a gigabyte: gzip allows parts that were compressed one by one. */
export function gzippedGigabyte(): Buffer {
  const part = gzipSync(Buffer.alloc(10_000_000, ' '));
  const parts = Array.from({ length: 100 }, () => part);
  return Buffer.concat([gzipSync('['), ...parts, gzipSync(']')]);
}

export const compressed = (body: Buffer, encoding: string): RequestListener =>
  answering(200, body, { 'content-encoding': encoding });

/** Some hundred bytes. */
export const brotliOf = (bytes: number): Buffer =>
  brotliCompressSync(Buffer.alloc(bytes, ' '), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
  });

export const redirecting = (location: string, status = 302): RequestListener =>
  answering(status, '', { location });

/** Closes the connection without an answer, as a process does that dies. */
export const resetting: RequestListener = ({ socket }) => {
  socket.resetAndDestroy();
};

/** Closes the connection in the middle of a body whose length it promised. */
export const breakingOff: RequestListener = ({ socket }, response) => {
  response.writeHead(200, { 'content-length': 1_000 });
  response.write('[{"id":"2",', () => socket.destroy());
};

/** Bytes of its own instead of an answer in HTTP, at once and then again and again. */
export const saying =
  (bytes: string, againEveryMs?: number): RequestListener =>
  ({ socket }) => {
    socket.write(bytes);
    if (againEveryMs === undefined) return;
    const again = setInterval(() => socket.write(bytes), againEveryMs);
    socket.once('close', () => clearInterval(again));
  };
