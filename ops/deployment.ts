/** What `npm run deploy` and its like give the CDK besides what they were given. Pure. */
import type { AccountFacts } from './account-facts.ts';

export type DeployCommand = 'deploy' | 'diff' | 'destroy';

/** Four functions with 100 each, and the 100 that AWS keeps for functions without a share of their own. */
const BULKHEAD_NEEDS = 500;
/** 100 users who wait in v1, each in two functions, with what is left of those whose gateway gave up before. */
const FULL_DEMO_NEEDS = 260;

const OWN_API_LOG_ROLE = 'ApiLogsRole';

/** The values of `-c key=value`, in every form that the CDK takes; the last one of a key counts. */
export function contextOf(args: readonly string[]): ReadonlyMap<string, string> {
  const context = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    const isOption = arg === '-c' || arg === '--context';
    const pair = isOption ? args[index + 1] : /^(?:-c|--context)=?(.*)$/.exec(arg)?.[1];
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair ?? '') ?? [];
    if (key) context.set(key, value);
  }
  return context;
}

export const stageOf = (args: readonly string[]): string => contextOf(args).get('stage') ?? 'demo';

/** The outputs of every stage but `demo` have a file of their own, so that one does not replace the other's. */
export function cdkArguments(
  command: DeployCommand,
  args: readonly string[],
  facts: AccountFacts | undefined,
): string[] {
  const namesFile = args.some((arg) => /^(-O|--outputs-file)(=|$)/.test(arg));
  const stage = stageOf(args);
  const file = stage === 'demo' ? 'cdk-outputs.json' : `cdk-outputs-${stage}.json`;
  return [
    command,
    ...args,
    ...(command === 'deploy' && !namesFile ? ['--outputs-file', file] : []),
    ...(leavesApiLogRole(args, facts) ? ['-c', 'setApiLogRole=false'] : []),
  ];
}

/** A role that somebody else set serves this stack too, and theirs would lose its logs if it were replaced. */
export function leavesApiLogRole(
  args: readonly string[],
  facts: AccountFacts | undefined,
): boolean {
  const role = facts?.apiLogRoleArn ?? '';
  const isOwn = role.includes(`/fleet-breaker-${stageOf(args)}-${OWN_API_LOG_ROLE}`);
  return role !== '' && !isOwn && !contextOf(args).has('setApiLogRole');
}

/** What a person wants to know before the stack is deployed into this account. */
export function advice(facts: AccountFacts, args: readonly string[]): string[] {
  const { region, concurrency } = facts;
  const fits = concurrency >= BULKHEAD_NEEDS;
  const isAsked = contextOf(args).get('bulkhead') === 'true';
  return [
    `Lambda may run ${concurrency} executions at once in ${region}.`,
    fits
      ? `bulkhead=true fits${isAsked ? '.' : ': with it a fault in one function cannot take the whole account. Add -c bulkhead=true.'}`
      : `bulkhead=true does not fit: it needs ${BULKHEAD_NEEDS}.`,
    ...(concurrency < FULL_DEMO_NEEDS
      ? [
          `The full demo needs ${FULL_DEMO_NEEDS}; ask for more (Service Quotas, Lambda, "Concurrent executions") or use --quick.`,
        ]
      : []),
    ...(leavesApiLogRole(args, facts)
      ? [`API Gateway has a role for its logs already (${facts.apiLogRoleArn}); it stays.`]
      : []),
  ];
}

/** Undefined: nothing speaks against it. */
export function refusal(facts: AccountFacts, args: readonly string[]): string | undefined {
  const isAsked = contextOf(args).get('bulkhead') === 'true';
  if (!isAsked || facts.concurrency >= BULKHEAD_NEEDS) return undefined;
  return `-c bulkhead=true needs a limit of ${BULKHEAD_NEEDS} executions at once; this account has ${facts.concurrency}.`;
}
