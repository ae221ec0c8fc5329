/** What a deployment may choose (`cdk ... -c key=value`), read and checked in one place. */

export interface Settings {
  readonly stage: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly simulateFailure: boolean;
  readonly failureHangMs: number;
  readonly productTimeoutMs: number;
  readonly v1CallTimeoutMs: number;
  readonly v2CallTimeoutMs: number;
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
}

interface Key<T> {
  readonly initial: T;
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
}

const oneOf = <T extends string | boolean>(initial: T, ...values: T[]): Key<T> => ({
  initial,
  expected: values.join(' or '),
  read: (text) => values.find((value) => String(value) === text),
});

const wholeNumber = (initial: number, least: number, most: number): Key<number> => ({
  initial,
  expected: `a whole number from ${least} to ${most}`,
  read: (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

/** Function timeouts grow with these and end at Lambda's 15 minutes. */
const downstreamMs = (initial: number, least = 1) => wholeNumber(initial, least, 300_000);

const keys: { readonly [K in keyof Settings]: Key<Settings[K]> } = {
  stage: {
    initial: 'demo',
    expected: 'lower-case letters, digits and inner hyphens, at most 20, beginning with a letter',
    read: (text) => (/^(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text) ? text : undefined),
  },
  architecture: oneOf<Settings['architecture']>('arm64', 'arm64', 'x86_64'),
  simulateFailure: oneOf<boolean>(false, true, false),
  failureHangMs: downstreamMs(30_000, 0),
  // Long enough for a cold start of the product function: it is slow now and then, never hanging.
  productTimeoutMs: downstreamMs(5_000),
  v1CallTimeoutMs: downstreamMs(30_000),
  v2CallTimeoutMs: downstreamMs(2_000),
  failureThreshold: wholeNumber(3, 1, 1_000),
  openMs: wholeNumber(5_000, 1, 3_600_000),
  // Equal to openMs: the demonstration keeps a constant open period, where the library would back off.
  maxOpenMs: wholeNumber(5_000, 1, 3_600_000),
};

export function readSettings(context: (key: string) => unknown): Settings {
  const problems: string[] = [];
  const read = <T>(key: string, { initial, expected, read }: Key<T>): T => {
    const given = context(key);
    const value = given === undefined ? initial : read(String(given));
    if (value === undefined) problems.push(`${key} is "${given}": give ${expected}`);
    return value ?? initial;
  };
  const settings: Settings = {
    stage: read('stage', keys.stage),
    architecture: read('architecture', keys.architecture),
    simulateFailure: read('simulateFailure', keys.simulateFailure),
    failureHangMs: read('failureHangMs', keys.failureHangMs),
    productTimeoutMs: read('productTimeoutMs', keys.productTimeoutMs),
    v1CallTimeoutMs: read('v1CallTimeoutMs', keys.v1CallTimeoutMs),
    v2CallTimeoutMs: read('v2CallTimeoutMs', keys.v2CallTimeoutMs),
    failureThreshold: read('failureThreshold', keys.failureThreshold),
    openMs: read('openMs', keys.openMs),
    maxOpenMs: read('maxOpenMs', keys.maxOpenMs),
  };
  const { openMs, maxOpenMs } = settings;
  if (maxOpenMs < openMs) {
    problems.push(`maxOpenMs is "${maxOpenMs}": give at least openMs, which is ${openMs}`);
  }
  if (problems.length > 0)
    throw new Error(`Bad CDK context (-c key=value):\n  ${problems.join('\n  ')}`);
  return settings;
}
