/**
 * CloudFormation rule: a property may hold intrinsic functions instead of a value. Ref, Fn::GetAtt, Fn::Join and
 * Fn::Sub are resolved the way CloudFormation does it; anything else stops with the resource and property named,
 * because a guessed value would be worse than none.
 */

export interface Lookup {
  /** The value of `Ref`: a pseudo parameter or a resource's physical id. */
  ref(name: string): string | undefined;
  /** The value of `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): string | undefined;
}

/** `where` names the resource and property for the error message. */
export type Resolve = (value: unknown, where: string) => unknown;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CloudFormation removes a property whose value is this pseudo parameter. */
const NO_VALUE = 'AWS::NoValue';

export function createResolver(lookup: Lookup): Resolve {
  const resolve: Resolve = (value, where) => {
    if (Array.isArray(value)) return withoutGaps(value.map((item) => resolve(item, where)));
    if (!isRecord(value)) return value;
    const [key, ...others] = Object.keys(value);
    if (key !== undefined && others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
      return evaluate({ name: key, argument: value[key], where, lookup, resolve });
    }
    const entries = Object.entries(value).map(
      ([k, v]) => [k, resolve(v, `${where}.${k}`)] as const,
    );
    return Object.fromEntries(entries.filter(([, v]) => v !== undefined));
  };
  return resolve;
}

interface Call {
  readonly name: string;
  readonly argument: unknown;
  readonly where: string;
  readonly lookup: Lookup;
  readonly resolve: Resolve;
}

function evaluate(call: Call): unknown {
  const { name, argument, where } = call;
  if (name === 'Ref' && argument === NO_VALUE) return undefined;
  if (name === 'Ref' && typeof argument === 'string') return reference(argument, call);
  if (name === 'Fn::GetAtt') return reference(attributePath(argument), call);
  if (name === 'Fn::Join') return join(call);
  if (name === 'Fn::Sub') return substitute(call);
  throw new Error(
    `${where}: ${name} is not supported by the local cloud (it knows Ref, Fn::GetAtt, Fn::Join and Fn::Sub)`,
  );
}

/** `Name` is a Ref and `Name.Attribute` a Fn::GetAtt, in Fn::Sub as well as here. */
function reference(path: string, { name, where, lookup }: Call): string {
  const dot = path.indexOf('.');
  const value =
    dot < 0 ? lookup.ref(path) : lookup.attribute(path.slice(0, dot), path.slice(dot + 1));
  if (value !== undefined) return value;
  throw new Error(`${where}: ${name} of ${path} is not supported by the local cloud`);
}

const attributePath = (argument: unknown): string =>
  Array.isArray(argument) ? argument.join('.') : String(argument);

function join({ argument, where, resolve }: Call): string {
  if (!Array.isArray(argument) || argument.length !== 2) {
    throw new Error(`${where}: Fn::Join needs a delimiter and a list`);
  }
  const items = resolve(argument[1], where);
  if (!Array.isArray(items)) throw new Error(`${where}: Fn::Join needs a list`);
  return items.join(String(argument[0]));
}

function substitute(call: Call): string {
  const [text, variables] = Array.isArray(call.argument) ? call.argument : [call.argument, {}];
  const own = call.resolve(variables, call.where);
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, path: string) => {
    if (literal) return `\${${path}}`;
    return isRecord(own) && path in own ? String(own[path]) : reference(path, call);
  });
}

const withoutGaps = (items: unknown[]): unknown[] => items.filter((item) => item !== undefined);
