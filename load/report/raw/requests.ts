/** From the request log to what users met. Pure. */
import type { Outcome } from '../../outcome.ts';
import type { RequestEvent } from '../../request-log.ts';

export interface Request {
  readonly number: number;
  readonly user: number;
  readonly sentAtMs: number;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly latencyMs: number;
}

export interface RequestLog {
  /** They come in the order in which they were sent. */
  readonly requests: readonly Request[];
  /** Requests without an answer when Artillery ended. They count nowhere else. */
  readonly unanswered: number;
}

export function joinRequests(events: readonly RequestEvent[]): RequestLog {
  const answers = new Map(
    events.flatMap((event) => (event.event === 'answered' ? [[event.request, event]] : [])),
  );
  const sent = events.filter((event) => event.event === 'sent');
  const requests = sent.flatMap(({ request: number, user, atMs: sentAtMs }) => {
    const answer = answers.get(number);
    if (!answer) return [];
    const { outcome, status, latencyMs } = answer;
    return [{ number, user, sentAtMs, outcome, status, latencyMs }];
  });
  return { requests, unanswered: sent.length - requests.length };
}
