/** An HTTP proxy in front of a DynamoDB engine, for what happens to single operations. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Operation {
  /** `GetItem`, `UpdateItem`, ... */
  readonly name: string;
  readonly body: string;
}

interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Contact {
  readonly operation: Operation;
  /** Lets the engine do it. */
  readonly apply: () => Promise<EngineAnswer>;
  readonly answer: (answer: EngineAnswer) => void;
  /** Ends the connection instead of an answer. */
  readonly hangUp: () => void;
}

/** What becomes of an operation. */
export type StoreBehaviour = (contact: Contact) => Promise<void>;

export const passing: StoreBehaviour = async ({ apply, answer }) => answer(await apply());

export const lateBy =
  (delayMs: number): StoreBehaviour =>
  async ({ apply, answer }) => {
    const applied = await apply();
    await sleep(delayMs);
    answer(applied);
  };

/** The engine has done it, and nobody hears of it. */
export const losingAnswers =
  (isLost: (operation: Operation) => boolean): StoreBehaviour =>
  async (contact) => {
    if (!isLost(contact.operation)) return passing(contact);
    await contact.apply();
    contact.hangUp();
  };

export const throttling =
  (isThrottled: (operation: Operation) => boolean): StoreBehaviour =>
  async (contact) => {
    if (!isThrottled(contact.operation)) return passing(contact);
    const error = {
      __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      message: 'The level of configured provisioned throughput for the table was exceeded.',
    };
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    contact.answer({ status: 400, headers, body: Buffer.from(JSON.stringify(error)) });
  };

export type DynamoDbProxy = Awaited<ReturnType<typeof startDynamoDbProxy>>;

export async function startDynamoDbProxy() {
  const agent = new Agent({ keepAlive: true });
  let behaviour = passing;
  let targetPort = 0;
  const server = createServer(async (incoming, response) => {
    try {
      await behaviour(await contactOf(incoming, response, { agent, targetPort }));
    } catch {
      // The engine is out of reach, or the caller is.
      incoming.socket.destroy();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** To be said before the first operation. */
    leadTo(port: number) {
      targetPort = port;
    },
    behave(how = passing) {
      behaviour = how;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      agent.destroy();
    },
  };
}

interface Engine {
  readonly agent: Agent;
  readonly targetPort: number;
}

async function contactOf(
  incoming: IncomingMessage,
  response: ServerResponse,
  { agent, targetPort }: Engine,
): Promise<Contact> {
  const body = await buffer(incoming);
  const { method, headers } = incoming;
  return {
    operation: { name: String(headers['x-amz-target']).split('.')[1] ?? '', body: String(body) },
    async apply() {
      const outgoing = request({ host: '127.0.0.1', port: targetPort, method, headers, agent });
      const answered = once(outgoing, 'response');
      outgoing.end(body);
      const [answer] = (await answered) as [IncomingMessage];
      return {
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: await buffer(answer),
      };
    },
    answer: (answer) => void response.writeHead(answer.status, answer.headers).end(answer.body),
    hangUp: () => void incoming.socket.destroy(),
  };
}
