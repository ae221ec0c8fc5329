/** DynamoDB's protocol: signed JSON over connections that are kept. */
import { Agent as HttpAgent, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { CredentialSource } from './credentials.ts';
import { type PlaceOptions, placeOf, regionalEndpoint } from './endpoint.ts';
import { type Answer, exchange, isObject, named, objectIn } from './exchange.ts';
import { Signer } from './signature.ts';

/** As many as the SDK opens; further requests wait for one of them. */
const AGENT = { keepAlive: true, maxSockets: 50 };
const MAX_MESSAGE = 1_000;

/** Sends signed requests to DynamoDB. */
export class LiteClient {
  readonly #target: RequestOptions;
  readonly #host: string;
  readonly #signer: Signer;
  readonly #credentials = new CredentialSource();

  /** The options have no problems. */
  constructor(options: PlaceOptions) {
    const { region = '', endpoint = regionalEndpoint(region) } = placeOf(options);
    const url = new URL(endpoint);
    const agent = url.protocol === 'https:' ? new HttpsAgent(AGENT) : new HttpAgent(AGENT);
    this.#target = { ...urlToHttpOptions(url), method: 'POST', agent };
    this.#host = url.host;
    this.#signer = new Signer({ region, service: 'dynamodb' });
  }

  /** One attempt. Rejects with an error that is named as DynamoDB names it. */
  async send(operation: 'GetItem' | 'UpdateItem', input: object): Promise<object> {
    const body = JSON.stringify(input);
    const headers = this.#signer.sign({
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        host: this.#host,
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body,
      credentials: await this.#credentials.current(),
      nowMs: Date.now(),
    });
    return resultOf(await exchange({ ...this.#target, headers }, body));
  }
}

function resultOf({ status, text }: Answer): object {
  const answer = objectIn(text);
  if (!answer) throw named('UnexpectedAnswerError', `HTTP ${status}, without an object of JSON`);
  const { Item, Attributes } = answer;
  if (![Item, Attributes].every(isItem))
    throw named('UnexpectedAnswerError', `HTTP ${status}, with an item that is none`);
  if (status === 200) return answer;
  const { __type, message = answer.Message } = answer;
  throw named(nameIn(__type), String(message ?? `HTTP ${status}`).slice(0, MAX_MESSAGE), { Item });
}

function isItem(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.values(value).every(isObject));
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException` is a ThrottlingException. */
function nameIn(type: unknown): string {
  const [, name = 'UnknownError'] = /(?:^|#)(\w+)$/.exec(String(type ?? '')) ?? [];
  return name;
}
