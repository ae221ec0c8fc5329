import { expect, test } from 'vitest';
import { baseUrl, flag, readEnv, text, wholeNumber } from './env.ts';

const variables = { URL: baseUrl, ON: flag, LIMIT: wholeNumber(1), NAME: text };
const good = { URL: 'https://api.example.com/demo', ON: 'false', LIMIT: '3', NAME: 'circuits' };

test('a complete environment is read into typed values', () => {
  expect(readEnv(good, variables)).toEqual({
    URL: 'https://api.example.com/demo',
    ON: false,
    LIMIT: 3,
    NAME: 'circuits',
  });
});

test('every missing or wrong variable is reported at once, with its value and what it should be', () => {
  const read = () => readEnv({ ...good, URL: 'ftp://x', ON: 'yes', NAME: undefined }, variables);
  expect(read).toThrow(
    [
      'Bad environment:',
      '  URL is "ftp://x": set it to an http or https URL that does not end with a slash',
      '  ON is "yes": set it to "true" or "false"',
      '  NAME is missing: set it to a text that is not empty',
    ].join('\n'),
  );
});

test.each([
  ['URL', 'https://api.example.com/demo/'],
  ['URL', 'https://'],
  ['URL', 'api.example.com'],
  ['ON', 'TRUE'],
  ['ON', 'toString'],
  ['LIMIT', '0'],
  ['LIMIT', '2.5'],
  ['LIMIT', '-1'],
  ['LIMIT', '1e3'],
  ['LIMIT', ''],
  ['NAME', ''],
])('%s is not allowed to be "%s"', (name, value) => {
  expect(() => readEnv({ ...good, [name]: value }, variables)).toThrow(`${name} is "${value}"`);
});
