import { describe, expect, test } from 'vitest';
import { parseLiveOptions } from './options.ts';

describe('npm run live', () => {
  test('has a page of its own port, besides the ports of the local cloud', () => {
    expect(parseLiveOptions([])).toMatchObject({ pagePort: 8088, users: 20 });
    const given = parseLiveOptions(['--port', 'live=9088', '--port', 'lambda=9001']);
    expect(given?.pagePort).toBe(9088);
    expect([...(given?.ports ?? [])]).toEqual([['lambda', 9001]]);
  });

  test('shows its usage instead of starting', () => {
    expect(parseLiveOptions(['--help'])).toBeUndefined();
  });

  test.each([
    [['--users', '5'], '--users 5: write 10 to 200'],
    [['--users', 'many'], '--users many: write 10 to 200'],
    [['--port', 'live'], 'write NAME=N'],
    [['--loud'], "'--loud'"],
  ])('says what is wrong with %j', (args, words) => {
    expect(() => parseLiveOptions(args)).toThrow(words);
  });
});
