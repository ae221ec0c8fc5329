/** Which services X-Ray draws, and as called by whom. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsClient } from 'aws4fetch';
import { get, type Place, type Table } from './place.ts';

const LOOK_BACK_S = 600;
/** By default one request a second is traced for sure. */
const REQUESTS = 5;

interface Graph {
  readonly Services?: readonly {
    readonly ReferenceId: number;
    readonly Name: string;
    readonly Type?: string;
    readonly Edges?: readonly { readonly ReferenceId: number }[];
  }[];
}

export async function traceEdges(place: Place): Promise<Table> {
  if (place.target !== 'aws') throw new Error('only AWS has X-Ray');
  for (let request = 0; request < REQUESTS; request++) {
    await get(place, 'GatewayV2Url', '/product-details/1');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  }
  await new Promise((resolve) => setTimeout(resolve, 60_000)); // traces come late
  const { Services = [] } = await serviceGraph(place);
  const nameOf = ({ Name, Type = '' }: { Name: string; Type?: string }) => `${Name} (${Type})`;
  const names = new Map(Services.map((service) => [service.ReferenceId, nameOf(service)]));
  const edges = Services.flatMap((service) =>
    (service.Edges ?? []).map(({ ReferenceId }) => [
      nameOf(service),
      names.get(ReferenceId) ?? '?',
    ]),
  );
  return [['caller', 'called'], ...edges];
}

/** Signed by hand: it is one request, and a client of the SDK more to install. */
async function serviceGraph({ settings }: Place): Promise<Graph> {
  const { config } = new LambdaClient(settings);
  const [region, credentials] = await Promise.all([config.region(), config.credentials()]);
  const client = new AwsClient({ ...credentials, service: 'xray', region });
  const endS = Math.floor(Date.now() / 1_000);
  const response = await client.fetch(`https://xray.${region}.amazonaws.com/ServiceGraph`, {
    method: 'POST',
    body: JSON.stringify({ StartTime: endS - LOOK_BACK_S, EndTime: endS }),
  });
  if (!response.ok) throw new Error(`X-Ray answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Graph;
}
