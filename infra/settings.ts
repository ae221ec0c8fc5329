/** What a deployment may choose (`cdk ... -c key=value`), read and checked in one place. */

export interface Settings {
  readonly stage: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly simulateFailure: boolean;
  readonly failureHangMs: number;
  readonly failurePercent: number;
  readonly productTimeoutMs: number;
  readonly v1CallTimeoutMs: number;
  readonly v2CallTimeoutMs: number;
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Of an emulator that serves all of AWS there, for example LocalStack; empty for AWS itself. */
  readonly endpointUrl: string;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Who is told of an alarm; empty for nobody. */
  readonly alarmEmail: string;
  readonly pointInTimeRecovery: boolean;
  /** Whether each function has a share of the account's concurrency of its own, and no more than that. */
  readonly bulkhead: boolean;
  /** `iam`: the gateways answer signed requests only, too. */
  readonly access: 'public' | 'iam';
  /** Whether the stack sets the role with which API Gateway writes all logs of this account and region. */
  readonly setApiLogRole: boolean;
}

interface Kind<T> {
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
}

const oneOf = <T extends string | boolean>(...values: T[]): Kind<T> => ({
  expected: values.join(' or '),
  read: (text) => values.find((value) => String(value) === text),
});

const wholeNumber = (least: number, most: number): Kind<number> => ({
  expected: `a whole number from ${least} to ${most}`,
  read: (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

const stageName: Kind<string> = {
  expected: 'lower-case letters, digits and inner hyphens, at most 20, beginning with a letter',
  read: (text) => (/^(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text) ? text : undefined),
};
const origin: Kind<string> = {
  expected: 'a URL of scheme, host and port, such as http://127.0.0.1:4566',
  read: (text) => (URL.canParse(text) && new URL(text).origin === text ? text : undefined),
};
const emailAddress: Kind<string> = {
  expected: 'an e-mail address',
  read: (text) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? text : undefined),
};
const flag = oneOf<boolean>(true, false);
/** Function timeouts are made of these and must not exceed Lambda's 15 minutes. */
const waitMs = wholeNumber(1, 300_000);
const openPeriodMs = wholeNumber(1, 3_600_000);

/** For whoever gave the context: the message says it all. */
export class BadContextError extends Error {}

export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const problems: string[] = [];
  const read = <T>(key: keyof Settings, kind: Kind<T>, initial: T): T => {
    const given = context[key];
    const value = given === undefined ? initial : kind.read(String(given));
    if (value === undefined) problems.push(`${key} is "${given}": give ${kind.expected}`);
    return value ?? initial;
  };
  const settings: Settings = {
    stage: read('stage', stageName, 'demo'),
    architecture: read('architecture', oneOf('arm64', 'x86_64'), 'arm64'),
    simulateFailure: read('simulateFailure', flag, false),
    failureHangMs: read('failureHangMs', wholeNumber(0, 300_000), 30_000),
    failurePercent: read('failurePercent', wholeNumber(0, 100), 100),
    // Long enough for a cold start of the product function, which is slow now and then but never hangs.
    productTimeoutMs: read('productTimeoutMs', waitMs, 5_000),
    v1CallTimeoutMs: read('v1CallTimeoutMs', waitMs, 30_000),
    v2CallTimeoutMs: read('v2CallTimeoutMs', waitMs, 2_000),
    failureThreshold: read('failureThreshold', wholeNumber(1, 1_000), 3),
    openMs: read('openMs', openPeriodMs, 5_000),
    // Equal to openMs: the demonstration keeps a constant open period, where the library would back off.
    maxOpenMs: read('maxOpenMs', openPeriodMs, 5_000),
    endpointUrl: read('endpointUrl', origin, ''),
    logLevel: read('logLevel', oneOf('DEBUG', 'INFO', 'WARN', 'ERROR'), 'INFO'),
    alarmEmail: read('alarmEmail', emailAddress, ''),
    pointInTimeRecovery: read('pointInTimeRecovery', flag, false),
    // Off: an account whose limit is still ten has nothing to share out.
    bulkhead: read('bulkhead', flag, false),
    access: read('access', oneOf('public', 'iam'), 'public'),
    setApiLogRole: read('setApiLogRole', flag, true),
  };
  // What CDK and its tools keep there has a mark in its name; a plain word was meant for this stack.
  const unknown = Object.keys(context).filter((key) => /^\w+$/.test(key) && !(key in settings));
  for (const key of unknown) {
    problems.push(`${key} is not known: give one of ${Object.keys(settings).join(', ')}`);
  }
  if (settings.maxOpenMs < settings.openMs) {
    problems.push(
      `maxOpenMs is "${settings.maxOpenMs}": give at least openMs, which is ${settings.openMs}`,
    );
  }
  if (problems.length > 0)
    throw new BadContextError(`Bad CDK context (-c key=value):\n  ${problems.join('\n  ')}`);
  return settings;
}
