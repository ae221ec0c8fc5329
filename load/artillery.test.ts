import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { finished, startArtillery } from './artillery.ts';
import { planFor } from './plan.ts';
import type { ArtilleryJson } from './report/raw/recording.ts';
import { parseRequestEvents, type RequestEvent } from './request-log.ts';

/** Long enough for several requests of each user. */
const LOAD_SECONDS = 4;

const complete = { product: { id: '1' }, recommendations: [{ id: '2' }], degradedMode: false };
const answers: [number, object][] = [
  [200, complete],
  [200, { ...complete, recommendations: [], degradedMode: true }],
  [504, { message: 'Endpoint request timed out' }],
];
const asked: string[] = [];
const signatures: string[] = [];

/** Answers ok, degraded and failed in turn, and cuts the sixth connection. */
const gateway: RequestListener = (request, response) => {
  const number = asked.push(request.url ?? '');
  signatures.push(request.headers.authorization ?? '');
  if (number === 6) return request.socket.destroy();
  const [status, body] = answers[number % answers.length] ?? [500, {}];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

let server: Server;
let directory: string;
let counters: ArtilleryJson['aggregate']['counters'];
let events: RequestEvent[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'load-'));
  server = createServer(gateway);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const output = join(directory, 'artillery.json');
  const requestLog = join(directory, 'requests.ndjson');
  const plan = {
    ...planFor({ scenario: 'outage', profile: 'quick', target: 'local' }),
    users: 10,
    usersPerSecond: 10,
    loadSeconds: LOAD_SECONDS,
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stopFile = join(directory, 'stop');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE').stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const files = { output, requestLog, stopFile };
  await finished(startArtillery({ variant: 'v2', url, plan, ...files, isSigned: true }));
  const artillery: ArtilleryJson = JSON.parse(await readFile(output, 'utf8'));
  counters = artillery.aggregate.counters;
  events = parseRequestEvents(await readFile(requestLog, 'utf8'));
});

afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

const only = <E extends RequestEvent['event']>(event: E) =>
  events.filter((one): one is Extract<RequestEvent, { event: E }> => one.event === event);

test('Artillery and the request log agree on ok, degraded and failed, lost connections included', () => {
  const answered = only('answered');
  for (const outcome of ['ok', 'degraded', 'failed'] as const) {
    const logged = answered.filter((answer) => answer.outcome === outcome).length;
    expect(logged).toBeGreaterThan(0);
    expect(counters[`outcome.${outcome}`]).toBe(logged);
  }
  expect(answered.filter(({ status }) => status === null)).toHaveLength(1);
  expect(answered).toHaveLength(asked.length);
  expect(counters['http.requests']).toBe(asked.length);
  expect(counters['vusers.created']).toBe(10);
});

test('every user waits 1 to 2 s between two requests, and nobody asks after the end of the load', () => {
  const sent = only('sent');
  const answeredAtMs = new Map(only('answered').map(({ request, atMs }) => [request, atMs]));
  const firstAtMs = sent[0]?.atMs ?? Number.NaN;
  const pausesMs = sent.flatMap((later) => {
    const before = sent.findLast(
      ({ user, request }) => user === later.user && request < later.request,
    );
    return before ? [later.atMs - (answeredAtMs.get(before.request) ?? Number.NaN)] : [];
  });
  expect(pausesMs.length).toBeGreaterThan(5);
  expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(995);
  expect(Math.max(...pausesMs)).toBeLessThan(2_250);
  for (const { atMs } of sent) expect(atMs - firstAtMs).toBeLessThan(LOAD_SECONDS * 1_000 + 250);
});

test('every request is signed where the gateways ask for that, each for its own path and time', () => {
  expect(signatures.length).toBe(asked.length);
  for (const signature of signatures) {
    expect(signature).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/execute-api\/aws4_request, /,
    );
  }
  expect(new Set(signatures).size).toBeGreaterThan(1);
});
