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

type Properties = Readonly<Record<string, unknown>>;

function reader(read: (subject: Properties) => unknown): (subject: unknown) => unknown {
  return (subject) => {
    if (typeof subject !== 'object' || subject === null) return undefined;
    try {
      return read(subject as Properties);
    } catch {
      return undefined;
    }
  };
}

/**
 * As `propertyOf`: where HTTP clients and the AWS SDK keep how a call went. Every result is asked for
 * these, and that takes a fifth of the time where the code names the property.
 */
export const fieldOf = {
  status: reader((subject) => subject.status),
  statusCode: reader((subject) => subject.statusCode),
  response: reader((subject) => subject.response),
  $metadata: reader((subject) => subject.$metadata),
  StatusCode: reader((subject) => subject.StatusCode),
  FunctionError: reader((subject) => subject.FunctionError),
};
