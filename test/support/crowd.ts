/** Users who come again and again, each at its own time, and what each of their visits was like. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Visit {
  readonly correlationId: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly degraded: boolean;
  readonly tookMs: number;
}

export async function visit(url: string, correlationId: string = randomUUID()): Promise<Visit> {
  const askedAtMs = performance.now();
  const { status, degraded } = await answerOf(url, correlationId);
  return { correlationId, status, degraded, tookMs: performance.now() - askedAtMs };
}

async function answerOf(url: string, correlationId: string) {
  try {
    const response = await fetch(url, { headers: { 'x-correlation-id': correlationId } });
    const body = (await response.json()) as { product?: unknown; degradedMode?: unknown };
    const hasProduct = response.status !== 200 || typeof body.product === 'object';
    return { status: hasProduct ? response.status : 0, degraded: body.degradedMode === true };
  } catch {
    return { status: 0, degraded: false };
  }
}

interface Crowd {
  readonly url: string;
  readonly users: number;
  /** The longest time between two visits of a user; the shortest is half of it. */
  readonly pauseMs: number;
}

export function startCrowd({ url, users, pauseMs }: Crowd) {
  const visits: Visit[] = [];
  const leave = new AbortController();
  const stay = async () => {
    // All at the same moment would be slow for that reason alone.
    await sleep(pauseMs * Math.random());
    while (!leave.signal.aborted) {
      visits.push(await visit(url));
      await sleep(pauseMs * (0.5 + Math.random() / 2));
    }
  };
  const stays = Array.from({ length: users }, stay);
  return {
    visits,
    /** All visits, once the last of them has ended. */
    async leave(): Promise<Visit[]> {
      leave.abort();
      await Promise.all(stays);
      return visits;
    },
  };
}
