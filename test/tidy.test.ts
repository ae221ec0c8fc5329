/** Reads the repository and keeps the rules that its shape rests on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
});
const sources = listed.split('\n').filter((file) => /\.m?ts$/.test(file));
const product = sources.filter((file) => !/\.test\.ts$|(^|\/)test\/|testdata/.test(file));
const textOf = (file: string) => readFileSync(file, 'utf8');

interface Import {
  readonly from: string;
  readonly isType: boolean;
}

function importsOf(file: string): Import[] {
  const statements = textOf(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
  );
  return [...statements].map(([, type, fixed, dynamic]) => {
    const name = fixed ?? dynamic ?? '';
    const isRelative = name.startsWith('.');
    return { from: isRelative ? normalize(join(dirname(file), name)) : name, isType: !!type };
  });
}

/** Who may not import what. `types: true`: importing a type is no offence. */
const BOUNDARIES: { of: RegExp; never: RegExp; types?: true }[] = [
  { of: /^breaker\/src\/protocol\//, never: /^(?!breaker\/src\/protocol\/)/ },
  {
    of: /^breaker\/src\/fleet\//,
    never: /^(?!breaker\/src\/(protocol\/|fleet\/|ports\.ts|errors\.ts|options\.ts))/,
  },
  { of: /^breaker\/src\/fleet\//, never: /options\.ts$/, types: true },
  {
    of: /^breaker\/src\/stores\//,
    never:
      /^(?!@aws-sdk\/client-dynamodb$|node:|breaker\/src\/(stores\/|protocol\/|ports\.ts|errors\.ts|checks\.ts))/,
  },
  { of: /^breaker\/src\/stores\/(?!lite\/)/, never: /^node:/ },
  { of: /^breaker\/src\/(?!stores\/dynamodb-store|cdk)/, never: /^@aws|^aws-cdk/ },
  { of: /^breaker\/src\/(?!stores\/|cdk)/, never: /dynamodb/ },
  { of: /^breaker\/src\/(?!testing|cdk)/, never: /^breaker\/src\/(testing|powertools|cdk)/ },
  {
    of: /^breaker\/src\/cdk/,
    never: /^(?!aws-cdk-lib|constructs$|breaker\/src\/(cdk\/|powertools\.ts))/,
  },
  { of: /^breaker\/src\/cdk/, never: /powertools\.ts$/, types: true },
  { of: /^breaker\/src\//, never: /^(infra|lambdas|local|load|ops|bench|breaker\/simulation)\// },
  { of: /^breaker\/simulation\//, never: /^(?!breaker\/simulation\/|fleet-breaker$)/ },
  { of: /^lambdas\/.*\/handler\.ts$/, never: /^@aws-sdk|^node:/ },
  { of: /^lambdas\/product\//, never: /^lambdas\/(recommendations|gateway-v\d)\// },
  { of: /^lambdas\/recommendations\//, never: /^lambdas\/(product|gateway-v\d)\// },
  {
    of: /^lambdas\/gateway-v1\//,
    never: /^lambdas\/(product|recommendations|gateway-v2)\/|fleet-breaker/,
  },
  { of: /^lambdas\/gateway-v2\//, never: /^lambdas\/(product|recommendations|gateway-v1)\// },
  { of: /^lambdas\//, never: /^(infra|local|load|ops|bench|breaker)\// },
  { of: /^infra\//, never: /^(local|load|ops|bench|breaker)\// },
  { of: /^infra\//, never: /^lambdas\//, types: true },
  { of: /^local\//, never: /^(infra|lambdas|breaker|load|ops|bench|live)\/|^fleet-breaker/ },
  { of: /^live\//, never: /^(infra|lambdas|breaker|ops|bench)\/|^fleet-breaker/ },
  { of: /^live\/page\//, never: /^node:|^@|^(local|load)\/(?!outcome\.ts)/ },
  { of: /^load\//, never: /^(infra|lambdas|breaker|bench)\/|^fleet-breaker/ },
  { of: /^load\/report\/raw\//, never: /^load\/report\/(measure|compare|render)\// },
  { of: /^load\/report\/measure\//, never: /^load\/report\/(compare|render)\// },
  { of: /^load\/report\/compare\//, never: /^load\/report\/render\// },
];

test('every module imports only what its place allows', () => {
  const offences = product.flatMap((file) =>
    BOUNDARIES.filter((rule) => rule.of.test(file)).flatMap((rule) =>
      importsOf(file)
        .filter(({ from, isType }) => rule.never.test(from) && !(rule.types && isType))
        .map(({ from }) => `${file} imports ${from}`),
    ),
  );
  expect(offences).toEqual([]);
});

test('the import rules would notice an offence', () => {
  expect(importsOf('breaker/src/stores/dynamodb-store.ts').map(({ from }) => from)).toContain(
    '@aws-sdk/client-dynamodb',
  );
  for (const { of } of BOUNDARIES) expect(product.some((file) => of.test(file))).toBe(true);
});

/** Files that reach each other through imports, type imports included; each circle as one text. */
function circlesIn(importsByFile: ReadonlyMap<string, readonly string[]>): string[] {
  const reachableFrom = (start: string): Set<string> => {
    const reached = new Set<string>();
    const next = [start];
    for (let file = next.pop(); file !== undefined; file = next.pop()) {
      const unseen = (importsByFile.get(file) ?? []).filter((other) => !reached.has(other));
      for (const other of unseen) reached.add(other);
      next.push(...unseen);
    }
    return reached;
  };
  const reachable = new Map([...importsByFile.keys()].map((file) => [file, reachableFrom(file)]));
  const inCircles = [...reachable].filter(([file, reached]) => reached.has(file));
  const circles = inCircles.map(([file, reached]) =>
    [...reached]
      .filter((other) => reachable.get(other)?.has(file))
      .sort()
      .join(', '),
  );
  return [...new Set(circles)].sort();
}

test('no files import each other in a circle, type imports included', () => {
  const importsByFile = new Map(
    sources.map((file) => [file, importsOf(file).map(({ from }) => from)]),
  );
  expect(circlesIn(importsByFile)).toEqual([]);
});

test('a circle would be noticed, however long, and what only leads into it is no part of it', () => {
  const chain = { 'in.ts': ['a.ts'], 'a.ts': ['b.ts'], 'b.ts': ['c.ts'], 'c.ts': ['out.ts'] };
  expect(circlesIn(new Map(Object.entries(chain)))).toEqual([]);
  const closed = { ...chain, 'c.ts': ['a.ts', 'out.ts'], 'self.ts': ['self.ts'] };
  expect(circlesIn(new Map(Object.entries(closed)))).toEqual(['a.ts, b.ts, c.ts', 'self.ts']);
});

test("the report's shape is types only", () => {
  expect(textOf('load/report/report.ts')).not.toMatch(/^(export )?(const|let|function|class)\b/m);
});

test('the local cloud knows nothing of this demo', () => {
  const names = /gateway-v\d|recommendation|circuit|breaker|\bproducts?\b|SIMULATE_FAILURE/i;
  const local = sources.filter((file) => file.startsWith('local/'));
  expect(local.filter((file) => names.test(textOf(file)))).toEqual([]);
  expect(names.test(textOf('local-cloud.json'))).toBe(true);
});

test('the breaker is handed its time, randomness and ids, and never looks at the process', () => {
  const pure = product.filter((file) =>
    /^breaker\/src\/(?!clock|alarm|load-options|warnings|stores\/lite\/)/.test(file),
  );
  const impure = pure.filter((file) =>
    /Date\.now|performance\.now|new Date\(\)|Math\.random|randomUUID|process\.\w|setTimeout|setInterval/.test(
      textOf(file),
    ),
  );
  expect(impure).toEqual([]);
});

test('only the composition root of a function reads its environment, clock and ids', () => {
  const impure = product.filter(
    (file) =>
      /^lambdas\//.test(file) &&
      !file.endsWith('/index.ts') &&
      /process\.\w|Date\.now\(\)|randomUUID|Math\.random/.test(textOf(file)),
  );
  expect(impure).toEqual([]);
});

test('no function asks where it runs', () => {
  const lambdas = product.filter((file) => file.startsWith('lambdas/'));
  expect(lambdas.filter((file) => /localstack|isLocal|IS_LOCAL/i.test(textOf(file)))).toEqual([]);
});

test('no interval anywhere in what runs on Lambda: an instance is frozen between two calls', () => {
  const onLambda = product.filter((file) => /^(lambdas|breaker\/src)\//.test(file));
  expect(onLambda.filter((file) => /setInterval/.test(textOf(file)))).toEqual([]);
});

test('no source file is longer than 300 lines', () => {
  const long = product.filter((file) => textOf(file).split('\n').length > 301);
  expect(long).toEqual([]);
});

test('every command that a page names is one of package.json', () => {
  const { scripts } = JSON.parse(textOf('package.json'));
  const pages = listed.split('\n').filter((file) => file.endsWith('.md'));
  const named = pages.flatMap((page) =>
    [...textOf(page).matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = '']) => ({ page, name })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => !Object.hasOwn(scripts, name))).toEqual([]);
});
