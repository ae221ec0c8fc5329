/**
 * What Artillery calls around every request (hook names: see artillery.yml). It is an .mts file so that Artillery
 * hands it to Node as it is; a .ts processor is first bundled into load/dist, which two runs at once would fight over.
 */
import { existsSync, openSync, writeSync } from 'node:fs';
import { OUTCOMES, outcomeOf } from './outcome.ts';
import { randomFrom } from './random.ts';
import type { RequestEvent } from './request-log.ts';
import type { Sign } from './signing.ts';

type Answer = Omit<Extract<RequestEvent, { event: 'answered' }>, 'event' | 'request' | 'atMs'>;
interface User {
  vars: Record<string, string | number>;
  number?: number;
  random?: () => number;
  /** The request under way. */
  request?: { number: number; sentAtMs: number } | undefined;
}
interface Response {
  statusCode: number;
  body: string;
  timings: { phases: { total?: number } };
}
interface Events {
  emit(event: 'counter', name: string, value: number): void;
}
type Next = (error?: Error | null) => void;
interface Request {
  url: string;
  headers?: Record<string, string>;
}

// The demo sets the first two, for its display and its report and to end the load; by hand neither is set. The third is
// for gateways that answer signed requests only, with the credentials that the AWS CLI would find.
const { LOAD_REQUEST_LOG: LOG_PATH, LOAD_STOP_FILE: STOP_FILE, LOAD_SIGN: SIGN } = process.env;
const log = LOG_PATH ? openSync(LOG_PATH, 'a') : undefined;

let users = 0;
let requests = 0;
let startedAtMs: number | undefined;
let signer: Promise<Sign> | undefined;

export function chooseProduct(_request: unknown, user: User, _events: Events, next: Next): void {
  const sentAtMs = Date.now();
  startedAtMs ??= sentAtMs;
  user.number ??= ++users;
  const setting = (name: string) => Number(user.vars[name]);
  user.random ??= randomFrom(setting('seed') * 1_000_003 + user.number);
  const productId = String(1 + Math.floor(user.random() * setting('products')));
  const thinkMs = between(setting('thinkMinMs'), setting('thinkMaxMs'), user.random());
  Object.assign(user.vars, { productId, thinkMs });
  user.request = { number: ++requests, sentAtMs };
  record({
    event: 'sent',
    request: requests,
    user: user.number,
    product: productId,
    atMs: sentAtMs,
  });
  next();
}

/** After `chooseProduct`, because the whole path is signed. */
export function sign(request: Request, user: User, _events: Events, next: Next): void {
  if (SIGN !== 'true') {
    next();
    return;
  }
  // Artillery fills the address in later.
  const url = request.url.replace(/\{\{ *productId *\}\}/, String(user.vars.productId));
  signed(url).then((headers) => {
    request.headers = { ...request.headers, ...headers };
    next();
  }, next);
}

async function signed(url: string): Promise<Record<string, string>> {
  signer ??= import('./signing.ts').then(({ createSigner }) => createSigner());
  return (await signer)(url);
}

export function countAnswer(
  _request: unknown,
  { statusCode: status, body, timings }: Response,
  ...[user, events, next]: [User, Events, Next]
): void {
  const latencyMs = timings.phases.total ?? elapsedMs(user);
  count(user, events, { status, outcome: outcomeOf(status, body), latencyMs });
  next();
}

export function countError(
  _error: Error,
  _request: unknown,
  ...[user, events, next]: [User, Events, Next]
): void {
  count(user, events, { status: null, outcome: 'failed', latencyMs: elapsedMs(user) });
  next();
}

export function loadGoesOn({ vars }: User, next: (goesOn: boolean) => void): void {
  const isStopped = STOP_FILE !== undefined && existsSync(STOP_FILE);
  next(!isStopped && Date.now() < (startedAtMs ?? 0) + Number(vars.loadSeconds) * 1000);
}

function count(user: User, events: Events, answer: Answer): void {
  if (!user.request) return; // Artillery reports one failed connection twice
  for (const name of OUTCOMES) {
    // Zeros too, so that Artillery's own summary always shows all three.
    events.emit('counter', `outcome.${name}`, Number(name === answer.outcome));
  }
  record({ event: 'answered', request: user.request.number, ...answer, atMs: Date.now() });
  user.request = undefined;
}

function record(event: RequestEvent): void {
  if (log !== undefined) writeSync(log, `${JSON.stringify(event)}\n`);
}

function elapsedMs(user: User): number {
  return Date.now() - (user.request?.sentAtMs ?? Date.now());
}

function between(low: number, high: number, share: number): number {
  return Math.round(low + share * (high - low));
}
