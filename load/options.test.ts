import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { DemoError } from './errors.ts';
import { parseOptions } from './options.ts';

test('without options it is the full outage, on a local cloud', () => {
  expect(parseOptions([])).toEqual({
    ...{ help: false, profile: 'full', scenario: 'outage', target: 'local' },
    ...{ ports: [], outputs: undefined, stage: undefined, v1Url: undefined, v2Url: undefined },
  });
});

test('what is deployed is named by its outputs, or by two URLs, with or without a slash at the end', () => {
  expect(parseOptions(['--target', 'aws', '--outputs', 'o.json', '--quick'])).toMatchObject({
    ...{ target: 'aws', profile: 'quick', outputs: resolve('o.json') },
  });
  const urls = ['--v1-url', 'https://a.example/demo/', '--v2-url', 'https://b.example/demo'];
  expect(parseOptions(['--target', 'localstack', ...urls])).toMatchObject({
    ...{ v1Url: 'https://a.example/demo', v2Url: 'https://b.example/demo' },
  });
});

test.each([
  [['--fast'], "Unknown option '--fast'"],
  [['--scenario', 'flood'], '--scenario flood: write one of outage, brownout, cascade.'],
  [['--target', 'moon'], '--target moon: write one of local, localstack, aws.'],
  [['--target', 'aws', '--v1-url', 'https://a.example'], '--v1-url and --v2-url go together.'],
  [['--target', 'aws', '--v1-url', 'a', '--v2-url', 'b'], 'a is no URL'],
  [['--target', 'aws', '--scenario', 'cascade'], 'it goes with the local cloud only'],
  [['--target', 'aws', '--port', 'gateway-v1=1'], '--port goes with the local cloud only'],
  [['--target', 'localstack', '--stage', 'x'], '--stage goes with --target aws only'],
  [['--outputs', 'o.json'], 'go with --target localstack or aws'],
])('%j is refused with what to write instead', (args, words) => {
  expect(() => parseOptions(args)).toThrow(DemoError);
  expect(() => parseOptions(args)).toThrow(words);
});
