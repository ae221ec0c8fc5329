/**
 * Ways to guard the downstream in each instance by itself, after the published behaviour of libraries
 * in use, with their published constants where a scenario does not set one.
 */
import type { Policy } from '../../../breaker/simulation/policy.ts';
import { attempt } from './attempt.ts';
import { RecentCounts } from './recent-counts.ts';

export const noBreaker: Policy = {
  name: 'no breaker',
  start: (ports, rules) => (call) => attempt(call, ports.instance.clock, rules),
};

/** An in-process library: failures in a row open it, one trial after the open period. */
export const statePerInstance: Policy = {
  name: 'state per instance',
  start({ instance }, rules) {
    const { clock } = instance;
    let failures = 0;
    let openUntilMs = -Infinity;
    return async (call) => {
      if (clock.now() < openUntilMs) return 'refused';
      const isTrial = failures >= rules.failureThreshold;
      const outcome = await attempt(() => call(isTrial), clock, rules);
      failures = outcome === 'success' ? 0 : failures + 1;
      if (failures >= rules.failureThreshold) openUntilMs = clock.now() + rules.openMs;
      return outcome;
    };
  },
};

const RATE_WINDOW_MS = 10_000;
const RATE_THRESHOLD = 0.5;
const RATE_MIN_CALLS = 10;

/**
 * As opossum and resilience4j by default: half of the calls of the last 10 s failed, and there were
 * some. One trial after the open period; its success begins a new window.
 */
export const ratePerInstance: Policy = {
  name: 'rate per instance, 10 s',
  start({ instance }, rules) {
    const { clock } = instance;
    const recent = new RecentCounts(clock, RATE_WINDOW_MS);
    let openUntilMs: number | undefined;
    let isTrialUnderWay = false;
    const open = () => {
      openUntilMs = clock.now() + rules.openMs;
      recent.clear();
    };
    const isFailing = () => {
      const [calls, failures] = recent.sums();
      return calls >= RATE_MIN_CALLS && failures >= RATE_THRESHOLD * calls;
    };
    const runTrial = async (trial: () => ReturnType<typeof attempt>) => {
      isTrialUnderWay = true;
      const outcome = await trial();
      isTrialUnderWay = false;
      if (outcome === 'success') openUntilMs = undefined;
      else open();
      return outcome;
    };
    return async (call) => {
      if (openUntilMs !== undefined) {
        if (clock.now() < openUntilMs || isTrialUnderWay) return 'refused';
        return runTrial(() => attempt(() => call(true), clock, rules));
      }
      const outcome = await attempt(call, clock, rules);
      recent.add(1, outcome === 'success' ? 0 : 1);
      if (openUntilMs === undefined && isFailing()) open();
      return outcome;
    };
  },
};

const THROTTLE_WINDOW_MS = 120_000;
const THROTTLE_MULTIPLIER = 2;

/**
 * Client-side throttling as in the book "Site Reliability Engineering", chapter "Handling overload":
 * each instance refuses a share of its requests that grows with the share that was not answered.
 */
export const clientThrottling: Policy = {
  name: 'client-side throttling',
  start({ instance, random }, rules) {
    const { clock } = instance;
    const recent = new RecentCounts(clock, THROTTLE_WINDOW_MS);
    return async (call) => {
      const [requests, accepts] = recent.sums();
      const share = (requests - THROTTLE_MULTIPLIER * accepts) / (requests + 1);
      recent.add(1, 0);
      if (random() < share) return 'refused';
      const outcome = await attempt(call, clock, rules);
      if (outcome === 'success') recent.add(0, 1);
      return outcome;
    };
  },
};
