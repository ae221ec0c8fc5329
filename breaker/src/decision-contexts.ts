import type { Settings } from './options.ts';
import type { DecisionContext } from './protocol/context.ts';

type ContextSettings = Pick<
  Settings,
  'instanceId' | 'clock' | 'random' | keyof DecisionContext['rules']
>;

/** Makes the context of a decision: now, and with luck as it comes, unless they are given. */
export type NewContext = (nowMs?: number | undefined, random?: number) => DecisionContext;

export function decisionContexts(settings: ContextSettings): NewContext {
  const { clock } = settings;
  let decisions = 0;
  return (nowMs = clock.now(), random = settings.random()) => {
    decisions++;
    return new Decision(settings, nowMs, random, decisions);
  };
}

class Decision implements DecisionContext {
  readonly rules: ContextSettings;
  readonly nowMs: number;
  readonly random: number;
  readonly #number: number;

  constructor(rules: ContextSettings, nowMs: number, random: number, number: number) {
    this.rules = rules;
    this.nowMs = nowMs;
    this.random = random;
    this.#number = number;
  }

  get instanceId(): string {
    return this.rules.instanceId;
  }

  /**
   * No two decisions have the same, so the owner of a probe differs even from another call of this
   * instance. It is put together where it is asked for, because few decisions claim a probe.
   */
  get probeId(): string {
    return `${this.instanceId}#${this.#number}`;
  }
}
