import type { Log } from '../../lambdas/shared/logger.ts';

/** Keeps the messages, so that a test can say what must be in the log. */
export function recordingLog() {
  const messages: string[] = [];
  let correlationId: unknown;
  const keep: Log['info'] = (input) => {
    messages.push(typeof input === 'string' ? input : input.message);
  };
  const log: Log = {
    addContext: () => {},
    setCorrelationId: (id) => {
      correlationId = id;
    },
    getCorrelationId: () => correlationId,
    info: keep,
    warn: keep,
    error: keep,
  };
  return { log, messages };
}
