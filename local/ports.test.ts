import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertFree, assignPorts, parsePorts } from './ports.ts';

const PARTS = ['cart', 'other', 'another', 'dynamodb'];
const usual = { cart: 8080 };
const assign = (options: string[]) => assignPorts(PARTS, { chosen: parsePorts(options), usual });

describe('ports', () => {
  it('are those that the project names, then the next from 8100, unless chosen', () => {
    expect([...assign(['dynamodb=9000'])]).toEqual([
      ['cart', 8080],
      ['other', 8100],
      ['another', 8101],
      ['dynamodb', 9000],
    ]);
  });

  it.each(['cart', 'cart=', '=80', 'cart=x', 'cart=0', 'cart=65536'])(
    'cannot be chosen as --port %s, and the error shows how',
    (option) => {
      expect(() => parsePorts([option])).toThrow('write NAME=N');
    },
  );

  it.each([
    ['for a part that does not exist', ['nobody=9000'], 'there is only cart, other'],
    ['twice', ['dynamodb=8080'], 'cart and dynamodb cannot both have port 8080'],
  ])('cannot be chosen %s', (_, options, message) => {
    expect(() => assign(options)).toThrow(message);
  });

  it('that are taken are named together with the way out', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(assertFree(new Map([['cart', port]]))).rejects.toThrow(
      `port ${port} for cart is taken by another program; choose another one with --port cart=N`,
    );
    server.close();
  });
});
