import { type RequestOptions, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { MAX_BYTES, TIME_LIMIT_MS } from './limits.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request, and its whole answer. It follows no redirect. Rejects with Node's error, with
 * `TimeoutError` after a second, and with `AnswerTooLongError` beyond 1 MiB.
 */
export function exchange(options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = options.protocol === 'https:' ? requestByHttps : requestByHttp;
    const sent = request(options);
    const late = () => fail(named('TimeoutError', `no answer within ${TIME_LIMIT_MS} ms`));
    const timer = setTimeout(late, TIME_LIMIT_MS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      sent.destroy();
    };
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) fail(named('AnswerTooLongError', `more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.end(body);
  });
}

/** The object that the text is in JSON; undefined if it is none. What it is instead is not quoted. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error with the name that callers know it by. */
export function named(name: string, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), fields, { name });
}
