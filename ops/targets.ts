/** Where an operator's command goes: the local run, LocalStack or AWS. */
import { readFileSync } from 'node:fs';

const TARGETS = ['local', 'localstack', 'aws'] as const;
type TargetName = (typeof TARGETS)[number];

/** Settings of an SDK client; on AWS the SDK finds them itself. */
export type ClientSettings = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};
/** The outputs of the stack, and in a local run the endpoints of the local cloud besides. */
type OutputsFile = Record<string, Record<string, string>>;

export function parseTarget(name: string): TargetName {
  const target = TARGETS.find((known) => known === name);
  if (target) return target;
  throw new Error(`--target ${name}: write one of ${TARGETS.join(', ')}`);
}

export function readOutputs(target: TargetName, file = defaultOutputsFile(target)): OutputsFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as OutputsFile;
  } catch (cause) {
    const hint =
      target === 'local'
        ? 'start `npm run local` first, in another terminal'
        : 'write it with `cdk deploy --outputs-file`, or name it with --outputs';
    throw new Error(`${file} cannot be read: ${hint}`, { cause });
  }
}

const defaultOutputsFile = (target: TargetName): string =>
  target === 'local' ? '.local/outputs.json' : 'cdk-outputs.json';

export function stackOutput(outputs: OutputsFile, name: string): string {
  const value = Object.values(outputs).find((stack) => name in stack)?.[name];
  if (value === undefined) throw new Error(`the outputs file has no ${name}`);
  return value;
}

/** `localEndpoint` names the endpoint's key in the local outputs. */
export function clientSettings(target: TargetName, localEndpoint: () => string): ClientSettings {
  if (target === 'aws') return {};
  const endpoint =
    target === 'local'
      ? localEndpoint()
      : (process.env.AWS_ENDPOINT_URL ?? 'http://localhost:4566');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint, region: process.env.AWS_REGION ?? 'us-east-1', credentials };
}
