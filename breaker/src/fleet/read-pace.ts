import { isThrottled } from '../errors.ts';
import type { Settings } from '../options.ts';
import { ageOf, type View } from '../protocol/view.ts';
import type { StoreLink } from './store-link.ts';

/** Under throttling the view of a closed circuit serves this long times the throttle factor. */
const THROTTLED_MAX_AGE_MS = 50;
/** No view serves for longer because of throttling: by then an operator is heard. */
const MOST_THROTTLED_MS = 10_000;

type PaceSettings = Pick<Settings, 'viewTtlMs' | 'random'>;

/**
 * How often this instance reads. When reads are throttled its view serves for longer, and longer
 * with each one. So a fleet of up to 60,000 instances ends up asking for about twice what the item
 * bears, half of which is refused:
 *
 *     throttled --> 100 ms --> throttled --> 200 ms --> answered --> 100 ms
 *
 * What is refused at the same moment must not come back at the same moment, so every instance draws
 * its times anew.
 */
export class ReadPace {
  readonly #settings: PaceSettings;
  readonly #link: Pick<StoreLink, 'throttleFactor'>;
  /** When a read was throttled last: the view then serves as if it had been observed. */
  #throttledAtMs = -Infinity;
  #spread = 1;

  constructor(settings: PaceSettings, link: Pick<StoreLink, 'throttleFactor'>) {
    this.#settings = settings;
    this.#link = link;
  }

  /** How long the view of a closed circuit serves: as configured, or longer under throttling. */
  get closedMaxAgeMs(): number {
    const { viewTtlMs } = this.#settings;
    const { throttleFactor } = this.#link;
    if (throttleFactor === 1) return viewTtlMs;
    const throttledMs = Math.max(viewTtlMs, THROTTLED_MAX_AGE_MS) * throttleFactor * this.#spread;
    return Math.max(viewTtlMs, Math.min(throttledMs, MOST_THROTTLED_MS));
  }

  /** A read that was asked at `atMs` has failed. */
  failed(error: unknown, atMs: number): void {
    if (!isThrottled(error)) return;
    this.#throttledAtMs = atMs;
    this.#spread = 0.5 + this.#settings.random();
  }

  /** The age of what is known, as far as it matters to whether another read is due. */
  ageMs(view: View, nowMs: number): number {
    const sinceThrottledMs = nowMs - this.#throttledAtMs;
    const observedMs = ageOf(view, nowMs);
    return sinceThrottledMs < 0 ? observedMs : Math.min(observedMs, sinceThrottledMs);
  }
}
