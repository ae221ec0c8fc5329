/** The deployment that is measured, and what all measurements do to it. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ClientSettings, stackOutput } from '../targets.ts';

export interface Place {
  readonly target: 'local' | 'localstack' | 'aws';
  readonly outputsFile: string;
  readonly outputs: Readonly<Record<string, Record<string, string>>>;
  readonly settings: ClientSettings;
  /** How long nothing is asked before a request. */
  readonly idlesMs: readonly number[];
  /** Of each request after a time without one. */
  readonly repetitions: number;
}

/** A table: the first row has the names of the columns. */
export type Table = readonly (readonly string[])[];

export interface Answer {
  readonly tookMs: number;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function get(place: Place, output: string, path = ''): Promise<Answer> {
  const startedAtMs = performance.now();
  const response = await fetch(`${stackOutput(place.outputs, output)}${path}`);
  const body = (await response.json()) as Answer['body'];
  return { tookMs: performance.now() - startedAtMs, status: response.status, body };
}

/** Runs another of the operator's commands; with its words when it fails. */
export async function command(script: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [`ops/${script}.ts`, ...args]);
  return stdout.trim();
}

interface Wait {
  readonly everyMs: number;
  readonly limitMs: number;
  readonly what: string;
}

/** Returns how long it took until the condition held. */
export async function waitUntil(
  holds: () => Promise<boolean>,
  { everyMs, limitMs, what }: Wait,
): Promise<number> {
  const startedAtMs = Date.now();
  while (!(await holds())) {
    if (Date.now() - startedAtMs > limitMs) throw new Error(`${what} took more than ${limitMs} ms`);
    await sleep(everyMs);
  }
  return Date.now() - startedAtMs;
}

export const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
