import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertFree, assignPorts, parsePorts } from './ports.ts';

const PARTS = ['gateway-v1', 'other', 'another', 'dynamodb'];

describe('ports', () => {
  it('are the usual ones, then the next from 8100 for an unknown API, unless chosen', () => {
    expect([...assignPorts(PARTS, parsePorts(['dynamodb=9000']))]).toEqual([
      ['gateway-v1', 8080],
      ['other', 8100],
      ['another', 8101],
      ['dynamodb', 9000],
    ]);
  });

  it.each(['product', 'product=', '=80', 'product=x', 'product=0', 'product=65536'])(
    'cannot be chosen as --port %s, and the error shows how',
    (option) => {
      expect(() => parsePorts([option])).toThrow('write NAME=N');
    },
  );

  it.each([
    ['for a part that does not exist', ['nobody=9000'], 'there is only gateway-v1, other'],
    ['twice', ['dynamodb=8080'], 'gateway-v1 and dynamodb cannot both have port 8080'],
  ])('cannot be chosen %s', (_, options, message) => {
    expect(() => assignPorts(PARTS, parsePorts(options))).toThrow(message);
  });

  it('that are taken are named together with the way out', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(assertFree(new Map([['product', port]]))).rejects.toThrow(
      `port ${port} for product is taken by another program; choose another one with --port product=N`,
    );
    server.close();
  });
});
