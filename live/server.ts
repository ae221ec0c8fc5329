/** Serves the page on this machine only: its files, the stream of frames, and the switches. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Frame } from './frames.ts';
import type { Assets } from './page-assets.ts';
import { USERS } from './switches.ts';

export interface Source {
  whole(): Frame;
  take(): Frame | undefined;
}

export interface PageServerOptions {
  readonly assets: Assets;
  readonly source: Source;
  runSwitch(id: string): Promise<{ readonly isDone: boolean } | undefined>;
  setUsers(users: number): void;
  /** Told whenever the first page opens and the last one closes. */
  onWatched(isWatched: boolean): void;
}

interface Page {
  send(frame: Frame): Promise<void>;
  /** The last frame is still on its way: a slow page must not pile frames up here. */
  isBusy: boolean;
  /** It has missed frames, so the next one must be a whole one. */
  isBehind: boolean;
}

const FRAME_MS = 200;
/** So that both sides notice when the other one is gone. */
const SILENCE_MS = 10_000;

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function createPageServer(options: PageServerOptions) {
  const { assets, runSwitch, setUsers } = options;
  const pages = createPages(options);
  const app = new Hono();
  app.use(async (c, next) => {
    if (!isFromHere(c.req.header('host'), c.req.header('origin'))) return c.text('not here', 403);
    await next();
    for (const [name, value] of Object.entries(SECURITY)) c.res.headers.set(name, value);
  });
  for (const [path, { type, text }] of Object.entries(assets)) {
    app.get(path, (c) => c.body(text, 200, { 'content-type': type }));
  }
  app.get('/frames', (c) => streamSSE(c, pages.serve));
  app.post('/switches/:id', async (c) => {
    const switched = await runSwitch(c.req.param('id'));
    if (!switched) return c.json({ said: 'there is no such switch' }, 404);
    return c.json(switched, switched.isDone ? 200 : 502);
  });
  app.put('/users/:users', (c) => {
    const users = Number(c.req.param('users'));
    const isValid = Number.isInteger(users) && users >= USERS.least && users <= USERS.most;
    if (!isValid) return c.json({ said: `from ${USERS.least} to ${USERS.most} users` }, 400);
    setUsers(users);
    return c.json({ users });
  });
  return { fetch: app.fetch, close: pages.close };
}

/** Not another site's page in the same browser, nor a name that leads to this machine. */
function isFromHere(host = '', origin: string | undefined): boolean {
  const isLoopback = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  return isLoopback && (origin === undefined || origin === `http://${host}`);
}

type Stream = Parameters<Parameters<typeof streamSSE>[1]>[0];

function createPages({ source, onWatched }: PageServerOptions) {
  const pages = new Set<Page>();
  let silentSinceMs = 0;

  async function send(page: Page, frame: Frame): Promise<void> {
    page.isBusy = true;
    await page.send(frame);
    page.isBusy = false;
  }

  function tick(): void {
    const frame = source.take() ?? (isSilentForLong() ? EMPTY(Date.now()) : undefined);
    if (!frame) return;
    silentSinceMs = Date.now();
    for (const page of pages) {
      if (page.isBusy) page.isBehind = true;
      else void send(page, page.isBehind ? source.whole() : frame);
      page.isBehind &&= page.isBusy;
    }
  }

  const isSilentForLong = () => Date.now() - silentSinceMs > SILENCE_MS;
  const timer = setInterval(tick, FRAME_MS);

  async function serve(stream: Stream): Promise<void> {
    const page: Page = {
      send: (frame) => stream.writeSSE({ data: JSON.stringify(frame) }),
      isBusy: false,
      isBehind: false,
    };
    const closed = new Promise<void>((resolve) => stream.onAbort(resolve));
    await send(page, source.whole());
    pages.add(page);
    if (pages.size === 1) onWatched(true);
    await closed;
    pages.delete(page);
    if (pages.size === 0) onWatched(false);
  }

  return { serve, close: () => clearInterval(timer) };
}

const EMPTY = (atMs: number): Frame => ({
  ...{ atMs, isWhole: false, cells: [], waiting: [], answers: [], transitions: [] },
  status: undefined,
});
