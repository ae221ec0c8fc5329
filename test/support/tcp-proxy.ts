/**
 * A TCP proxy in front of a server, for what happens to connections and not to requests: they are
 * reset, go dead without a word, or are slow. It passes everything on unchanged until it is told otherwise.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';

interface Options {
  /** Of the server behind it. */
  readonly targetPort: number;
  /** Its own. Default: any that is free. */
  readonly port?: number;
}

interface IdleDelay {
  /** A connection that has sent nothing for so long, or never anything, counts as idle. */
  readonly idleMs: number;
  readonly delayMs: number;
}

interface DelayOnce {
  /** In the bytes of the request, for example `UpdateItem`. */
  readonly containing: string;
  readonly delayMs: number;
}

/** What all connections of a proxy go by. */
interface Rules {
  isRefusing: boolean;
  answerDelayMs: number;
  idleDelay: IdleDelay | undefined;
  delaysOnce: DelayOnce[];
}

export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>;

export async function startTcpProxy({ targetPort, port = 0 }: Options) {
  const rules: Rules = {
    isRefusing: false,
    answerDelayMs: 0,
    idleDelay: undefined,
    delaysOnce: [],
  };
  const open = new Set<Connection>();
  let accepted = 0;
  const server = createServer((client) => {
    if (rules.isRefusing) return void client.resetAndDestroy();
    accepted += 1;
    const connection = new Connection(client, targetPort, rules);
    open.add(connection);
    client.once('close', () => open.delete(connection));
  });
  await once(server.listen(port, HOST), 'listening');
  const ownPort = (server.address() as AddressInfo).port;
  return {
    port: ownPort,
    endpoint: `http://${HOST}:${ownPort}`,
    countOpen: () => open.size,
    countAccepted: () => accepted,
    /** Ends every connection at once. A client that is stopped learns of it when it goes on. */
    resetAll() {
      for (const connection of open) connection.reset();
    },
    /** Ends every connection there is as soon as its client sends something on it. */
    resetOnNextUse() {
      for (const connection of open) connection.mode = 'reset on use';
    },
    /** Half-open: every connection there is stays up and leads nowhere. New ones are well. */
    silenceAll() {
      for (const connection of open) connection.mode = 'silent';
    },
    /** New connections are ended at once; those that there are go on. */
    refuse(isRefusing = true) {
      rules.isRefusing = isRefusing;
    },
    /** Everything that the server says is heard that much later. 0: at once. */
    delayAnswers(delayMs: number) {
      rules.answerDelayMs = delayMs;
    },
    /** The first request after idleness arrives late, as on a new connection far away. Undefined: at once. */
    delayAfterIdle(delay: IdleDelay | undefined) {
      rules.idleDelay = delay;
    },
    /** The next request like that arrives late; may be said several times. */
    delayOnce(delay: DelayOnce) {
      rules.delaysOnce.push(delay);
    },
    async close() {
      for (const connection of open) connection.close();
      await new Promise((closed) => server.close(closed));
    },
  };
}

class Connection {
  mode: 'open' | 'reset on use' | 'silent' = 'open';
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: Rules;
  #usedAtMs = Number.NEGATIVE_INFINITY;

  constructor(client: Socket, targetPort: number, rules: Rules) {
    this.#client = client;
    this.#server = connect(targetPort, HOST);
    this.#rules = rules;
    const toServer = inOrder((chunk) => this.#server.write(chunk));
    const toClient = inOrder((chunk) => client.write(chunk));
    client.on('data', (chunk) => this.#onRequest(chunk, toServer));
    this.#server.on('data', (chunk) => {
      if (this.mode !== 'silent') toClient(chunk, rules.answerDelayMs);
    });
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      // The end of one side is all that the other needs to know.
      socket.on('error', () => {});
    }
    this.#server.once('close', () => this.mode !== 'silent' && client.destroy());
    client.once('close', () => this.#server.destroy());
  }

  reset(): void {
    // A socket that is being shut down cannot be reset any more, and Node would never close it.
    if (this.#client.writable) this.#client.resetAndDestroy();
    else this.close();
  }

  close(): void {
    this.#client.destroy();
  }

  #onRequest(chunk: Buffer, toServer: Pass): void {
    if (this.mode === 'reset on use') this.reset();
    if (this.mode !== 'open') return;
    toServer(chunk, this.#delayOf(chunk));
    this.#usedAtMs = performance.now();
  }

  #delayOf(chunk: Buffer): number {
    const { idleDelay, delaysOnce } = this.#rules;
    const isIdle = idleDelay && performance.now() - this.#usedAtMs >= idleDelay.idleMs;
    const idleMs = isIdle ? idleDelay.delayMs : 0;
    const index = delaysOnce.findIndex(({ containing }) => chunk.includes(containing));
    const [once] = index < 0 ? [] : delaysOnce.splice(index, 1);
    return Math.max(idleMs, once?.delayMs ?? 0);
  }
}

type Pass = (chunk: Buffer, delayMs: number) => void;

/** Passes chunks on in the order in which they came, each when its delay is over. */
function inOrder(pass: (chunk: Buffer) => void): Pass {
  let earlier = Promise.resolve();
  let waiting = 0;
  return (chunk, delayMs) => {
    if (waiting === 0 && delayMs === 0) return pass(chunk);
    const due = sleep(delayMs);
    waiting += 1;
    earlier = Promise.all([earlier, due]).then(() => {
      waiting -= 1;
      pass(chunk);
    });
  };
}
