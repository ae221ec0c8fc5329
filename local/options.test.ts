import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';
import type { Project } from './project.ts';

const project: Project = {
  ports: { cart: 8080 },
  switches: {
    slow: { help: 'start slow', variables: { cart: { DELAY_MS: '500' } } },
    sale: { help: 'start a sale', variables: { cart: { SALE: 'yes' }, mail: { SALE: 'yes' } } },
  },
  synthInputs: [],
  hints: [],
};

describe('the options of the command', () => {
  it('have the switches of the project, which change variables at the start', () => {
    expect(parseOptions(project, [])?.variables).toEqual({});
    expect(parseOptions(project, ['--slow'])?.variables).toEqual({ cart: { DELAY_MS: '500' } });
    expect(parseOptions(project, ['--slow', '--sale'])?.variables).toEqual({
      cart: { DELAY_MS: '500', SALE: 'yes' },
      mail: { SALE: 'yes' },
    });
  });

  it('are all named by the usage, with the parts that have a port', () => {
    const text = usage(project);
    for (const words of ['--slow', 'start slow', '--sale', '--prewarm', 'cart, dynamodb, lambda']) {
      expect(text).toContain(words);
    }
  });

  it('ask for no start when the usage is wanted', () => {
    expect(parseOptions(project, ['--help'])).toBeUndefined();
  });

  it.each([
    [['--prewarm', 'x'], '--prewarm x: write a whole number'],
    [['--account-concurrency', '-1'], "'--account-concurrency'"],
    [['--fast'], "'--fast'"],
    [['--port', 'cart'], '--port cart: write NAME=N'],
  ])('say what is wrong with %j', (args, words) => {
    expect(() => parseOptions(project, args)).toThrow(words);
  });
});
