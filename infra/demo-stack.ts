import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Env as GatewayV1Env } from '../lambdas/gateway-v1/config.ts';
import type { Env as GatewayV2Env } from '../lambdas/gateway-v2/config.ts';
import type { Env as RecommendationsEnv } from '../lambdas/recommendations/config.ts';
import { BreakerTable } from './constructs/breaker-table.ts';
import { ServiceApi, type ServiceApiProps } from './constructs/service-api.ts';
import { ServiceFunction, type ServiceFunctionProps } from './constructs/service-function.ts';
import type { Settings } from './settings.ts';

type ServiceProps = Omit<ServiceFunctionProps & ServiceApiProps, 'settings' | 'lambda'>;

interface Services {
  readonly product: ServiceApi;
  readonly recommendations: ServiceApi;
}

export class DemoStack extends Stack {
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      description: 'A cascading failure, and the shared circuit breaker that stops it',
    });
    this.settings = settings;
    const { product, recommendations } = this.services();
    const services = { product: product.api, recommendations: recommendations.api };
    const table = new BreakerTable(this, 'Circuits', settings.stage);
    const v1 = this.gatewayV1(services);
    const v2 = this.gatewayV2(services, table);
    this.output({
      ProductUrl: product.api.url,
      ProductFunctionName: product.lambda.functionName,
      RecommendationsUrl: recommendations.api.url,
      RecommendationsFunctionName: recommendations.lambda.functionName,
      GatewayV1Url: v1.api.url,
      GatewayV1FunctionName: v1.lambda.functionName,
      GatewayV2Url: v2.api.url,
      GatewayV2FunctionName: v2.lambda.functionName,
      CircuitStatusUrl: `${v2.api.url}/circuit-status`,
      CircuitTableName: table.tableName,
    });
  }

  private services() {
    const { simulateFailure, failureHangMs, failurePercent } = this.settings;
    const product = this.service('Product', {
      part: 'product',
      paths: ['/products/{id}'],
      access: 'internal',
      environment: {},
      timeout: Duration.seconds(5),
      memorySizeMb: 256,
    });
    const environment: RecommendationsEnv = {
      SIMULATE_FAILURE: String(simulateFailure),
      FAILURE_HANG_MS: String(failureHangMs),
      FAILURE_PERCENT: String(failurePercent),
    };
    const recommendations = this.service('Recommendations', {
      part: 'recommendations',
      paths: ['/recommendations/{id}'],
      access: 'internal',
      environment,
      timeout: timeoutFor(failureHangMs),
      memorySizeMb: 256,
    });
    return { product, recommendations };
  }

  private gatewayV1(services: Services) {
    const { productTimeoutMs, v1CallTimeoutMs } = this.settings;
    const environment: GatewayV1Env = {
      PRODUCT_URL: services.product.url,
      RECOMMENDATIONS_URL: services.recommendations.url,
      PRODUCT_TIMEOUT_MS: String(productTimeoutMs),
      CALL_TIMEOUT_MS: String(v1CallTimeoutMs),
    };
    const gateway = this.service('GatewayV1', {
      part: 'gateway-v1',
      paths: ['/product-details/{id}'],
      access: 'public',
      environment,
      timeout: timeoutFor(productTimeoutMs, v1CallTimeoutMs),
      memorySizeMb: 512,
    });
    allowCalls(gateway, services);
    return gateway;
  }

  private gatewayV2(services: Services, table: BreakerTable) {
    const { productTimeoutMs, v2CallTimeoutMs, failureThreshold, openMs, maxOpenMs } =
      this.settings;
    const environment: GatewayV2Env = {
      PRODUCT_URL: services.product.url,
      RECOMMENDATIONS_URL: services.recommendations.url,
      PRODUCT_TIMEOUT_MS: String(productTimeoutMs),
      CALL_TIMEOUT_MS: String(v2CallTimeoutMs),
      FAILURE_THRESHOLD: String(failureThreshold),
      OPEN_MS: String(openMs),
      MAX_OPEN_MS: String(maxOpenMs),
      CIRCUIT_NAME: 'recommendations',
      CIRCUIT_TABLE: table.tableName,
    };
    const gateway = this.service('GatewayV2', {
      part: 'gateway-v2',
      paths: ['/product-details/{id}', '/circuit-status'],
      access: 'public',
      environment,
      timeout: timeoutFor(productTimeoutMs, v2CallTimeoutMs),
      memorySizeMb: 512,
    });
    allowCalls(gateway, services);
    table.grantBreaker(gateway.lambda);
    return gateway;
  }

  private service(id: string, props: ServiceProps) {
    const { settings } = this;
    const { lambda } = new ServiceFunction(this, `${id}Function`, { ...props, settings });
    const api = new ServiceApi(this, `${id}Api`, { ...props, settings, lambda });
    return { lambda, api };
  }

  private output(values: Record<string, string>) {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}

/** Longer than all that the function waits for, so that it always answers for itself. */
const timeoutFor = (...waitsMs: number[]) =>
  Duration.seconds(3 + Math.ceil(waitsMs.reduce((sum, waitMs) => sum + waitMs) / 1000));

function allowCalls(
  gateway: { readonly lambda: ServiceFunction['lambda'] },
  { product, recommendations }: Services,
) {
  product.grantInvoke(gateway.lambda);
  recommendations.grantInvoke(gateway.lambda);
}
