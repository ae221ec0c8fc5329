import type { Commit, Replica } from '../../src/fleet/replica.ts';
import { Gate } from '../../src/gate.ts';
import type { Circuit } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import type { Rules } from '../../src/protocol/context.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';
import { closed, context, NOW_MS, probing } from './circuits.ts';

/** What the replica answers to one commit, and what it is like afterwards. */
export type Answer =
  | Commit['kind']
  | { readonly kind: Commit['kind']; readonly leaves: Partial<State> };

export interface State {
  /** The circuit of the view. */
  circuit: Circuit;
  waitUntilMs: number;
  fleetCircuit: Circuit;
  fleetWaitUntilMs: number;
  localId: number | undefined;
  isStoreDown: boolean;
  maxAgeMs: number;
  canReport: boolean;
  reportsOneIn: number;
}

/** The gate's settings, and what a read of the item itself finds, if anything is new. */
interface Own {
  readonly random?: number;
  readonly mirrors?: number;
  readonly rules?: Partial<Rules>;
  readonly found?: Partial<State>;
}

/**
 * A gate before a replica of which only the answers are real. `log`: what the replica was asked;
 * `written`: the writes among that.
 */
export function gateWith(own: Partial<State>, answers: Answer[] = [], settings: Own = {}) {
  const { random = 0, mirrors = 0, rules = {}, found = {} } = settings;
  const state: State = {
    circuit: closed,
    waitUntilMs: -Infinity,
    fleetCircuit: own.circuit ?? closed,
    fleetWaitUntilMs: Infinity,
    localId: undefined,
    isStoreDown: false,
    maxAgeMs: 0,
    canReport: true,
    reportsOneIn: 1,
    ...own,
  };
  const log: string[] = [];
  const written: Write[] = [];
  const timers = new Map<() => void, number>();
  let nowMs = NOW_MS;
  function answer(): Commit {
    const next = answers.shift() ?? 'applied';
    const { kind, leaves } = typeof next === 'string' ? { kind: next, leaves: {} } : next;
    Object.assign(state, leaves);
    return kind === 'applied' ? { kind, circuit: probing } : { kind };
  }
  const replica = {
    get view() {
      return { ...UNOBSERVED, circuit: state.circuit, waitUntilMs: state.waitUntilMs };
    },
    get fleetCircuit() {
      return state.fleetCircuit;
    },
    get fleetView() {
      return { ...UNOBSERVED, circuit: state.fleetCircuit, waitUntilMs: state.fleetWaitUntilMs };
    },
    get localId() {
      return state.localId;
    },
    get isStoreDown() {
      return state.isStoreDown;
    },
    get reportsOneIn() {
      return state.reportsOneIn;
    },
    maxAgeMs: () => state.maxAgeMs,
    isFresh: (nowMs: number) => nowMs - NOW_MS < state.maxAgeMs,
    async refreshIfOlderThan(ageMs: number) {
      log.push(`refresh ${ageMs}`);
    },
    async refreshByItemIfOlderThan(ageMs: number) {
      log.push(`refresh ${ageMs}`);
      Object.assign(state, found);
    },
    async canReport() {
      log.push('can report?');
      return state.canReport;
    },
    async commit(write: Write) {
      log.push(write.operation);
      written.push(write);
      return answer();
    },
    commitLocally({ operation }: Write) {
      log.push(`${operation} locally`);
      return answer();
    },
  };
  const gate = new Gate(
    {
      name: 'x',
      clock: {
        now: () => nowMs,
        after(delayMs, callback) {
          timers.set(callback, nowMs + delayMs);
          return () => timers.delete(callback);
        },
      },
      random: () => random,
      mirrors,
      streakWindowMs: context(rules).rules.streakWindowMs,
      storeBudget: { readMs: 60, writeMs: 120, connectMs: 500 },
    },
    replica as unknown as Replica,
    () => context({ ...rules, nowMs }),
  );
  const pass = (ms: number) => {
    nowMs += ms;
    for (const [callback, atMs] of timers) {
      if (atMs > nowMs) continue;
      timers.delete(callback);
      callback();
    }
  };
  return { gate, log, written, state, answers, pass, timers };
}
