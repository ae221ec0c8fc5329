import { CfnOutput, Duration, Stack, Tags } from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import type { CircuitTable } from 'fleet-breaker/cdk';
import type { Env as GatewayV1Env } from '../lambdas/gateway-v1/config.ts';
import type { Env as GatewayV2Env } from '../lambdas/gateway-v2/config.ts';
import type { Env as RecommendationsEnv } from '../lambdas/recommendations/config.ts';
import { ApiLogRole } from './constructs/api-log-role.ts';
import { circuitTable } from './constructs/circuit-table.ts';
import { ServiceApi, type ServiceApiProps } from './constructs/service-api.ts';
import { ServiceFunction, type ServiceFunctionProps } from './constructs/service-function.ts';
import { Observability } from './observability/observability.ts';
import type { Service } from './observability/observed.ts';
import type { Settings } from './settings.ts';

type ServiceProps = Omit<ServiceFunctionProps & ServiceApiProps, 'settings' | 'lambda' | 'logRole'>;

interface Services {
  readonly product: Service;
  readonly recommendations: Service;
}

const CIRCUIT = 'recommendations';

/**
 * Half as many again as the 100 users of the load ask for while all is well (67 a second), for both gateways alike, so
 * that what is compared is the breaker. A gateway asks each service once.
 */
const GATEWAY_REQUESTS_PER_SECOND = 100;
const SERVICE_REQUESTS_PER_SECOND = 2 * GATEWAY_REQUESTS_PER_SECOND;

export class DemoStack extends Stack {
  private readonly settings: Settings;
  private readonly logRole: readonly IDependable[];

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      description: 'A cascading failure, and the shared circuit breaker that stops it',
    });
    this.settings = settings;
    this.logRole = settings.setApiLogRole ? [new ApiLogRole(this, 'ApiLogs').setting] : [];
    const services = this.services();
    const table = circuitTable(this, 'Circuits', settings);
    const v1 = this.gatewayV1(services);
    const v2 = this.gatewayV2(services, table);
    new Observability(this, 'Observability', {
      services: { 'gateway-v1': v1, 'gateway-v2': v2, ...services },
      table,
      source: { namespace: this.metricsNamespace, service: 'gateway-v2', circuit: CIRCUIT },
      settings,
    });
    this.outputs({ ...services, v1, v2 }, table);
    Tags.of(this).add('project', 'fleet-breaker');
    Tags.of(this).add('stage', settings.stage);
  }

  private get metricsNamespace() {
    return `fleet-breaker/${this.settings.stage}`;
  }

  private get gatewayAccess() {
    return this.settings.access === 'iam' ? 'internal' : 'public';
  }

  private services(): Services {
    const { simulateFailure, failureHangMs, failurePercent } = this.settings;
    const product = this.service('Product', {
      part: 'product',
      paths: ['/products/{id}'],
      access: 'internal',
      requestsPerSecond: SERVICE_REQUESTS_PER_SECOND,
      environment: {},
      timeout: Duration.seconds(5),
      memorySizeMb: 256,
    });
    const environment: RecommendationsEnv = {
      SIMULATE_FAILURE: String(simulateFailure),
      FAILURE_HANG_MS: String(failureHangMs),
      FAILURE_PERCENT: String(failurePercent),
      SIMULATE_UNTIL: '', // without end; `npm run fault` gives one
    };
    const recommendations = this.service('Recommendations', {
      part: 'recommendations',
      paths: ['/recommendations/{id}'],
      access: 'internal',
      requestsPerSecond: SERVICE_REQUESTS_PER_SECOND,
      environment,
      timeout: timeoutFor(failureHangMs),
      memorySizeMb: 256,
    });
    return { product, recommendations };
  }

  private gatewayV1(services: Services) {
    const { productTimeoutMs, v1CallTimeoutMs } = this.settings;
    const environment: GatewayV1Env = {
      PRODUCT_URL: services.product.api.url,
      RECOMMENDATIONS_URL: services.recommendations.api.url,
      PRODUCT_TIMEOUT_MS: String(productTimeoutMs),
      CALL_TIMEOUT_MS: String(v1CallTimeoutMs),
    };
    const gateway = this.service('GatewayV1', {
      part: 'gateway-v1',
      paths: ['/product-details/{id}'],
      access: this.gatewayAccess,
      requestsPerSecond: GATEWAY_REQUESTS_PER_SECOND,
      environment,
      timeout: timeoutFor(productTimeoutMs, v1CallTimeoutMs),
      memorySizeMb: 512,
    });
    allowCalls(gateway, services);
    return gateway;
  }

  private gatewayV2(services: Services, table: CircuitTable) {
    const { productTimeoutMs, v2CallTimeoutMs, failureThreshold, openMs, maxOpenMs } =
      this.settings;
    const environment: GatewayV2Env = {
      PRODUCT_URL: services.product.api.url,
      RECOMMENDATIONS_URL: services.recommendations.api.url,
      PRODUCT_TIMEOUT_MS: String(productTimeoutMs),
      CALL_TIMEOUT_MS: String(v2CallTimeoutMs),
      FAILURE_THRESHOLD: String(failureThreshold),
      OPEN_MS: String(openMs),
      MAX_OPEN_MS: String(maxOpenMs),
      CIRCUIT_NAME: CIRCUIT,
      CIRCUIT_TABLE: table.tableName,
      POWERTOOLS_METRICS_NAMESPACE: this.metricsNamespace,
    };
    const gateway = this.service('GatewayV2', {
      part: 'gateway-v2',
      paths: ['/product-details/{id}', '/circuit-status'],
      access: this.gatewayAccess,
      requestsPerSecond: GATEWAY_REQUESTS_PER_SECOND,
      environment,
      timeout: timeoutFor(productTimeoutMs, v2CallTimeoutMs),
      memorySizeMb: 512,
    });
    allowCalls(gateway, services);
    table.grantBreaker(gateway.fn.lambda);
    return gateway;
  }

  private service(id: string, props: ServiceProps): Service {
    const { settings, logRole } = this;
    const fn = new ServiceFunction(this, `${id}Function`, { ...props, settings });
    const { lambda } = fn;
    const api = new ServiceApi(this, `${id}Api`, { ...props, settings, lambda, logRole });
    return { fn, api };
  }

  private outputs(services: Services & Record<'v1' | 'v2', Service>, table: CircuitTable) {
    const { product, recommendations, v1, v2 } = services;
    const values = {
      ProductUrl: product.api.url,
      ProductFunctionName: product.fn.lambda.functionName,
      RecommendationsUrl: recommendations.api.url,
      RecommendationsFunctionName: recommendations.fn.lambda.functionName,
      GatewayV1Url: v1.api.url,
      GatewayV1FunctionName: v1.fn.lambda.functionName,
      GatewayV2Url: v2.api.url,
      GatewayV2FunctionName: v2.fn.lambda.functionName,
      CircuitStatusUrl: `${v2.api.url}/circuit-status`,
      CircuitTableName: table.tableName,
      GatewayAccess: this.settings.access,
    };
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}

/** Longer than all that the function waits for, so that it always answers for itself. */
const timeoutFor = (...waitsMs: number[]) =>
  Duration.seconds(3 + Math.ceil(waitsMs.reduce((sum, waitMs) => sum + waitMs) / 1000));

function allowCalls(gateway: Service, { product, recommendations }: Services) {
  product.api.grantInvoke(gateway.fn.lambda);
  recommendations.api.grantInvoke(gateway.fn.lambda);
}
