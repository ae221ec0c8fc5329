import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

interface Call {
  readonly resource: string;
  readonly id?: string;
  readonly method?: string;
  readonly correlationId?: string;
}

/** An event as a REST API's proxy integration sends it, with the fields of a real one. */
export function proxyEvent({
  resource,
  id,
  method = 'GET',
  correlationId,
}: Call): APIGatewayProxyEvent {
  const path = resource.replace('{id}', id ?? '');
  const headers = {
    Host: 'abc123.execute-api.us-east-1.amazonaws.com',
    'User-Agent': 'curl/8.5.0',
    ...(correlationId && { 'X-Correlation-Id': correlationId }),
  };
  return {
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: id === undefined ? null : { id },
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc123',
      authorizer: null,
      httpMethod: method,
      identity: {
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
        sourceIp: '192.0.2.1',
        user: null,
        userAgent: 'curl/8.5.0',
        userArn: null,
      },
      path: `/demo${path}`,
      protocol: 'HTTP/1.1',
      requestId: '4f0b2f1c-0000-4000-8000-000000000001',
      requestTimeEpoch: 1_700_000_000_000,
      resourceId: 'res123',
      resourcePath: resource,
      stage: 'demo',
    },
    body: null,
    isBase64Encoded: false,
  };
}

export const lambdaContext = (remainingMs = 9_000): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'fleet-breaker-demo-test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fleet-breaker-demo-test',
  memoryLimitInMB: '256',
  awsRequestId: '4f0b2f1c-0000-4000-8000-000000000002',
  logGroupName: '/aws/lambda/fleet-breaker-demo-test',
  logStreamName: '2023/11/14/[$LATEST]0123456789abcdef',
  getRemainingTimeInMillis: () => remainingMs,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});
