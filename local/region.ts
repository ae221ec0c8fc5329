/** The one region and account of the local cloud; the SDK wants some region and credentials, whatever they are. */
export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';
export const LOOPBACK = '127.0.0.1';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export const PSEUDO_PARAMETERS = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT_ID,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
} as const;
