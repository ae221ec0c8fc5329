/**
 * API Gateway rule: a REST API answers by itself when no function can. The integration limit (29 s by default) ends
 * the wait with 504 while the function goes on; a failed or malformed invocation is 502, a throttled one 429, and a
 * path or method that the API does not have is 403.
 *
 * Two differences. AWS turns Lambda's own throttling into 500; here it stays 429, so that a load run can tell it from
 * an error. And signatures are checked on request only, so that people can look at an API that only other functions call.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { InvokeResult } from '../lambda/pool.ts';
import type { ApiSpec, Route } from '../template/apis.ts';
import { toProxyEvent } from './proxy-event.ts';
import { toResponse } from './proxy-response.ts';
import { refusal } from './signature.ts';

type Bindings = { Bindings: HttpBindings };
type Functions = Map<string, { invoke(event: unknown): Promise<InvokeResult> }>;
type Serving = { api: ApiSpec; functions: Functions; enforceIam: boolean };

export function createRestApi(serving: Serving): Hono<Bindings> {
  const { api } = serving;
  const app = new Hono<Bindings>({
    getPath: (request) => pathWithoutStage(request.url, api.stage),
  });
  for (const route of api.routes) {
    const serve = (c: Context<Bindings>) => serveRoute(c, route, serving);
    if (route.method === 'ANY') app.all(toHonoPath(route.path), serve);
    else app.on(route.method, toHonoPath(route.path), serve);
  }
  app.notFound(() => ownAnswer(403, 'Missing Authentication Token'));
  return app;
}

async function serveRoute(
  c: Context<Bindings>,
  route: Route,
  { api, functions, enforceIam }: Serving,
): Promise<Response> {
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
    path: c.req.path,
    query: url.searchParams,
    pathParameters: c.req.param(),
    body,
  });
  const result = await within(route.integrationTimeoutMs, target.invoke(event));
  const response = answer(result);
  response.headers.set('x-amzn-requestid', event.requestContext.requestId);
  return response;
}

function answer(result: InvokeResult | 'timed out'): Response {
  if (result === 'timed out') return ownAnswer(504, 'Endpoint request timed out');
  if (result === 'throttled') return ownAnswer(429, 'Too Many Requests');
  const response = 'payload' in result ? toResponse(result.payload) : undefined;
  return response ?? ownAnswer(502, 'Internal server error');
}

const ownAnswer = (status: number, message: string): Response =>
  Response.json({ message }, { status });

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
