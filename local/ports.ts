/** Which port serves what, and clear words when one is taken. */
import { createServer } from 'node:net';
import { LOOPBACK } from './region.ts';

/** Of the parts that every local cloud has; a project names those of its APIs. */
export const OWN_PORTS: Readonly<Record<string, number>> = { dynamodb: 8000, lambda: 8001 };
const FIRST_OTHER_PORT = 8100;

export type Ports = ReadonlyMap<string, number>;

export interface PortChoice {
  /** By the user, for this start. */
  readonly chosen: Ports;
  /** By the project, for every start. */
  readonly usual: Readonly<Record<string, number>>;
}

export function portOf(ports: Ports, part: string): number {
  const port = ports.get(part);
  if (port === undefined) throw new Error(`no port is assigned to ${part}`);
  return port;
}

/** Parses the values of `--port NAME=N`. */
export function parsePorts(options: readonly string[]): Ports {
  return new Map(
    options.map((option) => {
      const [, name, port] = /^([\w-]+)=(\d+)$/.exec(option) ?? [];
      if (!name || !(Number(port) > 0 && Number(port) < 65_536)) {
        throw new Error(`--port ${option}: write NAME=N, for example --port lambda=9001`);
      }
      return [name, Number(port)];
    }),
  );
}

/** Every part gets the chosen port, else its usual one, else the next number from 8100. */
export function assignPorts(parts: readonly string[], { chosen, usual }: PortChoice): Ports {
  const unknown = [...chosen.keys()].find((name) => !parts.includes(name));
  if (unknown) throw new Error(`--port ${unknown}: there is only ${parts.join(', ')}`);
  const known: Readonly<Record<string, number>> = { ...usual, ...OWN_PORTS };
  let other = FIRST_OTHER_PORT;
  const ports = new Map<string, number>();
  for (const part of parts) ports.set(part, chosen.get(part) ?? known[part] ?? other++);
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
