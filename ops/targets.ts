/** Where an operator's command goes: the local run, LocalStack or AWS. */
import { readFileSync } from 'node:fs';

export const TARGETS = ['local', 'localstack', 'aws'] as const;
export type Target = (typeof TARGETS)[number];

/** Of the local run and of LocalStack, whatever the region of the person at the terminal. */
export const EMULATED_REGION = 'us-east-1';

/** Settings of an SDK client; on AWS the SDK finds them itself. */
export type ClientSettings = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};
/** The outputs of the stack; where it does not run on AWS, the endpoints to be used instead besides. */
type OutputsFile = Record<string, Record<string, string>>;

export const OUTPUTS: Record<Target, { file: string; origin: string }> = {
  local: {
    file: '.local/outputs.json',
    origin: 'start `npm run local` first, in another terminal',
  },
  localstack: { file: '.localstack/outputs.json', origin: 'run `npm run localstack:deploy` first' },
  aws: {
    file: 'cdk-outputs.json',
    origin: 'run `npm run deploy` first, or name the file of another deployment with --outputs',
  },
};

export function parseTarget(name: string): Target {
  const target = TARGETS.find((known) => known === name);
  if (target) return target;
  throw new Error(`--target ${name}: write one of ${TARGETS.join(', ')}`);
}

export function readOutputs(target: Target, file = OUTPUTS[target].file): OutputsFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as OutputsFile;
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${OUTPUTS[target].origin}`, { cause });
  }
}

export function stackOutput(outputs: OutputsFile, name: string): string {
  const value = Object.values(outputs).find((stack) => name in stack)?.[name];
  if (value === undefined) throw new Error(`the outputs file has no ${name}`);
  return value;
}

/** `endpoint` finds it in the outputs; on AWS it is not asked. */
export function clientSettings(target: Target, endpoint: () => string): ClientSettings {
  if (target === 'aws') return {};
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint: endpoint(), region: EMULATED_REGION, credentials };
}

/** By code, name, kind or message: what there is to do about an error which does not say. */
const WHAT_TO_DO: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there; is the local run (or LocalStack) still running?',
  ENOTFOUND: 'is there a network, and is the region one of AWS?',
  CredentialsProviderError: 'sign in to AWS, or set AWS_PROFILE',
  PreconditionFailedException: 'somebody else has changed it at the same time; try again',
  malformed: 'correct the item or delete it, for without one the circuit is closed',
  'Region is missing': 'set AWS_REGION, or give your AWS profile one',
};

export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '', kind = '' } = error as Error & { code?: string; kind?: string };
  const { name, message, cause } = error;
  // What the store met is what a person can do something about.
  if (name === 'StoreError' && cause) return explain(cause);
  const toDo = [code, name, kind, message].map((key) => WHAT_TO_DO[key]).find(Boolean);
  return [message || code || name, toDo].filter(Boolean).join(': ');
}
