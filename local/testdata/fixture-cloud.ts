/** A local cloud of the test stack on free ports, with everything it leaves behind in one temporary directory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudOptions, startCloud } from '../cloud.ts';
import { portOf } from '../ports.ts';
import type { Template } from '../template/assembly.ts';
import { STACK_NAME, writeAssembly } from './assembly.ts';

export type FixtureCloud = Awaited<ReturnType<typeof startFixtureCloud>>;

export async function startFixtureCloud(template: Template, options: Partial<CloudOptions> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'fixture-cloud-'));
  const stateDir = join(directory, 'state');
  writeAssembly(join(directory, 'assembly'), template);
  const remove = () => rmSync(directory, { recursive: true });
  const cloud = await startCloud({
    assemblyDir: join(directory, 'assembly'),
    stateDir,
    ports: { chosen: await freePorts('api', 'dynamodb', 'lambda'), usual: {} },
    accountConcurrency: 1000,
    prewarm: 0,
    variables: {},
    enforceIam: false,
    ...options,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const url = `http://localhost:${portOf(cloud.ports, 'api')}`;
  return {
    url,
    stateDir,
    engine: cloud.engine,
    watchTables: cloud.watchTables,
    lambdaUrl: `http://127.0.0.1:${portOf(cloud.ports, 'lambda')}`,
    async get(path: string) {
      const response = await fetch(`${url}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    /** The log streams of a function, in no particular order. */
    logs(name: string): string[] {
      const logDir = join(stateDir, 'logs', `${STACK_NAME}-${name}`);
      return readdirSync(logDir).map((file) => readFileSync(join(logDir, file), 'utf8'));
    },
    async close() {
      await cloud.close();
      remove();
    },
  };
}

/** Found by asking for any port; nothing else should take it in the moment until it is used. */
export async function freePorts(...names: string[]): Promise<Map<string, number>> {
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(
    servers.map((server) => new Promise((resolve) => server.once('listening', resolve))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return new Map(names.map((name, i) => [name, ports[i] ?? 0]));
}
