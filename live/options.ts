/** The options of `npm run live`. */
import { parseArgs } from 'node:util';
import { type Ports, parsePorts } from '../local/ports.ts';
import { USERS } from './switches.ts';

export interface LiveOptions {
  readonly pagePort: number;
  /** Of the local cloud. */
  readonly ports: Ports;
  readonly users: number;
}

const PAGE_PART = 'live';
const PAGE_PORT = 8088;

export const usage = `npm run live -- [options]
  --users N       on each gateway, ${USERS.least} to ${USERS.most} (default ${USERS.initial}); the page can change it
  --port NAME=N   another port; may be repeated. NAME is live (default ${PAGE_PORT}),
                  or one of those of npm run local`;

/** Undefined when only the usage is wanted. */
export function parseLiveOptions(args?: string[]): LiveOptions | undefined {
  const { values } = parseArgs({
    ...(args && { args }),
    options: {
      help: { type: 'boolean' },
      users: { type: 'string', default: String(USERS.initial) },
      port: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) return undefined;
  const users = Number(values.users);
  if (!Number.isInteger(users) || users < USERS.least || users > USERS.most) {
    throw new Error(`--users ${values.users}: write ${USERS.least} to ${USERS.most}`);
  }
  const chosen = new Map(parsePorts(values.port));
  const pagePort = chosen.get(PAGE_PART) ?? PAGE_PORT;
  chosen.delete(PAGE_PART);
  return { pagePort, ports: chosen, users };
}
