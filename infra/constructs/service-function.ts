import { type Duration, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { bundle } from './bundle.ts';
import { shortLivedLogGroup } from './log-group.ts';

export type Part = 'product' | 'recommendations' | 'gateway-v1' | 'gateway-v2';

export interface ServiceFunctionProps {
  readonly part: Part;
  readonly settings: Pick<Settings, 'stage' | 'architecture' | 'logLevel' | 'bulkhead'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memorySizeMb: number;
}

const architectures = { arm64: Architecture.ARM_64, x86_64: Architecture.X86_64 };

/** As many as the load has users. Four of them fit into an account's first thousand, 100 of which AWS keeps free. */
const BULKHEAD_CONCURRENCY = 100;

/** The function of `lambdas/<part>`, with a role and a log group of its own. */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly memorySizeMb: number;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { part, settings, environment, timeout, memorySizeMb } = props;
    const functionName = `fleet-breaker-${settings.stage}-${part}`;
    this.memorySizeMb = memorySizeMb;
    this.logGroup = shortLivedLogGroup(this, 'Logs', `/aws/lambda/${functionName}`);
    // CDK would make a role that may write to every log group of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    this.logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      role,
      logGroup: this.logGroup,
      timeout,
      code: bundle(`lambdas/${part}/index.ts`),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: architectures[settings.architecture],
      memorySize: memorySizeMb,
      tracing: Tracing.ACTIVE,
      ...(settings.bulkhead && { reservedConcurrentExecutions: BULKHEAD_CONCURRENCY }),
      environment: {
        ...environment,
        POWERTOOLS_SERVICE_NAME: part,
        LOG_LEVEL: settings.logLevel,
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Writing traces: X-Ray has no resources to name.',
    });
  }
}
