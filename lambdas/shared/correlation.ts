/** One id for everything that a user's request causes: in every log line, and from service to service. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Environment } from './env.ts';
import type { Log } from './logger.ts';

export const CORRELATION_HEADER = 'x-correlation-id';

/** The caller's own if it is one: it ends up in logs and headers, so it must not be just anything. */
export function correlationIdOf({ headers, requestContext }: APIGatewayProxyEvent): string {
  const isNamed = ([name]: [string, unknown]) => name.toLowerCase() === CORRELATION_HEADER;
  const given = Object.entries(headers ?? {}).find(isNamed)?.[1] ?? '';
  return /^[\w-]{1,64}$/.test(given) ? given : requestContext.requestId;
}

/** What a call to a service carries of the request it is for. Lambda sets the trace anew for each invocation. */
export const onwardHeaders = (log: Log, env: Environment) => (): Record<string, string> => ({
  [CORRELATION_HEADER]: String(log.getCorrelationId()),
  ...(env._X_AMZN_TRACE_ID && { 'x-amzn-trace-id': env._X_AMZN_TRACE_ID }),
});
