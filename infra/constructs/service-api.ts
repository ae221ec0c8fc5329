import { Aws, Stack, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IDependable } from 'constructs';
import type { Settings } from '../settings.ts';
import { shapeGatewayErrors } from './gateway-errors.ts';
import { shortLivedLogGroup } from './log-group.ts';
import type { Part } from './service-function.ts';

export interface ServiceApiProps {
  readonly part: Part;
  readonly settings: Pick<Settings, 'stage' | 'endpointUrl'>;
  readonly lambda: LambdaFunction;
  /** Each of them for GET. */
  readonly paths: readonly string[];
  /** `internal`: only for signed requests from a role that was granted the routes. */
  readonly access: 'public' | 'internal';
  readonly requestsPerSecond: number;
  /** What must be there before an API may have logs. */
  readonly logRole: readonly IDependable[];
}

/** Nothing that leads to a person: no address, no user agent, no identity, no query. */
const accessLogFields = {
  requestId: '$context.requestId',
  xrayTraceId: '$context.xrayTraceId',
  requestTime: '$context.requestTime',
  httpMethod: '$context.httpMethod',
  resourcePath: '$context.resourcePath',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integration.status',
  integrationLatency: '$context.integration.latency',
  errorType: '$context.error.responseType',
};

export class ServiceApi extends Construct {
  readonly api: RestApi;
  /** Without a slash at the end. */
  readonly url: string;
  private readonly paths: readonly string[];

  constructor(scope: Construct, id: string, props: ServiceApiProps) {
    super(scope, id);
    const { part, settings, lambda, paths, access, requestsPerSecond, logRole } = props;
    const { stage, endpointUrl } = settings;
    const restApiName = `fleet-breaker-${stage}-${part}`;
    const accessLogs = shortLivedLogGroup(this, 'AccessLogs', `/aws/apigateway/${restApiName}`);
    this.paths = paths;
    this.api = new RestApi(this, 'Api', {
      restApiName,
      endpointTypes: [EndpointType.REGIONAL],
      // A setting of the whole account, which the stack makes once and not for each API.
      cloudWatchRole: false,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: requestsPerSecond,
        // As many as may come within a second may also come at once.
        throttlingBurstLimit: requestsPerSecond,
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    this.api.deploymentStage.node.addDependency(...logRole);
    demandModernTls(this.api);
    shapeGatewayErrors(this.api, access);
    const integration = new LambdaIntegration(lambda, { allowTestInvoke: false });
    const authorizationType =
      access === 'internal' ? AuthorizationType.IAM : AuthorizationType.NONE;
    for (const path of paths) {
      this.api.root.resourceForPath(path).addMethod('GET', integration, { authorizationType });
    }
    // Would print the URL a second time, under a name that nobody chose.
    this.api.node.tryRemoveChild('Endpoint');
    this.acknowledge(access);
    const { restApiId, deploymentStage } = this.api;
    const apiUrl = endpointUrl
      ? `${endpointUrl}/_aws/execute-api/${restApiId}`
      : `https://${restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    this.url = `${apiUrl}/${deploymentStage.stageName}`;
  }

  /** Lets the function call the routes of this API, and nothing else of it. */
  grantInvoke(grantee: LambdaFunction) {
    const { stageName } = this.api.deploymentStage;
    const arns = this.paths.map((path) =>
      this.api.arnForExecuteApi('GET', path.replace(/\{\w+\}/g, '*'), stageName),
    );
    Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns: arns });
    for (const arn of arns) {
      Validations.of(grantee.role ?? grantee).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${inFindings(Stack.of(this).resolve(arn))}]`,
        reason: 'The wildcard stands for a product id.',
      });
    }
  }

  private acknowledge(access: ServiceApiProps['access']) {
    const rules = Validations.of(this);
    rules.acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason: 'A request has nothing but a product id, and the function checks that itself.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'A web ACL costs more than all the rest; the stage is throttled, and the answers hold no names and no free text.',
      },
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'Execution logs go to a group that outlives the stack; status, latency and error are in the access log.',
      },
      {
        id: 'AwsSolutions-COG4',
        reason:
          'There are no users to sign in: the shop window is public, the services behind it are not for people.',
      },
    );
    if (access === 'public') {
      rules.acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'The shop window is open to everybody, as a shop window is.',
      });
    }
  }
}

/** TLS 1.2 or 1.3. The default still takes 1.0, and CDK's own API construct cannot choose yet. */
function demandModernTls({ node }: RestApi): void {
  const api = node.defaultChild as CfnRestApi;
  api.securityPolicy = SecurityPolicy.TLS13_1_2_PQ_2025_09;
  api.endpointAccessMode = 'STRICT';
}

/** A resolved ARN the way cdk-nag writes it into its findings. */
const inFindings = (arn: { 'Fn::Join': [string, (string | { Ref: string })[]] }): string =>
  arn['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
