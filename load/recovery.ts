/** Notices when everybody is served again after the fault. Pure. */
import type { RequestEvent } from './request-log.ts';

type Sent = Extract<RequestEvent, { event: 'sent' }>;
type Answered = Extract<RequestEvent, { event: 'answered' }>;

export function createRecovery() {
  const requests = new Map<number, { readonly user: number; readonly sentAtMs: number }>();
  const everybody = new Set<number>();
  const served = new Set<number>();
  let faultEndedAtMs = Number.POSITIVE_INFINITY;
  let servedAgainAtMs: number | undefined;

  function noteSent({ request, user, atMs: sentAtMs }: Sent): void {
    everybody.add(user);
    requests.set(request, { user, sentAtMs });
  }

  function noteAnswer({ request, outcome, status }: Answered): void {
    const { user, sentAtMs } = requests.get(request) ?? {};
    requests.delete(request);
    if (user === undefined || sentAtMs === undefined) return;
    if (status === null) everybody.delete(user); // a user whose connection fails asks no more
    if (outcome === 'ok' && sentAtMs >= faultEndedAtMs) served.add(user);
  }

  return {
    faultEnded(atMs: number): void {
      faultEndedAtMs = atMs;
    },
    add(event: RequestEvent): void {
      if (event.event === 'sent') noteSent(event);
      else noteAnswer(event);
    },
    /**
     * Seconds since every user has had a complete answer to a request sent after the fault's end, and the circuit,
     * where it can be seen, was closed; undefined before.
     */
    servedAgainForSeconds(nowMs: number, circuitState: string | undefined): number | undefined {
      const isClosed = circuitState === undefined || circuitState === 'CLOSED';
      const isServed = served.size > 0 && [...everybody].every((user) => served.has(user));
      if (isServed && isClosed) servedAgainAtMs ??= nowMs;
      return servedAgainAtMs === undefined ? undefined : (nowMs - servedAgainAtMs) / 1000;
    },
  };
}
