/**
 * CloudFormation rule: Ref gives a resource's physical id, Fn::GetAtt an attribute. The ids that AWS would invent are
 * derived from the names in the template, so they are the same in every run.
 */
import { createHash } from 'node:crypto';
import { ACCOUNT_ID, PSEUDO_PARAMETERS, REGION } from '../region.ts';
import type { Resource } from './assembly.ts';
import type { Lookup } from './intrinsics.ts';

const NAME_PROPERTY: Record<string, string> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::ApiGateway::Stage': 'StageName',
};

export function createLookup(resources: Record<string, Resource>, stackName: string): Lookup {
  const pseudo: Record<string, string> = { ...PSEUDO_PARAMETERS, 'AWS::StackName': stackName };
  const ref = (id: string): string | undefined => {
    const { Type = '', Properties = {} } = resources[id] ?? {};
    if (Type === 'AWS::ApiGateway::RestApi') return restApiId(id);
    if (Type === 'AWS::ApiGateway::Resource') return id;
    const name = Properties[NAME_PROPERTY[Type] ?? ''];
    return typeof name === 'string' ? name : pseudo[id];
  };
  return { ref, attribute: (id, name) => attribute(`${resources[id]?.Type}.${name}`, ref(id)) };
}

function attribute(kind: string, physicalId: string | undefined): string | undefined {
  if (physicalId === undefined) return undefined;
  switch (kind) {
    case 'AWS::Lambda::Function.Arn':
      return functionArn(physicalId);
    case 'AWS::DynamoDB::Table.Arn':
      return `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${physicalId}`;
    case 'AWS::ApiGateway::RestApi.RootResourceId':
      return `${physicalId}/root`;
    default:
      return undefined;
  }
}

export const functionArn = (name: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`;

/** Ten characters of letters and digits, as API Gateway invents them. */
const restApiId = (logicalId: string): string =>
  createHash('sha256').update(logicalId).digest('hex').slice(0, 10);
