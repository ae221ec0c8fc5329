import type { Phase } from './downstream.ts';
import { type Policy, type Tamper, thisBreaker } from './policy.ts';
import { between, exponential, happens, type Random, randomStream } from './random.ts';
import type { FaultPeriod } from './store-conditions.ts';
import { COLD_START_MS, type Run, type ServedRequest, simulate, type World } from './world.ts';

/** Until then everything goes wrong; from then on nothing, but for clocks that stay wrong. */
const FAULTS_END_MS = 30_000;
/** An instance leaves a dead store alone for 30 s at most, and only then may its circuit open. */
const RECOVERY_MS = 50_000;
const CALM_MS = 5_000;

const ONE_PROBE = { max: 1, need: 1 };
const TWO_OF_THREE = { max: 3, need: 2 };
const FAULTS = ['down', 'silent', 'answerLost', 'slow', 'throttled'] as const;
const FAILURES = ['hang', 'fast', 'usual'] as const;

/**
 * One fleet under every fault at once, chosen by the seed: instances killed and frozen, clocks up
 * to a minute wrong, a store that fails in five ways, copies of the item that lag and are lost, a
 * downstream that fails in three ways. Rejects with a Violation if a rule is broken, or if the fleet
 * has not recovered when all is well again.
 */
export async function runFaults(seed: number, tamper?: Tamper): Promise<Run> {
  const world = worldOf(seed);
  const run = await simulate(world, policyOf(seed, tamper), seed);
  const calmMs = FAULTS_END_MS + RECOVERY_MS;
  const late = run.requests.find(
    (r) => r.arrivedMs >= calmMs && r.outcome !== 'success' && !mayReturnSlowly(r, run, world),
  );
  if (late)
    throw run.monitor.violation(
      `I7: a request at ${Math.round(late.arrivedMs)} ms was ${late.outcome}, ` +
        `though all has been well since ${FAULTS_END_MS} ms`,
    );
  const { state = 'CLOSED' } = run.item.latest ?? {};
  if (state !== 'CLOSED') throw run.monitor.violation(`I7: the circuit stayed ${state}`);
  return run;
}

/** A new instance whose clock is a minute behind takes an old recovery for one of just now. */
function mayReturnSlowly({ outcome, arrivedMs }: ServedRequest, run: Run, world: World): boolean {
  const { rampMs = 0 } = world.rules;
  if (outcome !== 'refused' || rampMs === 0) return false;
  const sinceMs = run.coldStartsMs.map((atMs) => arrivedMs - atMs);
  return sinceMs.some((ms) => ms >= 0 && ms <= 2 * COLD_START_MS + rampMs);
}

function policyOf(seed: number, tamper: Tamper | undefined): Policy {
  const random = randomStream(seed, 'options');
  // A slow probe counts as failed while it is still under way, so the next one of the same
  // generation would meet it there: the two options are not tried together.
  const isSlowTried = happens(random, 0.5);
  const options = {
    viewTtlMs: pick(random, [0, 250]),
    mirrors: mirrorsOf(seed),
    maxOpenMs: 8_000,
    ...(isSlowTried ? { slowCallMs: 300 } : { probes: pick(random, [ONE_PROBE, TWO_OF_THREE]) }),
  };
  return thisBreaker('this breaker', options, tamper);
}

function mirrorsOf(seed: number): number {
  return pick(randomStream(seed, 'mirrors'), [0, 0, 1, 2, 4, 20]);
}

function worldOf(seed: number): World {
  const random = randomStream(seed, 'faults');
  const maxLagMs = pick(randomStream(seed, 'lag'), [undefined, undefined, 200, 2_000]);
  return {
    ratePerS: between(random, 30, 100),
    instances: Math.ceil(between(random, 2, 40)),
    choice: pick(random, ['random', 'last used']),
    untilMs: FAULTS_END_MS + RECOVERY_MS + CALM_MS,
    phases: inTurn(random, 8_000, (): Pick<Phase, 'failures' | 'share'> => {
      const failures = pick(random, FAILURES);
      return failures === 'usual' ? { failures, share: between(random, 0.02, 0.5) } : { failures };
    }),
    store: {
      ...(maxLagMs !== undefined && mirrorsOf(seed) > 0 && { maxLagMs }),
      faults: inTurn(random, 5_000, (): Pick<FaultPeriod, 'fault' | 'share'> => {
        return { fault: pick(random, FAULTS), share: pick(random, [0.05, 0.3, 1]) };
      }),
    },
    rules: {
      failureThreshold: pick(random, [1, 2, 3, 5]),
      failureRate: pick(random, [1, 1, 0.5, 0.2]),
      rampMs: pick(random, [0, 0, 1_000, 5_000]),
      openMs: pick(random, [1_000, 3_000]),
      callTimeoutMs: pick(random, [500, 2_000]),
    },
    maxSkewMs: pick(random, [0, 2_000, 60_000]),
    disturb(fleet, chance) {
      const repeat = (meanMs: number, act: () => void) => {
        fleet.time.after(exponential(chance, meanMs), () => {
          if (fleet.time.elapsedMs >= FAULTS_END_MS) return;
          act();
          repeat(meanMs, act);
        });
      };
      repeat(2_000, () => fleet.kill());
      if (mirrorsOf(seed) > 0) repeat(2_000, () => fleet.loseCopy());
      repeat(1_000, () => fleet.freeze(exponential(chance, 3_000)));
    },
  };
}

/** Periods with gaps between them, both of random length, one after the other. */
function inTurn<T>(random: Random, meanMs: number, make: () => T) {
  const periods: (T & { fromMs: number; untilMs: number })[] = [];
  for (let atMs = exponential(random, meanMs); atMs < FAULTS_END_MS; ) {
    const untilMs = Math.min(FAULTS_END_MS, atMs + exponential(random, meanMs));
    periods.push({ ...make(), fromMs: atMs, untilMs });
    atMs = untilMs + exponential(random, meanMs);
  }
  return periods;
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}
