import { cpSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Resource } from './template.ts';

const assembly = resolve('cdk.out');

/** The functions of the synthesized template, with the folder that each one's code is in. */
export function bundledFunctions() {
  const file = join(assembly, 'fleet-breaker-demo.template.json');
  const { Resources } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.values<Resource & { Metadata: Record<string, string> }>(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties, Metadata }) => ({
      part: String(Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME),
      folder: join(assembly, String(Metadata['aws:asset:path'])),
      handler: String(Properties.Handler),
      variables: Properties.Environment.Variables as Record<string, unknown>,
    }));
}

interface Invocation {
  readonly folder: string;
  readonly handler: string;
  readonly env: Record<string, string>;
  readonly event: APIGatewayProxyEvent;
}

/** Imports a bundle and calls what the template names as its handler. */
export async function invokeBundle({ folder, handler, env, event }: Invocation) {
  const [file, exported] = handler.split('.');
  const worker = new Worker(new URL('./bundle-worker.ts', import.meta.url), {
    env,
    workerData: { file: pathToFileURL(join(folder, `${file}.mjs`)).href, exported, event },
    stdout: true,
    stderr: true,
  });
  const printed: string[] = [];
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.on('data', (chunk) => printed.push(String(chunk)));
  }
  try {
    const answer = await new Promise<APIGatewayProxyResult>((answered, failed) => {
      worker.once('message', answered).once('error', failed);
    });
    const log = printed.join('').split('\n').filter(Boolean);
    return { status: answer.statusCode, body: JSON.parse(answer.body), log };
  } finally {
    await worker.terminate();
  }
}

/** A copy far from any node_modules, where a bundle finds nothing that it did not bring along. */
export function copyAway(folder: string, scratch: string): string {
  const copy = join(scratch, basename(folder));
  cpSync(folder, copy, { recursive: true });
  return copy;
}
