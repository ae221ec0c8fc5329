import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('without context the demonstration has the figures it is known for', () => {
  expect(readSettings({})).toEqual({
    stage: 'demo',
    architecture: 'arm64',
    simulateFailure: false,
    failureHangMs: 30_000,
    failurePercent: 100,
    productTimeoutMs: 5_000,
    v1CallTimeoutMs: 30_000,
    v2CallTimeoutMs: 2_000,
    failureThreshold: 3,
    openMs: 5_000,
    maxOpenMs: 5_000,
    endpointUrl: '',
    logLevel: 'INFO',
    alarmEmail: '',
    pointInTimeRecovery: false,
    bulkhead: false,
    access: 'public',
    setApiLogRole: true,
  });
});

test('context may be text, as from the command line, or typed, as from cdk.json', () => {
  const typed = { simulateFailure: true, failureHangMs: 500, failureThreshold: 1 };
  const text = { simulateFailure: 'true', failureHangMs: '500', failureThreshold: '1' };
  expect(readSettings(text)).toEqual(readSettings(typed));
  expect(readSettings(text)).toMatchObject(typed);
});

test('every problem is reported at once, with key, value and what it should be', () => {
  expect(() => readSettings({ stage: 'Demo', architecture: 'arm', openMs: 'soon' })).toThrow(
    [
      'Bad CDK context (-c key=value):',
      '  stage is "Demo": give lower-case letters, digits and inner hyphens, at most 20, beginning with a letter',
      '  architecture is "arm": give arm64 or x86_64',
      '  openMs is "soon": give a whole number from 1 to 3600000',
    ].join('\n'),
  );
});

test.each([
  ['stage', ''],
  ['stage', '1st'],
  ['stage', 'a-'],
  ['stage', 'a_b'],
  ['stage', 'abcdefghijklmnopqrstu'],
  ['simulateFailure', 'yes'],
  ['failureHangMs', '-1'],
  ['failureHangMs', '300001'],
  ['failurePercent', '101'],
  ['productTimeoutMs', '0'],
  ['v1CallTimeoutMs', '1.5'],
  ['v2CallTimeoutMs', '2s'],
  ['failureThreshold', '0'],
  ['openMs', '0'],
  ['logLevel', 'info'],
  ['alarmEmail', 'ops'],
  ['bulkhead', '1'],
  ['access', 'private'],
  ['endpointUrl', 'localhost:4566'],
  ['endpointUrl', 'http://127.0.0.1:4566/'],
])('%s is not allowed to be "%s"', (key, value) => {
  expect(() => readSettings({ [key]: value })).toThrow(`  ${key} is "${value}": give `);
});

test('the longest open period is not shorter than the first', () => {
  expect(() => readSettings({ openMs: '9000' })).toThrow(
    'maxOpenMs is "5000": give at least openMs, which is 9000',
  );
});

test('a word that is no setting is a mistake, and the names of CDK and its tools are not', () => {
  expect(() => readSettings({ stgae: 'live' })).toThrow(
    /^Bad CDK context.*\n {2}stgae is not known: give one of stage, architecture, /,
  );
  const tools = { '@aws-cdk/core:x': true, 'aws:cdk:bundling-stacks': [], 'cli-telemetry': false };
  expect(readSettings(tools)).toEqual(readSettings({}));
});

test('the table of settings in docs/deploying.md names each of them with its default', () => {
  const codes = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  const rows = readFileSync('docs/deploying.md', 'utf8').match(/^\| `.*` \| .* \| .* \|$/gm) ?? [];
  const told = rows.flatMap((row) => {
    const [, names, defaults] = row.split('|');
    return codes(names).map((name, i) => [name, codes(defaults)[i] ?? '']);
  });
  const { endpointUrl: _, ...settings } = readSettings({}); // of emulators: docs/localstack.md
  const ours = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(ours));
});
