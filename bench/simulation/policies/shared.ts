/**
 * Breakers whose state is in a shared item, each after the published behaviour of one in use, with
 * its published constants where a scenario does not set one.
 */
import type { Item } from 'fleet-breaker';
import type { CallDownstream, Policy, PolicyPorts } from '../../../breaker/simulation/policy.ts';
import { attempt } from './attempt.ts';

const FLAG_CACHE_MS = 5_000;
const FLAG_SUCCESSES_NEEDED = 3;

/**
 * Each instance counts for itself, and the one that has seen enough in a row writes the flag OPEN
 * for all. When the open period is over, one instance is elected by a conditional write; only its
 * own successes close the circuit. All other writes are unconditional. Without the store: closed.
 */
export const sharedFlag: Policy = {
  name: 'shared flag, cached 5 s',
  start({ instance, item }, rules) {
    const { clock, id } = instance;
    let failures = 0;
    let successes = 0;
    let cached: { flag: Item | undefined; atMs: number } | undefined;
    const put = async (flag: Item) => {
      cached = { flag, atMs: clock.now() };
      await update(item, instance, () => flag).catch(() => undefined);
    };
    const open = () => put({ state: 'OPEN', openedAt: clock.now() });
    const load = async () => {
      if (!cached || clock.now() - cached.atMs >= FLAG_CACHE_MS) {
        const flag = await item.read(instance).catch(() => {
          failures = 0;
          return undefined;
        });
        cached = { flag, atMs: clock.now() };
      }
      return cached.flag;
    };
    const elect = async (seen: Item) => {
      const next = {
        ...seen,
        state: 'HALF_OPEN',
        owner: id,
        leaseUntil: clock.now() + rules.openMs,
      };
      const isSame = (now: Item | undefined) =>
        ['state', 'openedAt', 'owner'].every((key) => now?.[key] === seen[key]);
      const won = await update(item, instance, (now) => (isSame(now) ? next : undefined)).catch(
        () => undefined,
      );
      if (won) cached = { flag: next, atMs: clock.now() };
      if (won) successes = 0;
      return won;
    };
    const probe = async (call: CallDownstream) => {
      const outcome = await attempt(() => call(true), clock, rules);
      if (outcome !== 'success') await open();
      else if (++successes >= FLAG_SUCCESSES_NEEDED) await put({ state: 'CLOSED' });
      return outcome;
    };
    return async (call) => {
      const flag = await load();
      if (flag?.state === 'OPEN' || flag?.state === 'HALF_OPEN') {
        if (flag.state === 'HALF_OPEN' && flag.owner === id) return probe(call);
        const dueMs =
          flag.state === 'OPEN' ? Number(flag.openedAt) + rules.openMs : Number(flag.leaseUntil);
        return clock.now() >= dueMs && (await elect(flag)) ? probe(call) : 'refused';
      }
      const outcome = await attempt(call, clock, rules);
      failures = outcome === 'success' ? 0 : failures + 1;
      if (failures < rules.failureThreshold) return outcome;
      failures = 0;
      await open();
      return outcome;
    };
  },
};

const RMW_WINDOW_MS = 60_000;
const RMW_MAX_OPEN_MS = 60_000;
const RMW_SUCCESSES_NEEDED = 2;

/**
 * The whole state is read before every call and written back after it, changed, without conditions.
 * A success does not take failures back; they are forgotten when the last one is a window ago.
 * Without the store: the instance's last copy.
 */
export const readModifyWrite: Policy = {
  name: 'read-modify-write item',
  start({ instance, item }, rules) {
    const { clock } = instance;
    const initial = {
      state: 'CLOSED',
      failures: 0,
      successes: 0,
      failedAt: 0,
      opened: 0,
      dueAt: 0,
    };
    let copy = initial;
    const save = (next: typeof initial) => {
      copy = next;
      return update(item, instance, () => next).catch(() => undefined);
    };
    const failed = (now: number) => {
      const failures = now - copy.failedAt > RMW_WINDOW_MS ? 1 : copy.failures + 1;
      const next = { ...copy, failures, failedAt: now, successes: 0 };
      if (copy.state !== 'HALF_OPEN' && failures < rules.failureThreshold) return next;
      const openMs = Math.min(rules.openMs * 2 ** copy.opened, RMW_MAX_OPEN_MS);
      return { ...next, state: 'OPEN', opened: copy.opened + 1, dueAt: now + openMs };
    };
    const succeeded = () => {
      if (copy.state !== 'HALF_OPEN') return { ...copy };
      const successes = copy.successes + 1;
      return successes < RMW_SUCCESSES_NEEDED ? { ...copy, successes } : initial;
    };
    return async (call) => {
      copy = await item.read(instance).then(
        (stored) => (stored as typeof initial | undefined) ?? initial,
        () => copy,
      );
      if (copy.state === 'OPEN') {
        if (clock.now() < copy.dueAt) return 'refused';
        await save({ ...copy, state: 'HALF_OPEN', successes: 0 });
      }
      const isProbe = copy.state === 'HALF_OPEN';
      const outcome = await attempt(() => call(isProbe), clock, rules);
      await save(outcome === 'success' ? { ...succeeded() } : failed(clock.now()));
      return outcome;
    };
  },
};

const COUNTER_CLOSED_CACHE_MS = 3_000;
const COUNTER_MINUTE_MS = 60_000;
const COUNTER_LEASE_MS = 30_000;

/**
 * Failures of the whole fleet in the current minute, counted in the item; successes do not count.
 * Every write is conditional on the state, and a refused one teaches nothing. An open circuit is
 * remembered until it is due, a closed one for 3 s. Without the store: closed.
 */
export const absoluteCounter: Policy = {
  name: 'absolute counter per minute',
  start({ instance, item }, rules) {
    const { clock, id } = instance;
    let cached: { flag: Item | undefined; untilMs: number } | undefined;
    const remember = (flag: Item | undefined) => {
      const untilMs =
        flag?.state === 'OPEN' ? Number(flag.dueAt) : clock.now() + COUNTER_CLOSED_CACHE_MS;
      cached = { flag, untilMs: flag?.state === 'HALF_OPEN' ? clock.now() : untilMs };
      return flag;
    };
    const load = async () => {
      if (cached && clock.now() < cached.untilMs) return cached.flag;
      return item.read(instance).then(remember, () => undefined);
    };
    const change = async (to: (now: Item | undefined) => Item | undefined) => {
      const next = await update(item, instance, to).catch(() => undefined);
      return next && remember(next);
    };
    const opened = () => ({ state: 'OPEN', dueAt: clock.now() + rules.openMs });
    const takeLease = () => {
      const nowMs = clock.now();
      const lease = { state: 'HALF_OPEN', owner: id, dueAt: nowMs + COUNTER_LEASE_MS };
      return change((now) => {
        const isDue = now !== undefined && now.state !== 'CLOSED' && Number(now.dueAt) <= nowMs;
        return isDue ? lease : undefined;
      });
    };
    const count = async () => {
      const minute = Math.floor(clock.now() / COUNTER_MINUTE_MS);
      const counted = await change((now) => {
        if (now && now.state !== 'CLOSED') return undefined;
        const failures = now?.minute === minute ? Number(now.failures) + 1 : 1;
        return { state: 'CLOSED', minute, failures };
      });
      if (counted && Number(counted.failures) >= rules.failureThreshold)
        await change((now) => (now?.state === 'CLOSED' ? opened() : undefined));
    };
    const ifHalfOpen = (next: Item) =>
      change((now) => (now?.state === 'HALF_OPEN' ? next : undefined));
    return async (call) => {
      const flag = await load();
      const isShut = flag !== undefined && flag.state !== 'CLOSED';
      if (isShut && flag.state === 'OPEN' && clock.now() < Number(flag.dueAt)) return 'refused';
      if (isShut && !(await takeLease())) return 'refused';
      const outcome = await attempt(() => call(isShut), clock, rules);
      if (isShut) await ifHalfOpen(outcome === 'success' ? { state: 'CLOSED' } : opened());
      else if (outcome !== 'success') await count();
      return outcome;
    };
  },
};

/** One atomic write: the item after it, or undefined if `change` refused. */
function update(
  item: PolicyPorts['item'],
  instance: PolicyPorts['instance'],
  change: (now: Item | undefined) => Item | undefined,
): Promise<Item | undefined> {
  return item.write(instance, (memory, key) => {
    const next = change(memory.items.get(key));
    if (next) memory.items.set(key, next);
    return next;
  });
}
