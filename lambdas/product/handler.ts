import { failure, type Handler, json, serve, withProductId } from '../shared/http.ts';
import type { Log } from '../shared/logger.ts';
import { findProduct } from './catalog.ts';

interface Dependencies {
  readonly log: Log;
  readonly now: () => number;
}

export function createHandler({ log, now }: Dependencies): Handler {
  const product = withProductId(async (id) => {
    const found = findProduct(id);
    return found ? json(200, found) : failure(404, `There is no product ${id}`);
  });
  return serve({ routes: { '/products/{id}': product }, log, now });
}
