/**
 * Lambda rule: a function sees its own variables and the ones that Lambda reserves. The names of the region, the
 * credentials and the function are the contract that SDKs and loggers rely on.
 */

import { CREDENTIALS, REGION } from '../region.ts';
import type { EnvironmentSpec } from './environment-spec.ts';
import type { RuntimeSpec } from './runtime.ts';

export function environmentVariables(
  { fn, initializationType, dynamoDbEndpoint }: EnvironmentSpec,
  { logGroupName, logStreamName }: RuntimeSpec,
): Record<string, string> {
  // NODE_OPTIONS belongs to the process of a real environment. Here it is left out: source maps would cost each
  // thread about 40 ms of its start and 3 MB.
  const { NODE_OPTIONS: _, ...own } = fn.environment;
  return {
    ...own,
    _HANDLER: fn.handler,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbEndpoint,
    LAMBDA_TASK_ROOT: fn.codeDir,
  };
}
