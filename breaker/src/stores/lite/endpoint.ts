/** Where DynamoDB is: the region, and the URL that requests go to. */
import { problem, problemsIn } from '../../checks.ts';

export interface PlaceOptions {
  /** Default: `AWS_REGION`, else `AWS_DEFAULT_REGION`. */
  readonly region?: string | undefined;
  /**
   * The URL of another DynamoDB than the region's, without a path. Default:
   * `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`.
   */
  readonly endpoint?: string | undefined;
}

export const PLACE_OPTIONS = ['region', 'endpoint'];

/** What the options and the environment come to; nothing of it is checked. */
export function placeOf({ region, endpoint }: PlaceOptions) {
  const { env } = process;
  return {
    region: region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION),
    endpoint: endpoint ?? (env.AWS_ENDPOINT_URL_DYNAMODB || env.AWS_ENDPOINT_URL || undefined),
  };
}

export function placeProblems(options: PlaceOptions): string[] {
  const { region, endpoint } = placeOf(options);
  const isRegion = typeof region === 'string' && /^[a-z\d]+(-[a-z\d]+)*$/.test(region);
  return problemsIn([
    isRegion ? undefined : problem('region', region, 'a region, or one in AWS_REGION'),
    endpoint === undefined ? variantProblem() : endpointProblem(endpoint),
  ]);
}

/** What was given is not shown: it might hold a password. */
function endpointProblem(endpoint: unknown): string | undefined {
  const isBare = typeof endpoint === 'string' && /^https?:\/\/[^/\\?#@\s]+\/?$/.test(endpoint);
  if (isBare && URL.canParse(endpoint)) return undefined;
  return 'endpoint: expected a URL of http or https with a host, a port if need be, and no more';
}

/** Who asks for one of these must not be led to another endpoint unawares. */
function variantProblem(): string | undefined {
  const variables = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'];
  const asked = variables.find((name) => process.env[name]?.toLowerCase() === 'true');
  return asked && `endpoint: not given, and ${asked} is not obeyed; give it, or use dynamoStore`;
}

/** By the beginnings of regions; all others are below `amazonaws.com`. */
const DNS_SUFFIXES = {
  'cn-': 'amazonaws.com.cn',
  'eusc-': 'amazonaws.eu',
  'us-iso-': 'c2s.ic.gov',
  'us-isob-': 'sc2s.sgov.gov',
  'us-isof-': 'csp.hci.ic.gov',
  'eu-isoe-': 'cloud.adc-e.uk',
};

/** The region's own endpoint. */
export function regionalEndpoint(region: string): string {
  const [, suffix = 'amazonaws.com'] =
    Object.entries(DNS_SUFFIXES).find(([beginning]) => region.startsWith(beginning)) ?? [];
  return `https://dynamodb.${region}.${suffix}`;
}
