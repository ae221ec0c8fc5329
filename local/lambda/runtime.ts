/**
 * Lambda rule: the runtime loads the function's module once per execution environment, then hands it one invocation
 * after the other; module state lives as long as the environment. This file is the inside of the environment: it
 * runs in a worker thread whose `process.env` is the function's own.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { appendLog, endLine, reportLine, startLine } from './logs.ts';

export interface RuntimeSpec {
  readonly codeDir: string;
  /** As in the template: `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly logFile: string;
  readonly compileCacheDir: string;
  /** A line that contains one of these is sent to the parent as well. */
  readonly logLinesWith: readonly string[];
  /** On the clock of `nowMs`, when the start of the thread was asked for. */
  readonly startedAtMs: number;
}

export interface Call {
  readonly event: unknown;
  readonly requestId: string;
  readonly deadlineMs: number;
}

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string[];
}

export type Outcome = { payload: string } | { error: FunctionError };
export type Reply = Outcome & { maxMemoryUsedMb: number };
/** What the thread sends to its parent. */
export type Message = Reply | { logText: string };

type Handler = (event: unknown, context: object) => unknown;

const spec = workerData as RuntimeSpec;
/** Finer than Date.now(), and the same in all threads. */
const nowMs = () => performance.timeOrigin + performance.now();

let initMs: number | undefined;
let maxMemoryUsedMb = 0;

async function main(): Promise<void> {
  captureOutput(process.stdout);
  captureOutput(process.stderr);
  try {
    const handler = await loadHandler();
    initMs = nowMs() - spec.startedAtMs;
    parentPort?.on('message', (call: Call) => void run(handler, call));
    reply({ payload: 'null' });
  } catch (error) {
    failInit(toFunctionError(error));
  }
}

async function loadHandler(): Promise<Handler> {
  enableCompileCache(spec.compileCacheDir);
  const dot = spec.handler.lastIndexOf('.');
  const [file, name] = [spec.handler.slice(0, dot), spec.handler.slice(dot + 1)];
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(spec.codeDir, `${file}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (!path) throw notFound(`Cannot find module '${file}'`, 'Runtime.ImportModuleError');
  const handler = (await import(pathToFileURL(path).href))[name];
  if (typeof handler !== 'function') {
    throw notFound(`${spec.handler} is undefined or not exported`, 'Runtime.HandlerNotFound');
  }
  // Now and not at the thread's end, so that the environments that start after this one already profit.
  flushCompileCache();
  return handler;
}

const notFound = (message: string, name: string): Error =>
  Object.assign(new Error(message), { name });

function failInit(error: FunctionError): void {
  appendLog(
    spec.logFile,
    errorLine({ requestId: 'undefined', what: 'Uncaught Exception', error }),
    `INIT_REPORT Init Duration: ${(nowMs() - spec.startedAtMs).toFixed(2)} ms\tPhase: init\tStatus: error\tError Type: ${error.errorType}`,
  );
  reply({ error });
}

async function run(handler: Handler, call: Call): Promise<void> {
  const { requestId } = call;
  appendLog(spec.logFile, startLine(requestId));
  const startedAtMs = performance.now();
  const outcome = await outcomeOf(handler, call);
  const durationMs = performance.now() - startedAtMs;
  if ('error' in outcome) {
    const { error } = outcome;
    appendLog(spec.logFile, errorLine({ requestId, what: 'Invoke Error', error }));
  }
  maxMemoryUsedMb = Math.max(maxMemoryUsedMb, memoryUsedMb());
  const report = { requestId, durationMs, memoryMb: spec.memoryMb, maxMemoryUsedMb, initMs };
  appendLog(spec.logFile, endLine(requestId), reportLine(report));
  initMs = undefined;
  reply(outcome);
}

async function outcomeOf(handler: Handler, call: Call): Promise<Outcome> {
  try {
    return { payload: JSON.stringify(await handler(call.event, contextOf(call))) ?? 'null' };
  } catch (error) {
    return { error: toFunctionError(error) };
  }
}

/** The context object of Node.js 24: no callbacks, so no callbackWaitsForEmptyEventLoop either. */
const contextOf = ({ requestId, deadlineMs }: Call): object => ({
  functionName: spec.functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: spec.functionArn,
  memoryLimitInMB: String(spec.memoryMb),
  awsRequestId: requestId,
  logGroupName: spec.logGroupName,
  logStreamName: spec.logStreamName,
  getRemainingTimeInMillis: () => deadlineMs - Date.now(),
});

/** Whatever the function prints goes to its log at once: a killed environment leaves its last words too. */
function captureOutput(stream: NodeJS.WriteStream): void {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    appendFileSync(spec.logFile, chunk);
    const logText = chunk.toString();
    if (spec.logLinesWith.some((text) => logText.includes(text))) send({ logText });
    const callback = rest.findLast((argument) => typeof argument === 'function');
    callback?.();
    return true;
  };
}

function toFunctionError(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}

const errorLine = ({
  requestId,
  what,
  error,
}: {
  requestId: string;
  what: string;
  error: FunctionError;
}) => `${new Date().toISOString()}\t${requestId}\tERROR\t${what}\t${JSON.stringify(error)}`;

/** Of this environment alone; the process's resident memory would count all of them. */
function memoryUsedMb(): number {
  const heap = getHeapStatistics();
  return Math.ceil((heap.total_heap_size + heap.external_memory + heap.malloced_memory) / 2 ** 20);
}

const reply = (outcome: Outcome): void =>
  send({ ...outcome, maxMemoryUsedMb: Math.max(maxMemoryUsedMb, memoryUsedMb()) });

function send(message: Message): void {
  parentPort?.postMessage(message);
}

await main();
