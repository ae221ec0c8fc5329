import type { APIGatewayProxyResult } from 'aws-lambda';
import { failure } from '../shared/http.ts';

export interface Fault {
  readonly hangMs: number;
  /** Of the calls; the others are answered as ever. */
  readonly percent: number;
  /** Epoch milliseconds. Calls that come later are answered as ever. */
  readonly untilMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export const strikes = ({ percent, untilMs, random }: Fault, nowMs: number): boolean =>
  nowMs < untilMs && random() * 100 < percent;

/** Stands for a slow query, an exhausted pool, a stuck network: nothing for long, then an apology. */
export async function hang({ hangMs, sleep }: Fault): Promise<APIGatewayProxyResult> {
  await sleep(hangMs);
  return failure(408, 'Service timeout');
}
