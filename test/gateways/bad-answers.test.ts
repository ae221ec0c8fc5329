/** Both gateways as they are deployed, each in a process of its own, and services that answer anything but what was agreed. */
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundledFunctions } from '../infra/bundles.ts';
import { type BundleProcess, startBundleProcess } from '../support/bundle-process.ts';
import {
  type FaultyService,
  PRODUCT,
  RECOMMENDATIONS,
  startFaultyService,
} from '../support/faulty-service.ts';
import {
  answering,
  brotliOf,
  compressed,
  gzippedGigabyte,
  redirecting,
  sending,
} from '../support/misbehaviour.ts';
import { proxyEvent } from '../support/proxy-event.ts';

const MEGABYTE = 1_000_000;
const MEMORY_LIMIT_BYTES = 50 * MEGABYTE;
/** Below the timeouts of all calls but that of v2 to the recommendations, which is 2 s. */
const TIME_LIMIT_MS = 3_000;
const THRESHOLD = 3;
const WARM_UP_REQUESTS = 20;

type Part = 'gateway-v1' | 'gateway-v2';
type Service = 'product' | 'recommendations';

const bomb = gzippedGigabyte();
/** Answers of which nothing reaches the user, and which count as failures. */
const REFUSED: Record<string, RequestListener> = {
  '300 MB': sending(300 * MEGABYTE),
  '300 MB in chunks of 16 bytes': sending(300 * MEGABYTE, { chunkBytes: 16 }),
  '300 MB with status 404': sending(300 * MEGABYTE, { status: 404 }),
  'a gigabyte in a megabyte of gzip': compressed(bomb, 'gzip'),
  'a gigabyte, compressed twice': compressed(gzipSync(bomb), 'gzip, gzip'),
  '100 MB in some bytes of brotli': compressed(brotliOf(100 * MEGABYTE), 'br'),
  'a redirect to itself': redirecting('/', 301),
};

const filledWith = (item: string) =>
  `[${Array.from({ length: (MEGABYTE - 2) / (item.length + 1) }, () => item)}]`;

/** Texts as large as a body may be, which take more memory than others once they are parsed. */
const EXPENSIVE = {
  'nested arrays': `${'['.repeat(MEGABYTE / 2)}${']'.repeat(MEGABYTE / 2)}`,
  'empty objects': filledWith('{}'),
};
/** Half of what the function has; when the garbage goes is up to the engine. Seen were 155 at the most. */
const PARSING_LIMIT_BYTES = 256 * MEGABYTE;

let services: Record<Service | 'elsewhere', FaultyService>;

beforeAll(async () => {
  const [product, recommendations, elsewhere] = await Promise.all([
    startFaultyService(),
    startFaultyService(),
    startFaultyService(),
  ]);
  services = { product, recommendations, elsewhere };
});
afterAll(() => Promise.all(Object.values(services).map((service) => service.close())));

/** A warm gateway, and services of which one misbehaves from now on. */
async function startGateway(part: Part, service: Service, behaviour: RequestListener) {
  const found = bundledFunctions().find((one) => one.part === part);
  if (!found) throw new Error(`the template has no function ${part}`);
  const literals = Object.entries(found.variables).filter(([, value]) => typeof value === 'string');
  const gateway = startBundleProcess({
    ...found,
    env: {
      ...Object.fromEntries(literals),
      PRODUCT_URL: services.product.url,
      RECOMMENDATIONS_URL: services.recommendations.url,
      CIRCUIT_TABLE: 'circuits',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      // Nothing listens there: this instance decides alone.
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
    },
  });
  onTestFinished(() => gateway.close());
  let warmRssBytes = 0;
  for (let request = 1; request <= WARM_UP_REQUESTS; request++) {
    const { status, maxRssBytes } = await getDetails(gateway);
    expect(status).toBe(200);
    warmRssBytes = maxRssBytes;
  }
  services[service].behave(behaviour);
  onTestFinished(() => services[service].behave());
  for (const { received } of Object.values(services)) received.length = 0;
  return { gateway, warmRssBytes };
}

async function getDetails(gateway: BundleProcess) {
  const event = proxyEvent({ resource: '/product-details/{id}', id: '1' });
  const { answer, ...measured } = await gateway.invoke(event);
  return { status: answer.statusCode, body: JSON.parse(answer.body), ...measured };
}

const degraded = { product: PRODUCT, recommendations: [], degradedMode: true };
const served = { product: PRODUCT, recommendations: RECOMMENDATIONS, degradedMode: false };
const noProduct = { error: 'Bad Gateway', message: 'Failed to get product' };
const noRecommendations = {
  error: 'Internal Server Error',
  message: 'Failed to get recommendations',
};

/** What the user gets when a service fails. */
const FAILED: Record<Part, Record<Service, object>> = {
  'gateway-v1': {
    product: { status: 502, body: noProduct },
    recommendations: { status: 500, body: noRecommendations },
  },
  'gateway-v2': {
    product: { status: 502, body: noProduct },
    recommendations: { status: 200, body: degraded },
  },
};
const pairs = (['gateway-v1', 'gateway-v2'] as const).flatMap((part) =>
  (['product', 'recommendations'] as const).map((service) => ({ part, service })),
);
const names = Object.keys(REFUSED);

describe.each(pairs)('$part, when the $service service sends', ({ part, service }) => {
  test.each(names)('%s: the call fails in time, without the memory for it', async (name) => {
    const behaviour = REFUSED[name] ?? answering(200);
    const { gateway, warmRssBytes } = await startGateway(part, service, behaviour);
    for (let request = 1; request <= THRESHOLD; request++) {
      const { maxRssBytes, tookMs, ...answer } = await getDetails(gateway);
      expect(answer).toMatchObject(FAILED[part][service]);
      expect(tookMs).toBeLessThan(TIME_LIMIT_MS);
      expect(maxRssBytes - warmRssBytes).toBeLessThan(MEMORY_LIMIT_BYTES);
    }
    expect(services[service].received).toHaveLength(THRESHOLD);
  });

  test.each(Object.entries(EXPENSIVE))(
    'a megabyte of %s: the call fails in time, and memory stays bounded',
    async (_, body) => {
      const { gateway, warmRssBytes } = await startGateway(part, service, answering(200, body));
      for (let request = 1; request <= THRESHOLD; request++) {
        const { maxRssBytes, tookMs, ...answer } = await getDetails(gateway);
        expect(answer).toMatchObject(FAILED[part][service]);
        expect(tookMs).toBeLessThan(TIME_LIMIT_MS);
        expect(maxRssBytes - warmRssBytes).toBeLessThan(PARSING_LIMIT_BYTES);
      }
    },
  );

  test.each([301, 307])(
    'a redirect (%i) to another host: nothing is sent there, and the call fails',
    async (status) => {
      const behaviour = redirecting(`${services.elsewhere.url}/recommendations/1`, status);
      const { gateway } = await startGateway(part, service, behaviour);
      expect(await getDetails(gateway)).toMatchObject(FAILED[part][service]);
      expect(services[service].received).toHaveLength(1);
      expect(services.elsewhere.received).toEqual([]);
    },
  );

  test('unknown fields, however named and nested: only the agreed ones reach the user', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const more = `"internalMargin":0.4,"__proto__":{"isAdmin":true},"toJSON":1,"nested":${nested}}`;
    const withMore = (fields: object) => `${JSON.stringify(fields).slice(0, -1)},${more}`;
    const body =
      service === 'product' ? withMore(PRODUCT) : `[${RECOMMENDATIONS.map(withMore).join()}]`;
    const { gateway } = await startGateway(part, service, answering(200, body));
    const { answer } = await gateway.invoke(
      proxyEvent({ resource: '/product-details/{id}', id: '1' }),
    );
    expect(answer.statusCode).toBe(200);
    const { timestamp: _, ...details } = JSON.parse(answer.body);
    expect(JSON.stringify(details)).toBe(JSON.stringify(served));
  });
});

test('v2 counts such answers: after the third the service is not asked any more', async () => {
  const behaviour = compressed(bomb, 'gzip');
  const { gateway } = await startGateway('gateway-v2', 'recommendations', behaviour);
  for (let request = 1; request <= 10; request++) {
    expect(await getDetails(gateway)).toMatchObject({ status: 200, body: degraded });
  }
  expect(services.recommendations.received).toHaveLength(THRESHOLD);
  expect(gateway.log().match(/"CallFailed":1/g)).toHaveLength(THRESHOLD);
  expect(gateway.log()).toMatch(/CLOSED","to":"OPEN".*3 x OversizedAnswerError/);
});

test('a long list is cut, on both gateways', async () => {
  const list = Array.from({ length: 20_000 }, (_, index) => ({ id: String(index), name: 'Desk' }));
  for (const part of ['gateway-v1', 'gateway-v2'] as const) {
    const behaviour = answering(200, JSON.stringify(list));
    const { gateway } = await startGateway(part, 'recommendations', behaviour);
    const { status, body } = await getDetails(gateway);
    expect(status).toBe(200);
    expect(body).toMatchObject({ recommendations: list.slice(0, 100), degradedMode: false });
  }
});
