import type { Instance } from './instance.ts';
import { between, byQuantiles, logNormal, type Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How the downstream fails for calls that start in this time. */
export interface Phase {
  readonly fromMs: number;
  readonly untilMs: number;
  /**
   * hang: there is no answer; fast: an error soon; usual: an error when an answer would have come;
   * mixed: a third each.
   */
  readonly failures: 'hang' | 'fast' | 'usual' | 'mixed';
  /** The share of the calls that fail. Default 1. */
  readonly share?: number;
}

/** How long healthy answers take. Half of them take longer than `medianMs`. */
export interface Answers {
  readonly medianMs: number;
  /** narrow: 5 % take a third longer; long tail: 1 % take ten times as long. */
  readonly spread: 'narrow' | 'long tail';
}

/** What the downstream bears. Calls that find no room wait, and are done though their callers left. */
export interface Limit {
  readonly callsAtOnce: number;
}

/**
 * A downstream that is cold after an outage: its rate grows from a part to the whole while it is
 * not overloaded. Overloaded, it fails for a while and is cold again.
 */
export interface Fragility {
  readonly ratePerS: number;
  readonly coldShare: number;
  readonly warmUpMs: number;
  readonly failsForMs: number;
}

export interface DownstreamOptions {
  readonly phases: readonly Phase[];
  readonly callTimeoutMs: number;
  /** Default: 50 ms, narrow. */
  readonly answers?: Answers;
  readonly limit?: Limit;
  readonly fragility?: Fragility;
}

/** One call as the downstream sees it. */
export interface DownstreamCall {
  readonly by: string;
  readonly startedMs: number;
  /** When it is answered, or cut by its caller's timeout. */
  readonly endsMs: number;
  readonly hasFailed: boolean;
  readonly isProbe: boolean;
}

/** What chance has in store for a request, drawn at its arrival. */
export interface Drawn {
  readonly answerMs: number;
  readonly fastFailureMs: number;
  readonly luck: number;
}

export const USUAL_ANSWERS: Answers = { medianMs: 50, spread: 'narrow' };
export const FAST_FAILURE_MS = [5, 15] as const;
const NARROW_SPREAD = 0.19;
/** Multiples of the median at each share of the answers. */
const LONG_TAIL = [
  [0, 0.4],
  [0.5, 1],
  [0.9, 3],
  [0.99, 10],
  [1, 30],
] as const;
/** A fragile downstream bears this much above its rate for a short time. */
const FRAGILE_BURST_MS = 250;

const FAILURE = new Error('simulated: the downstream failed');

export function draw(random: Random, { medianMs, spread }: Answers = USUAL_ANSWERS): Drawn {
  const answerMs =
    spread === 'narrow'
      ? logNormal(random, medianMs, NARROW_SPREAD)
      : medianMs * byQuantiles(random, LONG_TAIL);
  return { answerMs, fastFailureMs: between(random, ...FAST_FAILURE_MS), luck: random() };
}

export class Downstream {
  readonly calls: DownstreamCall[] = [];
  readonly #time: VirtualTime;
  readonly #options: DownstreamOptions;
  /** When each of the places of a limited downstream becomes free. */
  readonly #freeAtMs: number[];
  readonly #fragile: Fragile | undefined;

  constructor(time: VirtualTime, options: DownstreamOptions) {
    this.#time = time;
    this.#options = options;
    const { limit, fragility } = options;
    this.#freeAtMs = Array(limit?.callsAtOnce ?? 0).fill(0);
    this.#fragile = fragility && new Fragile(fragility);
  }

  /** Rejects if the call fails; never settles if it hangs. */
  call(instance: Instance, drawn: Drawn, isProbe: boolean): Promise<void> {
    const startedMs = this.#time.elapsedMs;
    const { callTimeoutMs } = this.#options;
    const { hasFailed, answerMs } = this.#fate(drawn, startedMs);
    const isCut = answerMs > callTimeoutMs;
    this.calls.push({
      by: instance.id,
      startedMs,
      endsMs: startedMs + Math.min(answerMs, callTimeoutMs),
      hasFailed: hasFailed || isCut,
      isProbe,
    });
    return new Promise((resolve, reject) => {
      if (answerMs === Infinity) return;
      const settle = hasFailed ? () => reject(FAILURE) : resolve;
      this.#time.after(answerMs, () => instance.deliver(settle));
    });
  }

  #fate(drawn: Drawn, nowMs: number): { hasFailed: boolean; answerMs: number } {
    const phase = this.#options.phases.find((p) => nowMs >= p.fromMs && nowMs < p.untilMs);
    const { share = 1 } = phase ?? {};
    if (phase && share === 1) this.#fragile?.coolDown(phase.untilMs);
    if (phase && drawn.luck < share)
      return { hasFailed: true, answerMs: failureMs(phase, drawn, drawn.luck / share) };
    if (this.#fragile?.isOverloaded(nowMs))
      return { hasFailed: true, answerMs: drawn.fastFailureMs };
    return { hasFailed: false, answerMs: this.#waitMs(drawn.answerMs, nowMs) + drawn.answerMs };
  }

  /** Waits for the place that is free first. */
  #waitMs(answerMs: number, nowMs: number): number {
    if (this.#freeAtMs.length === 0) return 0;
    const first = this.#freeAtMs.indexOf(Math.min(...this.#freeAtMs));
    const fromMs = Math.max(nowMs, this.#freeAtMs[first] ?? 0);
    this.#freeAtMs[first] = fromMs + answerMs;
    return fromMs - nowMs;
  }
}

/** `luck`: in [0, 1), of a call that fails. */
function failureMs({ failures }: Phase, drawn: Drawn, luck: number): number {
  const kinds = ['hang', 'fast', 'usual'] as const;
  const kind = failures === 'mixed' ? kinds[Math.floor(luck * 3)] : failures;
  if (kind === 'hang') return Infinity;
  return kind === 'fast' ? drawn.fastFailureMs : drawn.answerMs;
}

class Fragile {
  readonly #options: Fragility;
  #isUpFromMs = -Infinity;
  #countedAtMs = 0;
  /** Calls beyond the rate: they drain at the rate. */
  #excess = 0;

  constructor(options: Fragility) {
    this.#options = options;
  }

  /** Counts a call at `nowMs`, and tells whether it is one that fails. */
  isOverloaded(nowMs: number): boolean {
    if (nowMs < this.#isUpFromMs) return true;
    const { ratePerS, coldShare, warmUpMs, failsForMs } = this.#options;
    const warmth = Math.min(1, (nowMs - this.#isUpFromMs) / warmUpMs);
    const perMs = (ratePerS * (coldShare + (1 - coldShare) * warmth)) / 1_000;
    this.#excess = Math.max(0, this.#excess - (nowMs - this.#countedAtMs) * perMs) + 1;
    this.#countedAtMs = nowMs;
    if (this.#excess <= 1 + FRAGILE_BURST_MS * perMs) return false;
    this.coolDown(nowMs + failsForMs);
    return true;
  }

  coolDown(untilMs: number): void {
    this.#isUpFromMs = untilMs;
    this.#countedAtMs = untilMs;
    this.#excess = 0;
  }
}
