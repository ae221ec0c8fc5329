/** The store by HTTPS, as with AWS itself, with a certificate that is made for the test by openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const trusted = getCACertificates();

let server: Server;
let certificate: string;
/** Of each request. */
let received: { readonly socket: TLSSocket; readonly isResumed: boolean }[];

/** For `localhost`, and for no address. */
function newCertificate() {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  const [keyFile, file] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', keyFile, '-out', file];
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { stdio: 'ignore' });
  const made = { key: readFileSync(keyFile), cert: readFileSync(file, 'utf8') };
  rmSync(directory, { recursive: true });
  return made;
}

beforeEach(async () => {
  const made = newCertificate();
  certificate = made.cert;
  received = [];
  server = createServer(made, (request, response) => {
    const socket = request.socket as TLSSocket;
    received.push({ socket, isResumed: socket.isSessionReused() });
    request.resume().on('end', () => response.end('{"Item":{"state":{"S":"OPEN"}}}'));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
});
afterEach(() => {
  vi.unstubAllEnvs();
  setDefaultCACertificates(trusted);
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function readerAt(host: string) {
  const endpoint = `https://${host}:${(server.address() as AddressInfo).port}`;
  const store = dynamoLiteStore({ tableName: 'circuits', region: 'us-east-1', endpoint });
  return () => store.read('name', { consistent: true });
}

describe.skipIf(!hasOpenssl)('By HTTPS', () => {
  it('a certificate that nobody vouches for is refused', async () => {
    await expect(readerAt('localhost')()).rejects.toMatchObject({
      kind: 'unavailable',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(received).toEqual([]);
  });

  it('a certificate of another host is refused', async () => {
    setDefaultCACertificates([certificate]);
    await expect(readerAt('127.0.0.1')()).rejects.toMatchObject({
      kind: 'unavailable',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(received).toEqual([]);
  });

  it('requests share a connection, and the next connection takes up its session', async () => {
    setDefaultCACertificates([certificate]);
    const read = readerAt('localhost');
    for (let i = 0; i < 3; i++) expect(await read()).toEqual({ state: 'OPEN' });
    expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
    server.closeAllConnections();
    // The store has to learn of it first.
    await vi.waitFor(async () => expect(await read()).toEqual({ state: 'OPEN' }));
    expect(received.map(({ isResumed }) => isResumed)).toEqual([false, false, false, true]);
  });
});
