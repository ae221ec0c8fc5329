/** Which port serves what, and clear words when one is taken. */
import { createServer } from 'node:net';
import { LOOPBACK } from './region.ts';

const DEFAULT_PORTS: Record<string, number> = {
  'gateway-v1': 8080,
  product: 8081,
  recommendations: 8082,
  'gateway-v2': 8090,
  dynamodb: 8000,
  lambda: 8001,
};
const FIRST_OTHER_PORT = 8100;

export type Ports = Map<string, number>;

export function portOf(ports: Ports, part: string): number {
  const port = ports.get(part);
  if (port === undefined) throw new Error(`no port is assigned to ${part}`);
  return port;
}

/** Parses the values of `--port NAME=N`. */
export function parsePorts(options: string[]): Ports {
  return new Map(
    options.map((option) => {
      const [, name, port] = /^([\w-]+)=(\d+)$/.exec(option) ?? [];
      if (!name || !(Number(port) > 0 && Number(port) < 65_536)) {
        throw new Error(`--port ${option}: write NAME=N, for example --port gateway-v1=9080`);
      }
      return [name, Number(port)];
    }),
  );
}

/** Every part gets the chosen port, else its usual one, else the next free number from 8100. */
export function assignPorts(parts: string[], chosen: Ports): Ports {
  const unknown = [...chosen.keys()].find((name) => !parts.includes(name));
  if (unknown) throw new Error(`--port ${unknown}: there is only ${parts.join(', ')}`);
  let other = FIRST_OTHER_PORT;
  const ports: Ports = new Map();
  for (const part of parts) ports.set(part, chosen.get(part) ?? DEFAULT_PORTS[part] ?? other++);
  for (const [part, port] of ports) {
    const twin = [...ports].find(([name, other]) => other === port && name !== part)?.[0];
    if (twin) throw new Error(`${part} and ${twin} cannot both have port ${port}; use --port`);
  }
  return ports;
}

export async function assertFree(ports: Ports): Promise<void> {
  const problems = await Promise.all([...ports].map(([part, port]) => problemOf(part, port)));
  const taken = problems.filter((problem) => problem !== undefined);
  if (taken.length > 0) throw new Error(taken.join('\n'));
}

function problemOf(part: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(portProblem(error, part, port)));
    probe.listen(port, LOOPBACK, () => probe.close(() => resolve(undefined)));
  });
}

function portProblem(error: NodeJS.ErrnoException, part: string, port: number): string {
  const reason =
    error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
  return `port ${port} for ${part} ${reason}; choose another one with --port ${part}=N`;
}
