/**
 * `npm run deploy`, `npm run diff` and `npm run destroy`: the CDK's own commands, after a look at the account. What they
 * are given goes to the CDK as it is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { type AccountFacts, accountFacts } from './account-facts.ts';
import { runCommand } from './command.ts';
import { confirmChange } from './confirm.ts';
import { advice, cdkArguments, type DeployCommand, refusal, stageOf } from './deployment.ts';
import { explain } from './targets.ts';

const ROOT = join(import.meta.dirname, '..');
const COMMANDS: readonly DeployCommand[] = ['deploy', 'diff', 'destroy'];

async function main([name, ...given]: string[]): Promise<void> {
  const command = COMMANDS.find((known) => known === name);
  if (!command) throw new Error(`${name}: write one of ${COMMANDS.join(', ')}`);
  const args = [...settingsOfCdkJson(), ...given];
  const facts = await lookUp();
  if (facts && command === 'deploy') {
    for (const line of advice(facts, args)) console.log(line);
    const reason = refusal(facts, args);
    if (reason) throw new Error(reason);
  }
  if (command !== 'diff') await confirm(command, args, facts);
  process.exitCode = await runCdk(cdkArguments(command, args, facts));
}

/** What somebody has set there for good decides, too; what the CDK keeps there has a mark in its name. */
function settingsOfCdkJson(): string[] {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  return Object.entries(context)
    .filter(([key]) => /^\w+$/.test(key))
    .flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

/** A person who may deploy may not be allowed to look. The CDK has better words for missing credentials. */
async function lookUp(): Promise<AccountFacts | undefined> {
  try {
    return await accountFacts();
  } catch (error) {
    console.error(`The account's limits could not be looked up (${explain(error)}).`);
    return undefined;
  }
}

function confirm(
  command: DeployCommand,
  args: readonly string[],
  facts: AccountFacts | undefined,
): Promise<void> {
  const stage = stageOf(args);
  const region = facts?.region ?? 'the region of your AWS profile';
  const isAnswered = args.includes('--yes') || args.includes('-y');
  const what = `${command} fleet-breaker-${stage}`;
  return confirmChange({ what, stage, region, option: '--yes', isAnswered });
}

async function runCdk(args: readonly string[]): Promise<number> {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  // cdk.json starts the app as `node`.
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const child = spawn(process.execPath, [cdk, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

await runCommand(() => main(process.argv.slice(2)));
