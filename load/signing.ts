/** Signs the load's requests where the gateways answer signed ones only (a deployment with `-c access=iam`). */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsClient } from 'aws4fetch';

export type Sign = (url: string) => Promise<Record<string, string>>;

/** With the credentials that the AWS CLI would find. Rejects where there are none. */
export async function createSigner(): Promise<Sign> {
  const { config } = new LambdaClient({ region: 'us-east-1' }); // only for its way to credentials
  const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
  const client = new AwsClient({
    ...{ service: 'execute-api', accessKeyId, secretAccessKey },
    ...(sessionToken && { sessionToken }),
  });
  return async (url) => {
    const [, region] = /\.execute-api\.([\w-]+)\./.exec(url) ?? [];
    const { headers } = await client.sign(url, { aws: { region: region ?? 'us-east-1' } });
    return Object.fromEntries(headers);
  };
}
