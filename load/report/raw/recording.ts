/** Reads what a run has recorded. Besides write.ts nothing else in the report touches files. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseRequestEvents, type RequestEvent } from '../../request-log.ts';
import type { FaultSwitch, Run, Variant } from '../report.ts';
import { type LogStream, PARTS } from './logs.ts';

/** What is read of the JSON that Artillery writes. */
export interface ArtilleryJson {
  readonly aggregate: { readonly counters: Readonly<Record<string, number>> };
}

export interface Raw {
  readonly events: readonly RequestEvent[];
  readonly artillery: ArtilleryJson;
  readonly faultSwitches: readonly FaultSwitch[];
  /** What was seen of the circuit from outside. */
  readonly circuitSightings: string;
  /** Undefined: the logs are out of the demo's reach. */
  readonly streams: readonly LogStream[] | undefined;
}

export type RawPaths = ReturnType<typeof rawPaths>;

export function rawPaths(directory: string, variant: Variant) {
  const own = join(directory, 'raw', variant);
  return {
    directory: own,
    artillery: join(own, 'artillery.json'),
    requestLog: join(own, 'requests.ndjson'),
    stopFile: join(own, 'stop'),
    circuit: join(own, 'circuit.ndjson'),
    faultSwitches: join(own, 'fault-switches.json'),
    logs: join(own, 'logs'),
  };
}

export const runPath = (directory: string): string => join(directory, 'raw', 'run.json');

export async function readRaw(directory: string, variant: Variant): Promise<Raw> {
  const paths = rawPaths(directory, variant);
  return {
    events: parseRequestEvents(await readFile(paths.requestLog, 'utf8')),
    artillery: await readJson(paths.artillery),
    faultSwitches: await readJson(paths.faultSwitches),
    circuitSightings: await readFile(paths.circuit, 'utf8').catch(() => ''),
    streams: await readStreams(paths.logs),
  };
}

export const readRun = (directory: string): Promise<Run> => readJson(runPath(directory));

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** A directory per function, and in it a file per log stream. */
export async function readStreams(directory: string): Promise<LogStream[] | undefined> {
  const files = await readdir(directory, { recursive: true }).catch(() => undefined);
  const logs = files?.filter((file) => file.endsWith('.log')).sort();
  return logs && Promise.all(logs.map((file) => readStream(join(directory, file))));
}

async function readStream(file: string): Promise<LogStream> {
  const functionName = basename(dirname(file));
  const part = PARTS.find((name) => functionName.endsWith(`-${name}`));
  if (!part) throw new Error(`${file}: ${functionName} is no function of the demo`);
  return { part, text: await readFile(file, 'utf8') };
}
