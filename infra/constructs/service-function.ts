import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

export type Part = 'product' | 'recommendations' | 'gateway-v1' | 'gateway-v2';

export interface ServiceFunctionProps {
  readonly part: Part;
  readonly settings: Pick<Settings, 'stage' | 'architecture'>;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memorySizeMb: number;
}

const architectures = { arm64: Architecture.ARM_64, x86_64: Architecture.X86_64 };

const bundling: BundlingOptions = {
  format: OutputFormat.ESM,
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  // The SDK is part of the bundle: what was tested is what runs, whatever the runtime brings along.
  externalModules: [],
  esbuildArgs: { '--conditions': 'fleet-breaker-source,module', '--log-level': 'warning' },
};

/** The function of `lambdas/<part>`, bundled with all it imports, with a role and a log group of its own. */
export class ServiceFunction extends Construct {
  readonly lambda: NodejsFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { part, settings, environment, timeout, memorySizeMb } = props;
    const functionName = `fleet-breaker-${settings.stage}-${part}`;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // CDK would make a role that may write to every log group of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(role);
    this.lambda = new NodejsFunction(this, 'Function', {
      functionName,
      role,
      logGroup,
      timeout,
      entry: `lambdas/${part}/index.ts`,
      runtime: Runtime.NODEJS_24_X,
      architecture: architectures[settings.architecture],
      memorySize: memorySizeMb,
      environment: {
        ...environment,
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: part,
        LOG_LEVEL: 'INFO',
      },
      bundling,
    });
  }
}
