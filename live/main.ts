/** `npm run live`: the demonstration to look at and to break by hand, on a page of this machine. */
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { stopAllChildren } from '../load/children.ts';
import { startCloud } from '../local/cloud.ts';
import type { TableWatch } from '../local/dynamodb/table-watch.ts';
import { beginLifetime } from '../local/lifetime.ts';
import type { CloudEvent } from '../local/observer.ts';
import { assertFree, portOf } from '../local/ports.ts';
import { readProject } from '../local/project.ts';
import { LOOPBACK } from '../local/region.ts';
import { serve } from '../local/serve.ts';
import { explainStart } from '../local/state-error.ts';
import { ASSEMBLY_DIR, synthesize } from '../local/synth.ts';
import { createTerminal } from '../local/terminal.ts';
import { Feed } from './feed.ts';
import { LOG_LINES_WITH } from './function-logs.ts';
import { createLoad } from './load.ts';
import { type LiveOptions, parseLiveOptions, usage } from './options.ts';
import { pageAssets } from './page-assets.ts';
import { runSwitch } from './run-switch.ts';
import { createPageServer } from './server.ts';

/** Enough that the gentle load meets no cold start. */
const PREWARM = 6;
const STATE_DIR = resolve('.local');

const lifetime = beginLifetime();
const feed = new Feed();
const wordsFor = createTerminal();
/** As long as a page is open. */
let tables: TableWatch | undefined;

async function main(): Promise<void> {
  const options = parseLiveOptions();
  if (!options) {
    console.log(usage);
    return lifetime.end(0);
  }
  await assertFree(new Map([['live', options.pagePort]]));
  await synthesize();
  const cloud = await startLocally(options);
  lifetime.onEnd(cloud.close);
  const load = createLoad({
    targets: [
      { variant: 'v1', url: `http://${LOOPBACK}:${portOf(cloud.ports, 'gateway-v1')}` },
      { variant: 'v2', url: `http://${LOOPBACK}:${portOf(cloud.ports, 'gateway-v2')}` },
    ],
    onTrouble: (said) => console.error(`The load has ended. Artillery said:\n${said}`),
  });
  lifetime.onEnd(load.stop);
  lifetime.onEnd(stopAllChildren);
  const setUsers = (users: number) => {
    feed.setUsers(users);
    load.setUsers(users);
  };
  await servePage(cloud, options.pagePort, setUsers);
  setUsers(options.users);
  const address = styleText('bold', `http://${LOOPBACK}:${options.pagePort}`);
  console.log(`ready: open ${address}; Ctrl-C stops everything`);
}

const startLocally = ({ ports }: LiveOptions) =>
  startCloud({
    ...{ assemblyDir: ASSEMBLY_DIR, stateDir: STATE_DIR, prewarm: PREWARM },
    ...{ accountConcurrency: 1000, variables: {}, enforceIam: false },
    ports: { chosen: ports, usual: readProject().ports },
    observer: { publish: tell, logLinesWith: LOG_LINES_WITH },
  });

function tell(event: CloudEvent): void {
  feed.add(event);
  // A word about the circuit: its item has changed, or is about to.
  if (event.kind === 'log') tables?.look();
  const words = lifetime.isOver ? undefined : wordsFor(event);
  if (words !== undefined) console.error(words);
}

type Cloud = Awaited<ReturnType<typeof startCloud>>;

async function servePage(cloud: Cloud, port: number, setUsers: (users: number) => void) {
  const page = createPageServer({
    assets: await pageAssets(),
    source: { whole: () => feed.whole(Date.now()), take: () => feed.take(Date.now()) },
    runSwitch: (id) => runSwitch(id, resolve(STATE_DIR, 'outputs.json')),
    setUsers,
    onWatched(isWatched) {
      tables?.stop();
      tables = isWatched ? cloud.watchTables() : undefined;
    },
  });
  lifetime.onEnd(await serve(page.fetch, port));
  lifetime.onEnd(async () => page.close());
}

try {
  await main();
} catch (error) {
  console.error(explainStart(error));
  await lifetime.end(1);
}
