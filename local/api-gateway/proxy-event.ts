/**
 * API Gateway rule: a Lambda proxy integration hands the function the request as a version 1.0 event. Header names
 * keep the case the client sent, repeated values appear in the multiValue maps, and what is absent is null.
 */
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { ACCOUNT_ID, REGION } from '../region.ts';
import type { ApiSpec, Route } from '../template/apis.ts';

interface ProxyRequest {
  readonly api: ApiSpec;
  readonly route: Route;
  readonly incoming: IncomingMessage;
  readonly requestId: string;
  /** Without the stage. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: string;
}

export function toProxyEvent(request: ProxyRequest): APIGatewayProxyEvent {
  const { route, incoming, path, query, pathParameters, body } = request;
  const headers = receivedHeaders(incoming);
  return {
    resource: route.path,
    path,
    httpMethod: incoming.method ?? 'GET',
    ...headers,
    ...queryParameters(query),
    pathParameters: Object.keys(pathParameters).length > 0 ? pathParameters : null,
    stageVariables: null,
    requestContext: requestContext(request, headers.headers),
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
}

/** The last of several values wins in the single-value map. */
function receivedHeaders({ rawHeaders, socket }: IncomingMessage) {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  }
  pairs.push(['X-Forwarded-For', socket.remoteAddress ?? ''], ['X-Forwarded-Proto', 'http']);
  return { headers: Object.fromEntries(pairs), multiValueHeaders: grouped(pairs) };
}

function queryParameters(query: URLSearchParams) {
  if (query.size === 0)
    return { queryStringParameters: null, multiValueQueryStringParameters: null };
  return {
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: grouped([...query]),
  };
}

/** By way of a map, because a name may be one that every object has, such as `constructor`. */
function grouped(pairs: readonly [string, string][]): Record<string, string[]> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(
    [...groups].map(([name, group]) => [name, group.map(([, value]) => value)]),
  );
}

function requestContext(
  { api, route, incoming, requestId, path }: ProxyRequest,
  headers: Record<string, string>,
): APIGatewayProxyEvent['requestContext'] {
  const now = new Date();
  return {
    accountId: ACCOUNT_ID,
    apiId: api.id,
    authorizer: null,
    domainName: `${api.id}.execute-api.${REGION}.amazonaws.com`,
    domainPrefix: api.id,
    httpMethod: incoming.method ?? 'GET',
    identity: {
      ...NOBODY,
      sourceIp: incoming.socket.remoteAddress ?? '',
      userAgent: userAgent(headers),
    },
    path: `/${api.stage}${path}`,
    protocol: `HTTP/${incoming.httpVersion}`,
    requestId,
    requestTime: now.toUTCString(),
    requestTimeEpoch: now.getTime(),
    resourceId: route.path,
    resourcePath: route.path,
    stage: api.stage,
  };
}

const userAgent = (headers: Record<string, string>): string | null =>
  headers['User-Agent'] ?? headers['user-agent'] ?? null;

const NOBODY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};
