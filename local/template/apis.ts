/**
 * API Gateway rule: a REST API is a tree of resources, each a path part below its parent, with methods that hand the
 * request to a Lambda function (proxy integration) and wait for it 29 s unless the integration says otherwise.
 */
import type { Lookup } from './intrinsics.ts';
import type { Reader } from './reader.ts';

export interface Route {
  /** An HTTP method or ANY. */
  readonly method: string;
  /** As API Gateway writes it: `/items/{id}`. */
  readonly path: string;
  readonly functionName: string;
  readonly integrationTimeoutMs: number;
  /** Authorized by IAM: for signed requests only. */
  readonly isSigned: boolean;
}

export interface ApiSpec {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly routes: Route[];
}

const DEFAULT_INTEGRATION_TIMEOUT_MS = 29_000;

export function readApis(read: Reader, lookup: Lookup): ApiSpec[] {
  const paths = resourcePaths(read);
  return read.ofType('AWS::ApiGateway::RestApi').map((logicalId) => {
    const id = String(lookup.ref(logicalId));
    const belongs = (other: string) => read.property(other, 'RestApiId') === id;
    const stage = read.ofType('AWS::ApiGateway::Stage').find(belongs);
    if (!stage) throw new Error(`${logicalId} (AWS::ApiGateway::RestApi) has no stage`);
    return {
      id,
      name: read.text(logicalId, 'Name'),
      stage: read.text(stage, 'StageName'),
      routes: read
        .ofType('AWS::ApiGateway::Method')
        .filter(belongs)
        .map((method) => readRoute(method, { read, paths })),
    };
  });
}

function readRoute(
  id: string,
  { read, paths }: { read: Reader; paths: (resourceId: string) => string },
): Route {
  const type = read.text(id, 'Integration.Type');
  const uri = read.text(id, 'Integration.Uri');
  const functionName = /:function:([^/:]+)\/invocations$/.exec(uri)?.[1];
  if (type !== 'AWS_PROXY' || !functionName) {
    throw new Error(
      `${id} (AWS::ApiGateway::Method), property Integration: the local cloud knows Lambda proxy integrations only`,
    );
  }
  return {
    method: read.text(id, 'HttpMethod'),
    path: paths(read.text(id, 'ResourceId')),
    functionName,
    isSigned: read.property(id, 'AuthorizationType') === 'AWS_IAM',
    integrationTimeoutMs:
      read.number(id, 'Integration.TimeoutInMillis') ?? DEFAULT_INTEGRATION_TIMEOUT_MS,
  };
}

function resourcePaths(read: Reader): (resourceId: string) => string {
  const resources = new Set(read.ofType('AWS::ApiGateway::Resource'));
  const path = (id: string): string => {
    if (!resources.has(id)) return '';
    return `${path(read.text(id, 'ParentId'))}/${read.text(id, 'PathPart')}`;
  };
  return (id) => path(id) || '/';
}
