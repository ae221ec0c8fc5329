import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { CORRELATION_HEADER, correlationIdOf } from './correlation.ts';
import type { Log } from './logger.ts';

export type Handler = (
  event: APIGatewayProxyEvent,
  context: Context,
) => Promise<APIGatewayProxyResult>;

const reasons = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

export const json = (statusCode: number, body: unknown): APIGatewayProxyResult => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const failure = (statusCode: keyof typeof reasons, message: string) =>
  json(statusCode, { error: reasons[statusCode], message });

/** Wraps a route that works on one product, so that it only ever sees a well-formed id. */
export const withProductId =
  (route: (id: string, context: Context) => Promise<APIGatewayProxyResult>): Handler =>
  async (event, context) => {
    const id = event.pathParameters?.id ?? '';
    if (!/^[1-9]\d{0,8}$/.test(id)) {
      return failure(400, 'The product id must be a positive whole number of at most nine digits');
    }
    return route(id, context);
  };

interface Service {
  /** By API Gateway resource, for example `/products/{id}`; all of them answer GET only. */
  readonly routes: Readonly<Record<string, Handler>>;
  readonly log: Log;
  readonly now: () => number;
}

export function serve({ routes, log, now }: Service): Handler {
  return async (event, context) => {
    log.addContext(context);
    const correlationId = correlationIdOf(event);
    log.setCorrelationId(correlationId);
    const startedAtMs = now();
    const answer = await dispatch(routes, event, context);
    log.info('answered', {
      method: event.httpMethod,
      route: event.resource,
      statusCode: answer.statusCode,
      durationMs: now() - startedAtMs,
    });
    return { ...answer, headers: { ...answer.headers, [CORRELATION_HEADER]: correlationId } };
  };
}

async function dispatch(
  routes: Service['routes'],
  event: APIGatewayProxyEvent,
  context: Context,
): Promise<APIGatewayProxyResult> {
  const route = Object.hasOwn(routes, event.resource) ? routes[event.resource] : undefined;
  if (!route) return failure(404, 'There is nothing at this path');
  if (event.httpMethod !== 'GET') {
    const refusal = failure(405, 'Only GET is allowed here');
    return { ...refusal, headers: { ...refusal.headers, allow: 'GET' } };
  }
  return route(event, context);
}
