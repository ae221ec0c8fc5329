/**
 * API Gateway rule: a REST API answers by itself when no function can. The integration limit (29 s by default) ends
 * the wait with 504 while the function goes on; a failed or malformed invocation is 502, a throttled one 500 (only
 * who invokes the function directly is told 429), and a path or method that the API does not have is 403.
 *
 * One difference: signatures are checked on request only, so that people can look at an API that only functions call.
 */
import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { InvokeResult } from '../lambda/pool.ts';
import type { Observer } from '../observer.ts';
import type { ApiSpec, Route } from '../template/apis.ts';
import { toProxyEvent } from './proxy-event.ts';
import { toResponse } from './proxy-response.ts';
import { refusal } from './signature.ts';

interface Bindings {
  readonly Bindings: HttpBindings;
}

export interface Serving {
  readonly api: ApiSpec;
  /** The name by which the observer is told of it. */
  readonly part: string;
  readonly functions: ReadonlyMap<string, { invoke(event: unknown): Promise<InvokeResult> }>;
  readonly enforceIam: boolean;
  readonly observer: Observer;
}

export function createRestApi(serving: Serving): Hono<Bindings> {
  const { api } = serving;
  const app = new Hono<Bindings>({
    getPath: (request) => pathWithoutStage(request.url, api.stage),
  });
  for (const route of api.routes) {
    const serve = (c: Context<Bindings>) => serveObserved(c, route, serving);
    if (route.method === 'ANY') app.all(toHonoPath(route.path), serve);
    else app.on(route.method, toHonoPath(route.path), serve);
  }
  app.notFound(() => ownAnswer(403, 'Missing Authentication Token').response);
  return app;
}

async function serveObserved(c: Context<Bindings>, route: Route, serving: Serving) {
  const requestId = randomUUID();
  const answered = tellRequest({ c, route, serving, requestId });
  const answer = await serveRoute({ c, route, serving, requestId }).catch((error) =>
    internalError(c, error),
  );
  answer.response.headers.set('x-amzn-requestid', requestId);
  answered(answer);
  return answer.response;
}

/** Returns how to tell the answer. When whoever asked goes away before, that is told instead. */
function tellRequest({ c, route, serving, requestId }: RouteRequest): (answer: Answer) => void {
  const { part, observer } = serving;
  const startedAtMs = performance.now();
  const about = { id: requestId, api: part, route: route.path };
  observer.publish({ kind: 'request', ...about, atMs: Date.now() });
  let isOver = false;
  const end = (answer: Answer | undefined) => {
    if (isOver) return;
    isOver = true;
    const latencyMs = performance.now() - startedAtMs;
    const { response, result } = answer ?? {};
    const what = { status: response?.status, result, latencyMs, atMs: Date.now() };
    observer.publish({ kind: 'answer', ...about, ...what });
  };
  c.env.outgoing.once('close', () => end(undefined));
  return end;
}

interface RouteRequest {
  readonly c: Context<Bindings>;
  readonly route: Route;
  readonly serving: Serving;
  readonly requestId: string;
}

interface Answer {
  readonly response: Response;
  /** What the function returned, where it did. */
  readonly result?: string;
}

async function serveRoute({ c, route, serving, requestId }: RouteRequest): Promise<Answer> {
  const { api, functions, enforceIam } = serving;
  const body = await c.req.text();
  const url = new URL(c.req.url);
  if (enforceIam && route.isSigned) {
    const { headers } = c.env.incoming;
    const reason = await refusal({ method: c.req.method, url, headers, body }, Date.now());
    if (reason !== undefined) return ownAnswer(403, reason);
  }
  const target = functions.get(route.functionName);
  if (!target) return ownAnswer(502, 'Internal server error');
  const event = toProxyEvent({
    api,
    route,
    incoming: c.env.incoming,
    requestId,
    path: c.req.path,
    query: url.searchParams,
    pathParameters: c.req.param(),
    body,
  });
  return answerOf(await within(route.integrationTimeoutMs, target.invoke(event)));
}

/** A mistake of the local cloud itself, unless whoever asked has gone before the whole request was here. */
function internalError(c: Context<Bindings>, error: unknown): Answer {
  if (!c.env.outgoing.destroyed) console.error(error);
  return ownAnswer(500, 'Internal server error');
}

function answerOf(result: InvokeResult | 'timed out'): Answer {
  if (result === 'timed out') return ownAnswer(504, 'Endpoint request timed out');
  if (result === 'throttled') return ownAnswer(500, 'Internal server error');
  const response = 'payload' in result ? toResponse(result.payload) : undefined;
  if (!response || !('payload' in result)) return ownAnswer(502, 'Internal server error');
  return { response, result: result.payload };
}

const ownAnswer = (status: number, message: string): Answer => ({
  response: Response.json({ message }, { status }),
});

/** The invocation goes on when the time is over; only the answer stops waiting for it. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T | 'timed out'> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'timed out'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'timed out');
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The URL with the stage name and the one without lead to the same resource. */
function pathWithoutStage(url: string, stage: string): string {
  const { pathname } = new URL(url);
  if (pathname === `/${stage}`) return '/';
  return pathname.startsWith(`/${stage}/`) ? pathname.slice(stage.length + 1) : pathname;
}

/** `/items/{id}` is `/items/:id`, and `{proxy+}` takes the rest of the path. */
const toHonoPath = (path: string): string =>
  path.replace(/\{([^}+]+)(\+?)\}/g, (_, name: string, rest: string) =>
    rest ? `:${name}{.+}` : `:${name}`,
  );
