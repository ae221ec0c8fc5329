/** What a call came to: the value that it returned, or what it threw. */
export type CallResult = { readonly value: unknown } | { readonly error: unknown };

/** Clients wrap errors two or three deep. A chain may also be a circle. */
const MAX_LINKS = 6;

/**
 * The objects that may tell about the result, outermost first: the value, or the
 * error, its cause, the cause of that, and so on.
 */
export function linksOf(result: CallResult): unknown[] {
  if ('value' in result) return [result.value];
  const links = [result.error];
  while (links.length < MAX_LINKS) {
    const inner = innerOf(links.at(-1));
    if (inner === undefined) break;
    links.push(inner);
  }
  return links;
}

/** An AggregateError is taken to be as its first error. */
function innerOf(error: unknown): unknown {
  return propertyOf(error, 'cause') ?? propertyOf(propertyOf(error, 'errors'), 0);
}

/** Where HTTP clients and the AWS SDK keep how a call went. */
export interface Account {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly StatusCode?: unknown;
  readonly FunctionError?: unknown;
  readonly response?: unknown;
  readonly $metadata?: unknown;
}

const NO_ACCOUNT: Account = Object.freeze({});

/**
 * What anything at all says of how a call went. Every result is asked this, and to name the
 * properties in the code takes a fifth of the time that `propertyOf` takes for them.
 */
export function accountOf(subject: unknown): Account {
  if (typeof subject !== 'object' || subject === null) return NO_ACCOUNT;
  try {
    const { status, statusCode, StatusCode, FunctionError, response, $metadata } =
      subject as Account;
    return { status, statusCode, StatusCode, FunctionError, response, $metadata };
  } catch {
    return guardedAccountOf(subject);
  }
}

/** The same where a getter throws. */
function guardedAccountOf(subject: object): Account {
  return {
    status: propertyOf(subject, 'status'),
    statusCode: propertyOf(subject, 'statusCode'),
    StatusCode: propertyOf(subject, 'StatusCode'),
    FunctionError: propertyOf(subject, 'FunctionError'),
    response: propertyOf(subject, 'response'),
    $metadata: propertyOf(subject, '$metadata'),
  };
}

/**
 * A property of anything at all: undefined where there is none. Whatever a call
 * returned or threw may be looked at in this way; not even a getter that throws
 * does harm.
 */
export function propertyOf(subject: unknown, name: string | number): unknown {
  if (typeof subject !== 'object' || subject === null) return undefined;
  try {
    return (subject as Readonly<Record<string | number, unknown>>)[name];
  } catch {
    return undefined;
  }
}
