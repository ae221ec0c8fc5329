/** Requests as nobody should send them, but somebody will. */
import fc from 'fast-check';

export type Part = 'product' | 'recommendations' | 'gateway-v1' | 'gateway-v2';

export interface FuzzRequest {
  readonly part: Part;
  readonly method: string;
  /** With the query, as it goes over the wire. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export const ROUTES: Record<Part, string> = {
  product: '/products/',
  recommendations: '/recommendations/',
  'gateway-v1': '/product-details/',
  'gateway-v2': '/product-details/',
};

/** Would stand at the beginning of a line of a log if somebody could break one. */
export const FORGED = 'FORGED';

const knownId = fc.integer({ min: 1, max: 24 }).map(String);
const number = fc.oneof(
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.nat({ max: 10 ** 10 }).map((value) => value.toString().padStart(12, '0')),
);
const anyText = fc.string({ unit: 'binary', maxLength: 40 }).map(encodable);
const trick = fc
  .constantFrom(
    ...[
      '..',
      '.',
      '%2e%2e',
      '%2e%2e%2f1',
      '..%2f1',
      '1%2f2',
      '1/2',
      '//',
      '',
      '%',
      '%zz',
      '%ff',
      '%c0%ae',
    ],
    ...[
      '%00',
      '1%00',
      `1%0a${FORGED}`,
      `1%0d%0a${FORGED}`,
      '%e2%80%a8',
      '%F0%9F%92%A9',
      '1%20',
      '+1',
      '1;a=b',
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      'undefined',
      'null',
      'NaN',
      '{id}',
      '*',
      '1e3',
      '0x1',
      '１',
    ],
    ...[
      '%7B%22a%22%3A1%7D',
      '%24%7Bjndi:ldap://x%7D',
      '<script>',
      "1'--",
      '9'.repeat(400),
      'a'.repeat(2_000),
    ],
  )
  .map((text) => encodeURI(text).replaceAll('%25', '%'));
const id = fc.oneof({ weight: 3, arbitrary: knownId }, number, anyText, trick);

/** Without lone surrogates, which no URL can hold. */
function encodable(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const query = fc
  .array(fc.tuple(anyText, anyText), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const prefix = fc.constantFrom(...Array(14).fill(''), '/demo', '/prod', '/', '/v1');
const suffix = fc.constantFrom(...Array(20).fill(''), '/', '/1', '.json', '%20', '?', '#x');

/** What HTTP lets into a header: visible characters, blanks, tabs and the upper half of Latin 1. */
const headerText = fc
  .array(
    fc.oneof(fc.integer({ min: 32, max: 126 }), fc.integer({ min: 128, max: 255 }), fc.constant(9)),
    {
      maxLength: 80,
    },
  )
  .map((codes) => String.fromCharCode(...codes));
const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const anyName = fc
  .array(fc.constantFrom(...TOKEN), { minLength: 1, maxLength: 20 })
  .map((characters) => characters.join(''))
  .filter((name) => !CONNECTION.has(name.toLowerCase()));
/** They speak of the connection and not of the request. */
const CONNECTION = new Set(
  ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer'].concat([
    'transfer-encoding',
    'upgrade',
  ]),
);
const wellKnownName = fc.constantFrom(
  ...[
    'accept',
    'accept-encoding',
    'authorization',
    'content-encoding',
    'content-type',
    'cookie',
    'origin',
  ],
  ...[
    'range',
    'if-none-match',
    'x-forwarded-for',
    'x-amzn-trace-id',
    'x-http-method-override',
    'user-agent',
  ],
);
const correlationName = fc.constantFrom('x-correlation-id', 'X-Correlation-Id', 'X-CORRELATION-ID');
const correlationId = fc.oneof(
  fc.uuid(),
  headerText,
  fc.constantFrom(
    '',
    ' ',
    'a b',
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(1_000),
    '%0d%0a',
    '\\r\\n',
    '\\u000a',
  ),
  fc.constantFrom(
    `a\\n${FORGED}`,
    `a\u0085${FORGED}`,
    `{"level":"ERROR","message":"${FORGED}"}`,
    '"',
    '__proto__',
  ),
);
const header = fc.oneof(
  fc.tuple(anyName, headerText),
  fc.tuple(wellKnownName, headerText),
  fc.tuple(correlationName, correlationId),
);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant('GET') },
  fc.constantFrom(
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
  ),
);

const parts: Part[] = ['product', 'recommendations', 'gateway-v1', 'gateway-v2'];

export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc
  .record({
    ...{ part: fc.constantFrom(...parts), method, id, query, prefix, suffix },
    headers: fc.array(header, { maxLength: 6 }),
    body: fc.oneof(fc.constant(''), fc.json(), fc.string({ maxLength: 2_000 })),
    isElsewhere: fc.integer({ min: 0, max: 19 }).map((drawn) => drawn === 0),
  })
  .map(({ id, query, prefix, suffix, isElsewhere, ...request }) => {
    const route = isElsewhere ? '/elsewhere/' : ROUTES[request.part];
    const hasQuery = query !== '' && !suffix.includes('?') && !suffix.includes('#');
    return { ...request, target: `${prefix}${route}${id}${suffix}${hasQuery ? `?${query}` : ''}` };
  });
