import { type FileHandle, open } from 'node:fs/promises';
import type { Outcome } from './outcome.ts';

/** A line of the request log: the processor writes one when a request goes out and one when it has ended. */
export type RequestEvent =
  | { event: 'sent'; request: number; user: number; product: string; atMs: number }
  | {
      event: 'answered';
      request: number;
      outcome: Outcome;
      /** null: the connection failed or Artillery's own limit was reached. */
      status: number | null;
      /** From opening the request to the last byte of the answer, in whole milliseconds. */
      latencyMs: number;
      atMs: number;
    };

export const parseRequestEvents = (text: string): RequestEvent[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** Follows a request log while Artillery writes it. */
export async function followRequestLog(path: string) {
  const file = await open(path, 'a+');
  let rest = '';
  return {
    async next(): Promise<RequestEvent[]> {
      const lines = (rest + (await readOn(file))).split('\n');
      rest = lines.pop() ?? ''; // a line that is still being written
      return parseRequestEvents(lines.join('\n'));
    },
    close: () => file.close(),
  };
}

async function readOn(file: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(1 << 20);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
  return buffer.toString('latin1', 0, bytesRead); // the log is plain ASCII
}
