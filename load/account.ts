/** Whether an AWS account can run the load, asked before it: in one that cannot, two throttled runs would be compared. */
import { startChild } from './children.ts';
import { DemoError } from './errors.ts';
import type { Plan } from './plan.ts';

/** What `ops/account.ts` prints, as far as it matters here. */
interface AccountFacts {
  readonly region: string;
  readonly concurrency: number;
}

/** A user who waits in v1 keeps two executions busy, and a call that its gateway has given up goes on for a while. */
const EXECUTIONS_PER_USER = 2.6;

/** Undefined: the account is large enough. */
export function accountProblem({ users }: Plan, facts: AccountFacts): string | undefined {
  const { concurrency, region } = facts;
  const needed = Math.ceil(users * EXECUTIONS_PER_USER);
  if (concurrency >= needed) return undefined;
  return (
    `Lambda may run ${concurrency} executions at once in ${region}, and this load needs ${needed}. ` +
    'It would refuse the rest, in both gateways and in all other functions of the account, and what would be ' +
    'compared is throttling. Ask for more (Service Quotas, Lambda, "Concurrent executions"), or add --quick, ' +
    'which needs less.'
  );
}

/** Returns what a person should know, if the account cannot be asked; throws DemoError if it is too small. */
export async function checkAccount(plan: Plan): Promise<string | undefined> {
  const command = startChild({ args: ['ops/account.ts'] });
  const code = await command.exited;
  if (code !== 0) return `The account's limits could not be looked up: ${command.lastLines()}`;
  const problem = accountProblem(plan, JSON.parse(command.lastLines()));
  if (problem) throw new DemoError(problem);
  return undefined;
}
