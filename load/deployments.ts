/** What a variant is loaded on: a fresh local cloud, or something that is deployed already. */
import { resolve } from 'node:path';
import { OUTPUTS, readOutputs, stackOutput } from '../ops/targets.ts';
import { DemoError } from './errors.ts';
import { startLocalCloud, takeLogs } from './local-cloud.ts';
import type { Options } from './options.ts';
import type { Plan } from './plan.ts';
import type { Variant } from './report/report.ts';

export interface Deployment {
  readonly urls: Readonly<Record<Variant, string>>;
  /** Every call that begins after a change of the fault was accepted meets it; AWS takes some seconds for that. */
  readonly obeysAtOnce: boolean;
  /** Whether the gateways answer signed requests only. */
  readonly isSigned: boolean;
  /** Rejects when it is gone before its time. */
  readonly lost: Promise<never>;
  /** Copies the functions' logs, where they are in reach. */
  takeLogs(directory: string): Promise<void>;
  close(): Promise<void>;
}

/** Every variant gets a local cloud of its own, so that neither inherits warm environments or work from the other. */
export async function deploy(options: Options, plan: Plan): Promise<Deployment> {
  return options.target === 'local' ? deployLocally(options, plan) : existing(options);
}

async function deployLocally({ ports }: Options, plan: Plan): Promise<Deployment> {
  const cloud = await startLocalCloud([
    ...['--prewarm', String(plan.prewarm)],
    ...['--account-concurrency', String(plan.accountConcurrency)],
    ...ports.flatMap((port) => ['--port', port]),
  ]);
  const lost = cloud.exited.then(() => {
    throw new DemoError(`The local cloud ended during the load. It said:\n${cloud.lastLines()}`);
  });
  lost.catch(() => {}); // told to whoever waits for it
  return {
    ...endpointsIn({ target: 'local', outputs: undefined }),
    obeysAtOnce: true,
    isSigned: false, // unless `npm run local` is told so
    lost,
    takeLogs: (directory) => takeLogs(directory, plan.hangMs),
    close: cloud.stop,
  };
}

/** Throws when the outputs cannot be read. */
function existing(options: Options): Deployment {
  const { v1Url, v2Url } = options;
  return {
    ...(v1Url && v2Url
      ? { urls: { v1: v1Url, v2: v2Url }, isSigned: false }
      : endpointsIn(options)),
    obeysAtOnce: false,
    lost: new Promise<never>(() => {}),
    takeLogs: async () => {},
    close: async () => {},
  };
}

type Place = Pick<Options, 'target' | 'outputs'>;

function endpointsIn({
  target,
  outputs: file = OUTPUTS[target].file,
}: Place): Pick<Deployment, 'urls' | 'isSigned'> {
  try {
    const outputs = readOutputs(target, resolve(import.meta.dirname, '..', file));
    return {
      urls: {
        v1: stackOutput(outputs, 'GatewayV1Url'),
        v2: stackOutput(outputs, 'GatewayV2Url'),
      },
      isSigned: Object.values(outputs).some(({ GatewayAccess }) => GatewayAccess === 'iam'),
    };
  } catch (error) {
    throw new DemoError(error instanceof Error ? error.message : String(error));
  }
}

/** Where the operator's commands find the fault's function and the circuit's table. */
export function operatorArguments({ target, outputs, stage, v1Url }: Options) {
  const at = ['--target', target];
  const meant = stage === undefined ? [] : ['--stage', stage];
  if (outputs) {
    const from = [...at, '--outputs', outputs];
    return { fault: [...from, ...meant], circuit: from };
  }
  // Somebody who has no more than the URLs: the names are those of the default stage.
  if (v1Url) {
    return {
      fault: [...at, '--function', 'fleet-breaker-demo-recommendations'],
      circuit: [...at, '--table', 'fleet-breaker-demo-circuits'],
    };
  }
  return { fault: [...at, ...meant], circuit: at };
}
