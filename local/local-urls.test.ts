import { describe, expect, it } from 'vitest';
import { partOf, toLocalhostUrls, toLoopbackUrls } from './local-urls.ts';
import type { Stack } from './template/stack.ts';

const api = { id: 'abc0123456', name: 'shop-dev-cart', stage: 'dev', routes: [] };
const stack: Stack = { name: 'shop-dev', functions: [], tables: [], outputs: {}, apis: [api] };
const ports = new Map([['cart', 8123]]);
const AWS_URL = 'https://abc0123456.execute-api.us-east-1.amazonaws.com/dev';

describe('local URLs', () => {
  it('knows an API by the part of its name after the name of the stack', () => {
    expect(partOf(stack, api)).toBe('cart');
  });

  it('gives functions the URL with another origin, and people the short one', () => {
    expect(toLoopbackUrls(stack, ports, `${AWS_URL}/items`)).toBe(
      'http://127.0.0.1:8123/dev/items',
    );
    expect(toLocalhostUrls(stack, ports, `${AWS_URL}/items`)).toBe('http://localhost:8123/items');
    expect(toLocalhostUrls(stack, ports, AWS_URL)).toBe('http://localhost:8123');
  });

  it.each(['no URL at all', 'https://other12345.execute-api.us-east-1.amazonaws.com/dev'])(
    'leaves alone: %s',
    (text) => {
      expect(toLoopbackUrls(stack, ports, text)).toBe(text);
    },
  );
});
