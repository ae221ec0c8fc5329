import type { Settings } from './options.ts';
import type { DecisionContext } from './protocol/context.ts';

type ContextSettings = Pick<
  Settings,
  'instanceId' | 'clock' | 'random' | keyof DecisionContext['rules']
>;

/**
 * Makes the context of each decision: the rules, this instance, and the time. No two contexts have
 * the same `probeId`, so the owner of a probe differs even from another call of this instance.
 */
export function decisionContexts(
  settings: ContextSettings,
): (nowMs?: number | undefined) => DecisionContext {
  const { instanceId, clock, random } = settings;
  let decisions = 0;
  return (nowMs = clock.now()) => {
    decisions++;
    return {
      rules: settings,
      instanceId,
      nowMs,
      random: random(),
      probeId: `${instanceId}#${decisions}`,
    };
  };
}
