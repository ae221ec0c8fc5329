/**
 * What the local cloud is told about the project that it serves, beyond its template: `local-cloud.json`, next to
 * cdk.json. Without that file every part gets a free port, and every start synthesizes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Project {
  /** The usual port of an API, by its part: its name without the stack's. */
  readonly ports: Readonly<Record<string, number>>;
  /** Options of the command, by name: each changes variables of functions at the start. */
  readonly switches: Readonly<Record<string, Switch>>;
  /** Files and directories, from the root, on which the assembly depends. */
  readonly synthInputs: readonly string[];
  /** Lines for the person at the terminal, once everything serves. */
  readonly hints: readonly string[];
}

export interface Switch {
  readonly help: string;
  readonly variables: VariablesByPart;
}

export type VariablesByPart = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const FILE = join(ROOT, 'local-cloud.json');
const NOTHING_TOLD: Project = { ports: {}, switches: {}, synthInputs: [], hints: [] };

export function readProject(): Project {
  if (!existsSync(FILE)) return NOTHING_TOLD;
  return { ...NOTHING_TOLD, ...(JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Project>) };
}
