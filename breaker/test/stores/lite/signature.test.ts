/** Signatures beside those that AWS publishes, and beside those of the SDK's own signer. */
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Headers, Signer } from '../../../src/stores/lite/signature.ts';
import { runs } from '../../support/property.ts';

const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI' +
  '/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKw' +
  'T38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

interface Vector {
  readonly name: string;
  readonly headers: Headers;
  readonly sessionToken?: string;
  readonly body?: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/**
 * Those of AWS's signing test suite that are a POST to `/` without a query, as far as they differ
 * here: tests/aws-signing-test-suite/v4 of github.com/awslabs/aws-c-auth, header-signed-request.txt.
 */
const VECTORS: readonly Vector[] = [
  {
    name: 'post-vanilla',
    headers: {},
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-header-key-sort',
    headers: { 'my-header1': 'value1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-header-value-case',
    headers: { 'my-header1': 'VALUE1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'post-sts-header-before',
    headers: {},
    sessionToken: TOKEN,
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'post-x-www-form-urlencoded',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '13',
      'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
    },
    body: 'Param1=value1',
    signedHeaders: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: 'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  },
];

describe("AWS's vectors", () => {
  it.each(VECTORS)('$name', ({ headers, sessionToken, body = '', signedHeaders, signature }) => {
    const signed = new Signer({ region: 'us-east-1', service: 'service' }).sign({
      headers: { host: 'example.amazonaws.com', ...headers },
      body,
      credentials: {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
        sessionToken,
      },
      nowMs: Date.UTC(2015, 7, 30, 12, 36),
    });
    const credential = 'Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
    expect(signed).toMatchObject({
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    });
    expect(signed['x-amz-security-token']).toBe(sessionToken);
  });
});

const word = fc.stringMatching(/^[\w./+=-]{1,40}$/);
const requests = fc.record({
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1'),
  host: fc.domain(),
  target: fc.constantFrom('DynamoDB_20120810.GetItem', 'DynamoDB_20120810.UpdateItem'),
  body: fc.string({ unit: 'grapheme', maxLength: 200 }),
  accessKeyId: fc.stringMatching(/^[A-Z\d]{16,20}$/),
  secretAccessKey: word,
  sessionToken: fc.option(word, { nil: undefined }),
  nowMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2099, 11) }),
});

it("Any request of the store is signed as by the SDK's signer, whichever was signed before", async () => {
  const signers = new Map<string, Signer>();
  const agree = fc.asyncProperty(requests, async ({ region, host, target, body, ...given }) => {
    const { nowMs, sessionToken, ...keys } = given;
    const credentials = { ...keys, ...(sessionToken !== undefined && { sessionToken }) };
    const signer = signers.get(region) ?? new Signer({ region, service: 'dynamodb' });
    signers.set(region, signer);
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
    };
    const sdk = new SignatureV4({
      ...{ service: 'dynamodb', region, credentials, applyChecksum: false },
      sha256: Hash.bind(null, 'sha256'),
    });
    const request = { method: 'POST', protocol: 'https:', hostname: host, path: '/' };
    const signingDate = new Date(nowMs);
    const expected = await sdk.sign({ ...request, headers, body }, { signingDate });
    expect(signer.sign({ headers, body, credentials, nowMs })).toEqual(expected.headers);
  });
  await fc.assert(agree, runs(500));
});
