import { createRequire } from 'node:module';
import type { Target } from '../ops/targets.ts';
import { DemoError } from './errors.ts';
import type { Plan } from './plan.ts';

const NODE_MAJOR = 24;
/** One execution environment of the local cloud takes 15 to 20 MB; v1 needs two per user while it hangs. */
const MEGABYTES_PER_USER = 40;
const MEGABYTES_FOR_THE_REST = 1000;

/** All problems at once, each with what to do about it. */
export function checkPrerequisites(plan: Plan, target: Target): void {
  const problems = [
    ...nodeProblems(),
    ...packageProblems(),
    ...(target === 'local' ? memoryProblems(plan) : []),
  ];
  if (problems.length > 0) throw new DemoError(`Cannot start:\n- ${problems.join('\n- ')}`);
}

function nodeProblems(): string[] {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR) return [];
  return [
    `this is Node ${process.versions.node}, Node ${NODE_MAJOR} is needed: start it as npm run demo`,
  ];
}

function packageProblems(): string[] {
  const { resolve } = createRequire(import.meta.url);
  const missing = ['artillery/package.json', 'aws-cdk/package.json'].filter((name) => {
    try {
      return !resolve(name);
    } catch {
      return true;
    }
  });
  return missing.map((name) => `${name.split('/')[0]} is not installed: run npm ci`);
}

function memoryProblems({ users }: Plan): string[] {
  const neededMb = users * MEGABYTES_PER_USER + MEGABYTES_FOR_THE_REST;
  const availableMb = Math.round(process.availableMemory() / 2 ** 20);
  if (availableMb >= neededMb) return [];
  return [
    `${neededMb} MB of memory are needed, ${availableMb} MB are free: close something, or add --quick`,
  ];
}
