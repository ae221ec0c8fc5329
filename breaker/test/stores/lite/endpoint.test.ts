import { partition } from '@aws-sdk/core/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { placeOf, placeProblems, regionalEndpoint } from '../../../src/stores/lite/endpoint.ts';

const VARIABLES = [
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function stubEnv(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

it.each([
  'us-east-1',
  'eu-west-1',
  'mx-central-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
  'eusc-de-east-1',
])('The endpoint of %s is where the SDK believes it', (region) => {
  const { dnsSuffix } = partition(region);
  expect(regionalEndpoint(region)).toBe(`https://dynamodb.${region}.${dnsSuffix}`);
});

it.each([
  [{ AWS_REGION: 'a-1' }, { region: 'a-1' }],
  [{ AWS_REGION: 'a-1', AWS_DEFAULT_REGION: 'b-1' }, { region: 'a-1' }],
  [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'b-1' }, { region: 'b-1' }],
  [{ AWS_ENDPOINT_URL: 'http://a' }, { endpoint: 'http://a' }],
  [{ AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_DYNAMODB: '' }, { endpoint: 'http://a' }],
  [
    { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_DYNAMODB: 'http://b' },
    { endpoint: 'http://b' },
  ],
])('The environment says where: %j', (variables, expected) => {
  stubEnv(variables);
  expect(placeOf({})).toEqual({ region: undefined, endpoint: undefined, ...expected });
});

it('Options stand above the environment', () => {
  stubEnv({ AWS_REGION: 'a-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://a' });
  const place = { region: 'b-1', endpoint: 'http://b' };
  expect(placeOf(place)).toEqual(place);
});

it.each(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'])(
  '%s is not silently disregarded',
  (variable) => {
    stubEnv({ [variable]: 'true' });
    const region = 'us-east-1';
    expect(placeProblems({ region })).toEqual([expect.stringContaining(variable)]);
    const endpoint = 'https://dynamodb-fips.us-east-1.amazonaws.com';
    expect(placeProblems({ region, endpoint })).toEqual([]);
    stubEnv({ [variable]: 'false' });
    expect(placeProblems({ region })).toEqual([]);
  },
);

it.each(['http://localhost:8000', 'https://a.example/', 'http://[::1]:8000', 'http://10.0.0.1'])(
  '%s is an endpoint',
  (endpoint) => {
    expect(placeProblems({ region: 'local', endpoint })).toEqual([]);
  },
);
