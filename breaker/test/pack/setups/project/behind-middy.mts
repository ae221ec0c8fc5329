/** The recipe for middy, by middy itself: prints what callers get of a closed and of an open circuit. */
import middy from '@middy/core';
import { breakerIn } from 'fleet-breaker/testing';
import { type GuardedContext, guarding } from './middy.ts';

async function answerIn(state: 'CLOSED' | 'OPEN') {
  const handler = middy()
    .use(guarding(breakerIn(state).breaker))
    .handler((_event: unknown, context: GuardedContext) => context.guarded(() => 'value'));
  const context = { getRemainingTimeInMillis: () => 10_000 } as GuardedContext;
  return handler({}, context);
}

console.log(JSON.stringify([await answerIn('CLOSED'), await answerIn('OPEN')]));
