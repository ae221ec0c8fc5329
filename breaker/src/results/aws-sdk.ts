/** What the AWS SDK (v3) says about a call, besides an HTTP status. */
import { type CallResult, fieldOf, linksOf, propertyOf } from './result.ts';

/**
 * The names of errors that the SDK itself takes for throttling or for a passing
 * trouble of the service. DynamoDB, among others, throttles with status 400.
 * TransactionInProgressException is left out: the caller's other call causes it.
 */
const SERVICE_TROUBLE: ReadonlySet<unknown> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Why DynamoDB cancelled a transaction, where that was for its load. */
const THROTTLED_ITEM: ReadonlySet<unknown> = new Set([
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
]);

/** Whether the service, and not the caller, is to blame for an SDK error. */
export function isServiceTrouble(result: CallResult): boolean {
  return linksOf(result).some(isTrouble);
}

function isTrouble(error: unknown): boolean {
  if (!isSdkError(error)) return false;
  if (SERVICE_TROUBLE.has(propertyOf(error, 'name'))) return true;
  if (propertyOf(propertyOf(error, '$retryable'), 'throttling') === true) return true;
  const reasons = propertyOf(error, 'CancellationReasons');
  if (!Array.isArray(reasons)) return false;
  return reasons.some((reason) => THROTTLED_ITEM.has(propertyOf(reason, 'Code')));
}

/**
 * The FunctionError of a Lambda Invoke: the function threw or timed out, though
 * the Invoke itself was answered with status 200.
 */
export function functionErrorOf(result: CallResult): string | undefined {
  if (!('value' in result)) return undefined;
  const functionError = fieldOf.FunctionError(result.value);
  const isInvoke = typeof fieldOf.StatusCode(result.value) === 'number';
  return isInvoke && typeof functionError === 'string' ? functionError : undefined;
}

export function isSdkError(error: unknown): boolean {
  return fieldOf.$metadata(error) !== undefined;
}
