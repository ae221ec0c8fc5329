/** Thousands of generated requests to the four services. Replay: FC_SEED is printed by a run that fails. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoCloud } from '../support/demo-cloud.ts';
import { FORGED, type FuzzRequest, fuzzRequest, type Part, ROUTES } from './generators.ts';

const REQUESTS = 10_000 * Number(process.env.FC_RUNS ?? 1);
const SEED = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
const AT_ONCE = 16;
const MEMORY_LIMIT_MB = 20;
const PARTS: Part[] = ['product', 'recommendations', 'gateway-v1', 'gateway-v2'];

type Demo = Awaited<ReturnType<typeof startDemoCloud>>;
let demo: Demo;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

beforeAll(async () => {
  demo = await startDemoCloud({ prewarm: 1, enforceIam: false });
});
afterAll(async () => {
  agent.destroy();
  await demo.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function send({ part, method, target, headers, body }: FuzzRequest): Promise<Answer> {
  const { hostname, port } = new URL(demo.urlOf(part, '/'));
  const length = String(Buffer.byteLength(body));
  const own = ['host', `${hostname}:${port}`, ...(body === '' ? [] : ['content-length', length])];
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        agent,
        hostname,
        port,
        method,
        path: target,
        headers: [...own, ...headers.flat()],
      },
      async (incoming) => {
        const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers };
        resolve({ ...answer, body: await text(incoming) });
      },
    );
    // A kept connection may end while a request is on its way: then there is another.
    const again = () => send({ part, method, target, headers, body }).then(resolve, reject);
    outgoing.once('error', (error) => (outgoing.reusedSocket ? again() : reject(error)));
    outgoing.end(body);
  });
}

/** The statuses that are right, and whether it is the function that answers. */
function expected({ part, method, target }: FuzzRequest): {
  statuses: number[];
  byFunction: boolean;
} {
  const [path = ''] = target.split(/[?#]/);
  const withoutStage = path.startsWith('/demo/') ? path.slice('/demo'.length) : path;
  const id = withoutStage.startsWith(ROUTES[part])
    ? decoded(withoutStage.slice(ROUTES[part].length))
    : undefined;
  const isRoute = id !== undefined && /^[^/]+$/.test(withoutStage.slice(ROUTES[part].length));
  // A path of dots leads elsewhere before anybody has read it, and what no URL can be is refused as such.
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path) || id === BROKEN)
    return { statuses: [200, 400, 403, 404], byFunction: false };
  if (!isRoute || method !== 'GET') return { statuses: [403], byFunction: false };
  if (!/^[1-9]\d{0,8}$/.test(id)) return { statuses: [400], byFunction: true };
  return { statuses: [Number(id) <= 24 ? 200 : 404], byFunction: true };
}

const BROKEN = Symbol('what cannot be decoded');

function decoded(segment: string): string | typeof BROKEN {
  try {
    return decodeURIComponent(segment);
  } catch {
    return BROKEN;
  }
}

/** Paths, stacks, addresses, credentials, and what Node and its libraries say of themselves. */
const INTERNAL =
  /\bat .+:\d+:\d+|node_modules|\.m?[jt]s\b|127\.0\.0\.1|E[A-Z]{5,}|AKIA|AWS4-HMAC|Unexpected token|undefined/;

function problemOf(request: FuzzRequest, { status, headers, body }: Answer): string | undefined {
  const { statuses, byFunction } = expected(request);
  // Hono answers HEAD where GET is declared; API Gateway does not. There is no body either way.
  if (request.method === 'HEAD') return body === '' && status < 500 ? undefined : 'HEAD';
  if (!statuses.includes(status)) return `status ${status} instead of ${statuses}`;
  if (!/^application\/json/.test(headers['content-type'] ?? '')) return 'content type';
  const parsed = parse(body);
  if (parsed === undefined) return 'no JSON';
  if (status !== 200 && !isErrorShape(parsed, byFunction)) return 'error shape';
  if (byFunction && !/^[\w-]{1,64}$/.test(String(headers['x-correlation-id'])))
    return 'correlation id';
  const told = JSON.stringify(headers) + (status === 200 ? '' : body);
  if (INTERNAL.test(told)) return 'something internal';
  return undefined;
}

/** The product service has its turn too late on a busy machine: that is what a user is then told. */
const isLate = ({ status, body }: Answer): boolean =>
  status === 502 && body === '{"error":"Bad Gateway","message":"Failed to get product"}';

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A function says what went wrong and why; API Gateway's own answers have a message alone. */
function isErrorShape(parsed: unknown, byFunction: boolean): boolean {
  if (typeof parsed !== 'object' || parsed === null) return false;
  const fields = Object.entries(parsed);
  const names = fields
    .map(([name]) => name)
    .sort()
    .join();
  const isEither = names === 'error,message' || (!byFunction && names === 'message');
  return isEither && fields.every(([, value]) => typeof value === 'string' && value !== '');
}

test(`${REQUESTS} generated requests: right status, JSON in one shape, nothing internal, memory flat`, {
  timeout: 600_000,
}, async () => {
  const requests = fc.sample(fuzzRequest, { numRuns: REQUESTS, seed: SEED });
  const problems: object[] = [];
  let late = 0;
  const statuses = new Map<number, number>();
  const memoryMb: number[] = [];
  let next = 0;
  const user = async () => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index] as FuzzRequest;
      const answer = await send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const problem = problemOf(request, answer);
      if (isLate(answer)) late += 1;
      else if (problem) problems.push({ problem, request, answer });
      if (index % 1_000 === 999) memoryMb.push(mostMemoryMb());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, user));
  console.log({ seed: SEED, statuses: Object.fromEntries(statuses), late, memoryMb });
  expect(problems.slice(0, 3), `FC_SEED=${SEED}: ${problems.length} problems`).toEqual([]);
  expect(late).toBeLessThan(REQUESTS / 100);
  // A third of the requests warms the environments up.
  const [warm = 0] = memoryMb.slice(Math.floor(memoryMb.length / 3));
  expect((memoryMb.at(-1) ?? 0) - warm).toBeLessThan(MEMORY_LIMIT_MB);
  expectHonestLogs();
});

/** Of the environment that has the most of it, whatever its function. */
function mostMemoryMb(): number {
  const reports = PARTS.flatMap((part) => [...demo.logs(part).values()])
    .flatMap((log) => [...log.matchAll(/Max Memory Used: (\d+) MB/g)])
    .map(([, megabytes]) => Number(megabytes));
  return reports.reduce((most, one) => Math.max(most, one), 0);
}

/** Every line is one that Lambda or the function wrote: an answered request has one, and no line begins otherwise. */
function expectHonestLogs() {
  for (const part of PARTS) {
    const lines = [...demo.logs(part).values()].flatMap((log) => log.split('\n').filter(Boolean));
    const own = lines.filter((line) => !/^(START|END|REPORT) RequestId: [\w-]{36}\b/.test(line));
    expect(own.filter((line) => !isLogLine(line))).toEqual([]);
    const starts = lines.filter((line) => line.startsWith('START ')).length;
    expect(own.filter((line) => /"message":"answered"/.test(line))).toHaveLength(starts);
  }
}

function isLogLine(line: string): boolean {
  const parsed = parse(line) as Record<string, unknown> | undefined;
  if (!parsed) return false;
  const id = parsed.correlation_id;
  return parsed.message !== FORGED && (id === undefined || /^[\w-]{1,64}$/.test(String(id)));
}

/** As bytes, because no HTTP client would send them. */
const BROKEN_HEADERS = [
  `x-correlation-id: a\n${FORGED}`,
  `x-correlation-id: a\r${FORGED}`,
  `x-correlation-id: a\r\n ${FORGED}`,
  `x-correlation-id: a\r\n{"level":"ERROR","message":"${FORGED}"}`,
  `x-correlation-id: a\0${FORGED}`,
];

test.each(BROKEN_HEADERS)(
  'a correlation id with a line break of its own (%j) forges no line',
  async (broken) => {
    for (const part of PARTS) {
      const answer = await sendRaw(
        part,
        `GET ${ROUTES[part]}1 HTTP/1.1\r\nhost: x\r\n${broken}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /);
    }
    expectHonestLogs();
  },
);

function sendRaw(part: Part, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(demo.urlOf(part, '/')).port), '127.0.0.1');
    let heard = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      heard += chunk;
      socket.end();
    });
    socket.once('close', () => resolve(heard));
    socket.write(bytes);
  });
}

const INHERITED = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'];

test.each(INHERITED)('a header or a query named %s is as any other', async (name) => {
  for (const part of PARTS) {
    const request = { part, method: 'GET', body: '', target: `${ROUTES[part]}1` };
    const withHeader = await send({ ...request, headers: [[name, 'x']] });
    const withQuery = await send({
      ...request,
      target: `${request.target}?${name}=x`,
      headers: [],
    });
    expect([withHeader.status, withQuery.status]).toEqual([200, 200]);
  }
});
