import { failure, type Handler, json, serve, withProductId } from '../shared/http.ts';
import type { Log } from '../shared/logger.ts';
import { type Fault, hang, strikes } from './fault.ts';
import { recommend } from './recommend.ts';

interface Dependencies {
  /** Undefined: the service is well. */
  readonly fault: Fault | undefined;
  readonly log: Log;
  readonly now: () => number;
}

export function createHandler({ fault, log, now }: Dependencies): Handler {
  const recommendations = withProductId(async (id) => {
    if (fault && strikes(fault, now())) return hang(fault);
    const related = recommend(id);
    return related ? json(200, related) : failure(404, `There is no product ${id}`);
  });
  return serve({ routes: { '/recommendations/{id}': recommendations }, log, now });
}
