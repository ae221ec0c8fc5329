/** Credentials as Lambda, ECS and EKS Pod Identity give them to a process. */
import { readFile } from 'node:fs/promises';
import { urlToHttpOptions } from 'node:url';
import { exchange, named, objectIn } from './exchange.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

interface Kept extends Credentials {
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** Credentials that expire within this time are renewed while they still serve. */
const RENEWED_BEFORE_MS = 300_000;
/** Between two attempts to renew what still serves. */
const RENEWAL_PAUSE_MS = 10_000;

/** Where credentials come from. Errors never hold any part of them. */
export class CredentialSource {
  #kept: Kept | undefined;
  #renewal: Promise<Kept> | undefined;
  #renewalAtMs = -Infinity;

  /**
   * The environment's, as they are now; else the container's, which are kept until they expire.
   * Rejects with `CredentialsProviderError`, which says what is missing.
   */
  async current(): Promise<Credentials> {
    const given = credentialsOfEnvironment();
    if (given) return given;
    const nowMs = Date.now();
    const leftMs = (this.#kept?.expiresAtMs ?? 0) - nowMs;
    if (!this.#kept || leftMs <= 0) return this.#renew(nowMs);
    const mayTry = Math.abs(nowMs - this.#renewalAtMs) > RENEWAL_PAUSE_MS;
    // Whether it fails is known when these have expired.
    if (leftMs <= RENEWED_BEFORE_MS && mayTry) this.#renew(nowMs).catch(() => {});
    return this.#kept;
  }

  #renew(nowMs: number): Promise<Kept> {
    if (!this.#renewal) this.#renewalAtMs = nowMs;
    this.#renewal ??= fetchFromContainer()
      .then((credentials) => {
        this.#kept = credentials;
        return credentials;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }
}

function credentialsOfEnvironment(): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
}

async function fetchFromContainer(): Promise<Kept> {
  const url = containerUrl();
  const token = await containerToken();
  const headers = { accept: 'application/json', ...(token && { authorization: token }) };
  // Hours pass until the next renewal: a connection is not kept for it.
  const request = { ...urlToHttpOptions(url), headers, agent: false };
  const { status, text } = await exchange(request).catch((error: Error) => {
    throw problem(`${ENDPOINT} does not answer: ${error.name}: ${error.message}`, error);
  });
  if (status !== 200) throw problem(`${ENDPOINT} answered HTTP ${status}`);
  return credentialsIn(text);
}

const ENDPOINT = "the container's endpoint of credentials";

/**
 * The endpoint that ECS names by a path, and others by a URL. A container's credentials, and its
 * token, go over plain HTTP only within the machine.
 */
export function containerUrl(): URL {
  const { env } = process;
  const path = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const name = `AWS_CONTAINER_CREDENTIALS_${path ? 'RELATIVE' : 'FULL'}_URI`;
  const text = path ? `http://${ECS_HOST}${path}` : env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!text) throw problem(NONE);
  if (!URL.canParse(text)) throw problem(`${name} is no URL`);
  const url = new URL(text);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal(url.hostname));
  if (!isSafe) throw problem(`${name} leads to a host that is asked by https only`);
  return url;
}

const ECS_HOST = '169.254.170.2';
const LOCAL_HOSTS = [ECS_HOST, '169.254.170.23', '[fd00:ec2::23]', '[::1]', 'localhost'];

function isLocal(host: string): boolean {
  return LOCAL_HOSTS.includes(host) || /^127(\.\d+){3}$/.test(host);
}

const NONE =
  'there are no credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), and no ' +
  'endpoint of a container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI). dynamoLiteStore ' +
  'knows nothing else: for a profile, SSO, web identity or the role of an EC2 instance use dynamoStore';

/** The file's, which is renewed as time goes by, before the fixed one. */
async function containerToken(): Promise<string | undefined> {
  const { env } = process;
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (!file) return env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw problem('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read', error);
  }
}

function credentialsIn(text: string): Kept {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = objectIn(text) ?? {};
  const expiresAtMs = Date.parse(String(Expiration));
  const isComplete = [AccessKeyId, SecretAccessKey, Token].every(isText);
  if (!isComplete || Number.isNaN(expiresAtMs))
    throw problem(`${ENDPOINT} answered without credentials`);
  return {
    accessKeyId: String(AccessKeyId),
    secretAccessKey: String(SecretAccessKey),
    sessionToken: String(Token),
    expiresAtMs,
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** The name is the SDK's for the same. */
function problem(message: string, cause?: unknown): Error {
  return named('CredentialsProviderError', message, { cause });
}
