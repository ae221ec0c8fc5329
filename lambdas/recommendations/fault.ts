import type { APIGatewayProxyResult } from 'aws-lambda';
import { failure } from '../shared/http.ts';

export interface Hang {
  readonly hangMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** Stands for a slow query, an exhausted pool, a stuck network: nothing for long, then an apology. */
export async function hang({ hangMs, sleep }: Hang): Promise<APIGatewayProxyResult> {
  await sleep(hangMs);
  return failure(408, 'Service timeout');
}
