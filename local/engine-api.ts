/**
 * Not an AWS rule: the local cloud's own API, by which the engine of its tables is ended and started again while
 * everything else goes on. PUT and not POST, because a browser sends a PUT to another origin only if that agrees.
 */
import { Hono } from 'hono';
import type { KeptEngine } from './dynamodb/kept-engine.ts';

export const ENGINE_PATH = '/local/engine';

const WISHES = ['running', 'stopped'] as const;

export function createEngineApi(engine: KeptEngine): Hono {
  const app = new Hono();
  app.get(ENGINE_PATH, (c) => c.json(statusOf(engine)));
  app.put(ENGINE_PATH, async (c) => {
    const wish: unknown = await c.req.json().catch(() => undefined);
    const state = WISHES.find((one) => one === wish);
    if (!state) return c.json({ message: `send one of ${WISHES.join(', ')} as JSON text` }, 400);
    await (state === 'running' ? engine.start() : engine.stop());
    return c.json(statusOf(engine));
  });
  return app;
}

const statusOf = ({ name, isRunning, pid }: KeptEngine) => ({
  name,
  state: isRunning ? 'running' : 'stopped',
  ...(isRunning && { pid }),
});
