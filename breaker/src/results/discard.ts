import { type CallResult, linksOf, propertyOf } from './result.ts';

/** Whatever may be an HTTP answer: the value, the error, its causes, and their `response`. */
export function httpAnswersIn(result: CallResult): unknown[] {
  return linksOf(result).flatMap((link) => [link, propertyOf(link, 'response')]);
}

/**
 * Lets go of an HTTP answer that nobody will read, for an unread body keeps its
 * connection: of a Response of fetch, or of what undici's `request` returns. A
 * body that is being read, or was, is left alone.
 */
export function discardBody(answer: unknown): void {
  const body = propertyOf(answer, 'body');
  const isTaken = propertyOf(answer, 'bodyUsed') === true || propertyOf(body, 'locked') === true;
  if (isTaken || propertyOf(body, 'bodyUsed') === true) return;
  for (const method of ['cancel', 'dump']) {
    const letGo = propertyOf(body, method);
    if (typeof letGo !== 'function') continue;
    // A body that cannot be cancelled is nobody's concern any more.
    new Promise((resolve) => resolve(letGo.call(body))).catch(() => {});
    return;
  }
}
