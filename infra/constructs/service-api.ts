import { Aws } from 'aws-cdk-lib';
import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { Part } from './service-function.ts';

export interface ServiceApiProps {
  readonly part: Part;
  readonly settings: Pick<Settings, 'stage' | 'endpointUrl'>;
  readonly lambda: IFunction;
  /** Each of them for GET. */
  readonly paths: readonly string[];
  /** `internal`: only for signed requests from a role that was granted the routes. */
  readonly access: 'public' | 'internal';
}

/** Well above what the load test asks for, well below what all APIs of an account share. */
const throttling = { throttlingRateLimit: 1_000, throttlingBurstLimit: 500 };

export class ServiceApi extends Construct {
  /** Without a slash at the end. */
  readonly url: string;
  private readonly api: RestApi;
  private readonly paths: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    { part, settings, lambda, paths, access }: ServiceApiProps,
  ) {
    super(scope, id);
    const { stage, endpointUrl } = settings;
    this.paths = paths;
    this.api = new RestApi(this, 'Api', {
      restApiName: `fleet-breaker-${stage}-${part}`,
      endpointTypes: [EndpointType.REGIONAL],
      // It would be a setting of the whole account and not of this stack.
      cloudWatchRole: false,
      deployOptions: { stageName: stage, ...throttling },
    });
    const integration = new LambdaIntegration(lambda, { allowTestInvoke: false });
    const authorizationType =
      access === 'internal' ? AuthorizationType.IAM : AuthorizationType.NONE;
    for (const path of paths) {
      this.api.root.resourceForPath(path).addMethod('GET', integration, { authorizationType });
    }
    // Would print the URL a second time, under a name that nobody chose.
    this.api.node.tryRemoveChild('Endpoint');
    const { restApiId, deploymentStage } = this.api;
    const apiUrl = endpointUrl
      ? `${endpointUrl}/_aws/execute-api/${restApiId}`
      : `https://${restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    this.url = `${apiUrl}/${deploymentStage.stageName}`;
  }

  grantInvoke(grantee: IGrantable) {
    const { api } = this;
    Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: this.paths.map((path) =>
        api.arnForExecuteApi('GET', path.replace(/\{\w+\}/g, '*'), api.deploymentStage.stageName),
      ),
    });
  }
}
