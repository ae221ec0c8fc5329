import type { SourceChange } from './private-state.ts';

/** Defects that one might make, each a change of one place in the library's source. */
export const DEFECTS: readonly (SourceChange & { readonly title: string })[] = [
  {
    title: 'a lease is not waited for',
    file: 'protocol/view.ts',
    replace: 'if (circuit.probeLeaseUntilMs === undefined) return NO_WAIT;',
    by: 'if (circuit.state) return NO_WAIT;',
  },
  {
    title: 'a lease is waited for as long as its writer is wrong',
    file: 'protocol/view.ts',
    replace: 'const latestMs = at.nowMs + durationMs;\n  const earliestMs',
    by: 'const latestMs = (at.askedAtMs ?? at.nowMs) + durationMs;\n  const earliestMs',
  },
  {
    title: 'the result of an earlier generation counts',
    file: 'protocol/settle.ts',
    replace: 'if (current.generation !== admittedTo.generation) return undefined;',
    by: '',
  },
  {
    title: 'a probe of an earlier generation decides',
    file: 'protocol/settle.ts',
    replace: 'return recover(admittedTo, call, ctx);',
    by: "return recover(current.state === 'HALF_OPEN' ? current : admittedTo, call, ctx);",
  },
  {
    title: 'a transition is published twice',
    file: 'fleet/announcer.ts',
    replace: "if (scope === 'fleet' && this.#writesOfFleet.has(made.write)) return;",
    by: '',
  },
  {
    title: 'a transition whose answer is lost is not published',
    file: 'fleet/announcer.ts',
    replace: "if (made) this.applied(made, circuit, 'fleet');",
    by: '',
  },
  {
    title: 'a prober that died is never replaced',
    file: 'protocol/view.ts',
    replace: 'if (circuit.probeLeaseUntilMs === undefined) return NO_WAIT;',
    by: 'if (circuit.probeLeaseUntilMs) return { untilMs: 8e15, durationMs: 8e15 };',
  },
  {
    title: 'the generation does not grow',
    file: 'protocol/conditional-write.ts',
    replace: 'draft.current.generation + 1',
    by: 'draft.current.generation',
  },
  {
    title: 'the open period is not waited for',
    file: 'protocol/admit.ts',
    replace: 'if (ctx.nowMs < view.waitUntilMs)',
    by: "if (ctx.nowMs < view.waitUntilMs && circuit.state === 'HALF_OPEN')",
  },
  {
    title: 'a repeated write takes what refuses it for its own',
    file: 'fleet/replica.ts',
    replace: '(isRepeat && isResultOf(write, circuit))',
    by: 'isRepeat',
  },
  {
    title: 'calls are let through while the circuit is open',
    file: 'protocol/admit.ts',
    replace: 'if (ctx.nowMs < view.waitUntilMs) return refuseUntil(view.waitUntilMs, ctx);',
    by: "if (ctx.nowMs < view.waitUntilMs) return { kind: 'admit', permit: { kind: 'uncounted' } };",
  },
  {
    title: 'a forced circuit counts',
    file: 'protocol/settle.ts',
    replace: 'if (overrideInForce(current, ctx.nowMs)) return undefined;',
    by: '',
  },
  {
    title: 'a call of local mode counts for a later generation than was known',
    file: 'settlement.ts',
    replace: 'const permit = fleetPermit(held);',
    by: 'const permit = fleetPermit({ ...held, fleetCircuit: replica.fleetCircuit });',
  },
  {
    title: 'a late answer is believed as one in time',
    file: 'fleet/replica.ts',
    replace: 'if (asked.isLate && !isOlder(this.fleetCircuit, circuit)) return;',
    by: 'asked = { ...asked, answersSoFar: this.#answers };',
  },
];
