/**
 * CloudFormation rule: the template is the whole truth about a stack. Functions, tables, routes and outputs are read
 * from it and from nothing else; only what the local cloud serves is resolved, so a role or an alarm may hold any
 * intrinsic function it likes.
 */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { type ApiSpec, readApis } from './apis.ts';
import type { Assembly } from './assembly.ts';
import { createResolver, isRecord } from './intrinsics.ts';
import { createLookup, functionArn } from './physical-ids.ts';
import { createReader, type Reader } from './reader.ts';

export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  readonly codeDir: string;
  readonly functionTimeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Record<string, string>;
  readonly reservedConcurrency: number | undefined;
}

export interface Stack {
  readonly name: string;
  readonly functions: FunctionSpec[];
  readonly tables: CreateTableCommandInput[];
  readonly apis: ApiSpec[];
  readonly outputs: Record<string, string>;
}

export function readStack(assembly: Assembly): Stack {
  const { template, stackName } = assembly;
  const lookup = createLookup(template.Resources, stackName);
  const read = createReader(template.Resources, lookup);
  const resolve = createResolver(lookup);
  const outputs = Object.entries(template.Outputs ?? {}).map(
    ([name, { Value }]) => [name, String(resolve(Value, `output ${name}`))] as const,
  );
  return {
    name: stackName,
    functions: read.ofType('AWS::Lambda::Function').map((id) => readFunction(id, read, assembly)),
    tables: read.ofType('AWS::DynamoDB::Table').map((id) => readTable(id, read)),
    apis: readApis(read, lookup),
    outputs: Object.fromEntries(outputs),
  };
}

function readFunction(id: string, read: Reader, { assetDirs }: Assembly): FunctionSpec {
  const name = read.text(id, 'FunctionName');
  const key = read.text(id, 'Code.S3Key');
  const codeDir = assetDirs.get(key);
  if (!codeDir) throw new Error(`${id}, property Code.S3Key: the assembly has no asset ${key}`);
  return {
    name,
    arn: functionArn(name),
    handler: read.text(id, 'Handler'),
    codeDir,
    functionTimeoutMs: (read.number(id, 'Timeout') ?? 3) * 1000,
    memoryMb: read.number(id, 'MemorySize') ?? 128,
    environment: textValues(read.property(id, 'Environment.Variables')),
    reservedConcurrency: read.number(id, 'ReservedConcurrentExecutions'),
  };
}

/** The properties that CreateTable takes under the same names; TTL and recovery are not the engine's business. */
const TABLE_PROPERTIES = [
  'TableName',
  'KeySchema',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];

function readTable(id: string, read: Reader): CreateTableCommandInput {
  const given = TABLE_PROPERTIES.map((name) => [name, read.property(id, name)] as const);
  const input: unknown = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return input as CreateTableCommandInput;
}

const textValues = (record: unknown): Record<string, string> =>
  isRecord(record)
    ? Object.fromEntries(Object.entries(record).map(([key, value]) => [key, String(value)]))
    : {};
