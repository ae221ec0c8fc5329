import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface GatewayError {
  readonly type: ResponseType;
  /** Undefined: the status that API Gateway gives it. */
  readonly statusCode?: string;
  readonly error: string;
  /** Undefined: API Gateway's own words. */
  readonly message?: string;
}

const ERRORS: readonly GatewayError[] = [
  { type: ResponseType.DEFAULT_4XX, error: 'Bad Request' },
  { type: ResponseType.DEFAULT_5XX, error: 'Internal Server Error' },
  { type: ResponseType.ACCESS_DENIED, error: 'Forbidden' },
  {
    type: ResponseType.THROTTLED,
    error: 'Too Many Requests',
    message: 'There are too many requests at the moment',
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    error: 'Gateway Timeout',
    message: 'The function did not answer in time',
  },
];

/** To API Gateway an unknown path is a request without the signature that it would need. */
const UNKNOWN_PATH: GatewayError = {
  type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
  statusCode: '404',
  error: 'Not Found',
  message: 'There is nothing at this path',
};
/** Where all routes are signed, an unknown path cannot be told from a missing signature. */
const NOT_SIGNED: GatewayError = {
  type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
  error: 'Forbidden',
  message: 'This request must be signed',
};

/**
 * Gives the errors that API Gateway answers by itself the shape of the functions' own: `error`, `message` and the
 * correlation id. That id is API Gateway's: a mapping cannot choose between it and one that the caller sent.
 */
export function shapeGatewayErrors(api: RestApi, access: 'public' | 'internal'): void {
  const missingToken = access === 'public' ? UNKNOWN_PATH : NOT_SIGNED;
  for (const { type, statusCode, error, message } of [...ERRORS, missingToken]) {
    const words = message ? JSON.stringify(message) : '$context.error.messageString';
    api.addGatewayResponse(type.responseType, {
      type,
      ...(statusCode && { statusCode }),
      responseHeaders: { 'x-correlation-id': 'context.requestId' },
      templates: { 'application/json': `{"error":${JSON.stringify(error)},"message":${words}}` },
    });
  }
}
