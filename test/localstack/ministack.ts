/**
 * `npm run ministack -- COMMAND...`: runs a command with LOCALSTACK_ENDPOINT leading to MiniStack, an emulator that
 * serves LocalStack's endpoint without Docker; without a command, a shell. It is installed from PyPI into a
 * directory of its own, and nothing of it is left afterwards.
 *
 * `npm run ministack -- --first-write-ms 700 COMMAND...`: the first write of every table takes so much longer, for the
 * functions too, as on an emulator that has DynamoDB Local inside.
 *
 * It runs with IAM on, so that the policies of the stack are put to use, and with TLS, because the bucket that CDK
 * deploys from refuses anything else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSlowFirstWrite } from './slow-first-write.ts';

/** EX_UNAVAILABLE of sysexits.h: there is no emulator to be had, so the command did not run. */
const UNAVAILABLE = 69;
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 5_000;
const PARENT_WATCH_MS = 500;
const LOOPBACK = '127.0.0.1';
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

class Unavailable extends Error {}

let running: ChildProcess | undefined;
let interruptedBy: NodeJS.Signals | undefined;

async function main(argv: string[]): Promise<number> {
  const { firstWriteMs, command } = parse(argv);
  const [given, ...args] = command;
  const directory = mkdtempSync(join(tmpdir(), 'ministack-'));
  let server: ChildProcess | undefined;
  let endProxy = () => {};
  try {
    const program = await install(directory);
    const emulatorPort = await freePort();
    const port = firstWriteMs > 0 ? await freePort() : emulatorPort;
    const endpoint = `https://${LOOPBACK}:${port}`;
    server = serve(program, { directory, port: emulatorPort, endpoint });
    await ready(server, emulatorPort, logIn(directory));
    if (firstWriteMs > 0) {
      const key = readFileSync(keyIn(directory), 'utf8');
      const certificate = readFileSync(certificateIn(directory), 'utf8');
      endProxy = await startSlowFirstWrite({ port, emulatorPort, firstWriteMs, key, certificate });
    }
    if (!given)
      console.log(
        `MiniStack is at ${endpoint} until you exit this shell. First: npm run localstack:deploy`,
      );
    return await run(given ?? process.env.SHELL ?? 'sh', args, {
      LOCALSTACK_ENDPOINT: endpoint,
      NODE_EXTRA_CA_CERTS: certificateIn(directory),
      AWS_CA_BUNDLE: certificateIn(directory),
    });
  } finally {
    endProxy();
    if (server) await stop(server);
    rmSync(directory, { recursive: true, force: true });
  }
}

function parse(argv: string[]): { firstWriteMs: number; command: string[] } {
  const [option, value = '', ...command] = argv;
  if (option !== '--first-write-ms') return { firstWriteMs: 0, command: argv };
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`${option} ${value}: write a whole number`);
  return { firstWriteMs: Number(value), command };
}

/** Returns the program. */
async function install(directory: string): Promise<string> {
  const bin = join(directory, 'venv/bin');
  const steps: [string, ...string[]][] = [
    ['openssl', 'version'], // MiniStack makes its certificate with it
    ['python3', '-m', 'venv', dirname(bin)],
    [join(bin, 'pip'), 'install', '--quiet', '--no-input', '--requirement', REQUIREMENTS],
  ];
  for (const [program, ...args] of steps) {
    const failed = await run(program, args).catch((error: Error) => error.message);
    if (failed) throw new Unavailable(`\`${program} ${args.join(' ')}\` failed (${failed})`);
  }
  return join(bin, 'ministack');
}

const certificateIn = (directory: string) => join(directory, 'ministack-tls/server.crt');
const keyIn = (directory: string) => join(directory, 'ministack-tls/server.key');
const logIn = (directory: string) => join(directory, 'ministack.log');

interface Place {
  readonly directory: string;
  readonly port: number;
  /** Where everybody else finds it. */
  readonly endpoint: string;
}

function serve(program: string, { directory, port, endpoint }: Place): ChildProcess {
  const log = openSync(logIn(directory), 'w');
  return spawn(program, {
    cwd: directory,
    detached: true, // leads a group, to which the processes of the functions belong
    stdio: ['ignore', log, log],
    // Nothing else of this environment: the functions would inherit it.
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      TMPDIR: directory,
      BIND_HOST: LOOPBACK,
      GATEWAY_PORT: String(port),
      AWS_ENDPOINT_URL: endpoint, // handed to the functions
      AUTH: 'true',
      USE_SSL: '1',
      NODE_EXTRA_CA_CERTS: certificateIn(directory),
      LAMBDA_EXECUTOR: 'local',
      IOT_MTLS_ENABLED: '0',
      MINISTACK_WORKER_THREADS: '256', // one for every call under way, and the calls that it makes
    },
  });
}

async function ready(server: ChildProcess, port: number, log: string): Promise<void> {
  await once(server, 'spawn');
  const giveUpAtMs = Date.now() + READY_WITHIN_MS;
  while (!(await accepts(port))) {
    if (server.exitCode !== null || Date.now() > giveUpAtMs) {
      throw new Error(`MiniStack did not start. It said:\n${readFileSync(log, 'utf8')}`);
    }
    await sleep(200);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}

/** Returns the exit code, as a shell would give it. Once interrupted, nothing new begins. */
async function run(program: string, args: string[], env = {}): Promise<number> {
  if (interruptedBy) return 128 + constants.signals[interruptedBy];
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  running = child;
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[signal as NodeJS.Signals];
}

async function stop(server: ChildProcess): Promise<void> {
  const exited = server.exitCode === null ? once(server, 'exit') : undefined;
  killGroup(server, 'SIGTERM');
  await Promise.race([exited, sleep(STOPPED_WITHIN_MS, undefined, { ref: false })]);
  killGroup(server, 'SIGKILL'); // and what it may have left behind
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function interrupt(signal: NodeJS.Signals): void {
  interruptedBy = signal;
  running?.kill(signal);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
if (process.env.npm_lifecycle_event) {
  // A SIGTERM for npm ends the shell in between and gets no further.
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && interrupt('SIGTERM'), PARENT_WATCH_MS).unref();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const unavailable = error instanceof Unavailable && !interruptedBy;
  if (unavailable) console.error(`Skipped: MiniStack cannot be had here: ${error.message}`);
  else if (!interruptedBy) console.error(error instanceof Error ? error.message : error);
  process.exitCode = unavailable ? UNAVAILABLE : 1;
}
