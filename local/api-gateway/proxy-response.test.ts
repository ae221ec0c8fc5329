import { describe, expect, it } from 'vitest';
import { toResponse } from './proxy-response.ts';

const respond = (result: unknown) => toResponse(JSON.stringify(result));

describe('the result of a proxy integration', () => {
  it('becomes status, headers and body', async () => {
    const response = respond({ statusCode: 408, headers: { 'X-One': 'a', Age: 5 }, body: 'late' });
    expect(response?.status).toBe(408);
    expect(response?.headers.get('x-one')).toBe('a');
    expect(response?.headers.get('age')).toBe('5');
    expect(await response?.text()).toBe('late');
  });

  it('is JSON unless it says otherwise', () => {
    expect(respond({ statusCode: 200 })?.headers.get('content-type')).toBe('application/json');
    const headers = { 'Content-Type': 'text/plain' };
    expect(respond({ statusCode: 200, headers })?.headers.get('content-type')).toBe('text/plain');
  });

  it('may repeat a header, which then replaces the single value', () => {
    const response = respond({
      statusCode: 200,
      headers: { 'Set-Cookie': 'a' },
      multiValueHeaders: { 'Set-Cookie': ['b', 'c'] },
    });
    expect(response?.headers.getSetCookie()).toEqual(['b', 'c']);
  });

  it('may hold bytes', async () => {
    const body = Buffer.from([0, 255]).toString('base64');
    const response = respond({ statusCode: 200, body, isBase64Encoded: true });
    expect(await response?.bytes()).toEqual(new Uint8Array([0, 255]));
  });

  it('may have no body, also with a status that forbids one', async () => {
    expect(await respond({ statusCode: 200, body: null })?.text()).toBe('');
    expect(respond({ statusCode: 204, body: '' })?.status).toBe(204);
  });

  it.each([
    ['nothing', null],
    ['a text', 'fine'],
    ['no status', { body: 'fine' }],
    ['a status that is none', { statusCode: 99 }],
    ['a body that is no text', { statusCode: 200, body: { fine: true } }],
    ['headers that are none', { statusCode: 200, headers: 'X: y' }],
    ['a header value that is an object', { statusCode: 200, headers: { X: {} } }],
    ['repeated headers that are no list', { statusCode: 200, multiValueHeaders: { X: 'y' } }],
  ])('is malformed with %s', (_, result) => {
    expect(respond(result)).toBeUndefined();
  });
});
