/** A bundle in a process of its own, so that its memory can be told from that of its callers. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

export interface BundleAnswer {
  readonly answer: APIGatewayProxyResult;
  readonly tookMs: number;
  /** The most that the process has had so far. */
  readonly maxRssBytes: number;
}

interface Options {
  readonly folder: string;
  /** As in the template: `index.handler`. */
  readonly handler: string;
  readonly env: Record<string, string>;
}

export type BundleProcess = ReturnType<typeof startBundleProcess>;

export function startBundleProcess({ folder, handler, env }: Options) {
  const [file, exported = ''] = handler.split('.');
  const bundle = pathToFileURL(join(folder, `${file}.mjs`)).href;
  const program = fileURLToPath(new URL('./bundle-process-main.ts', import.meta.url));
  const child = fork(program, [bundle, exported], { env, execArgv: [], silent: true });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return {
    pid: child.pid ?? 0,
    /** All lines that it has logged, once everything that was printed has arrived. */
    log: () => printed,
    /** One at a time, as an execution environment serves. */
    invoke: (event: APIGatewayProxyEvent) => ask(child, event, () => printed),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function ask(child: ChildProcess, event: APIGatewayProxyEvent, printed: () => string) {
  return new Promise<BundleAnswer>((resolve, reject) => {
    const onExit = () => reject(new Error(`The bundle's process has ended:\n${printed()}`));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as BundleAnswer);
    });
    child.send(event);
  });
}
