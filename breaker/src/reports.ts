import type { Settings } from './options.ts';
import { UNKNOWN_LATENCY, usualMs, withSuccess } from './protocol/latency.ts';
import type { FinishedCall, Report } from './protocol/settle.ts';

/** What an instance adds to its finished calls, so that they can be settled. */
export class Reports {
  readonly #settings: Pick<Settings, 'random' | 'mirrors'>;
  #latency = UNKNOWN_LATENCY;

  constructor(settings: Pick<Settings, 'random' | 'mirrors'>) {
    this.#settings = settings;
  }

  /** Learns how long successful calls take. */
  learn({ verdict, ranMs }: FinishedCall): void {
    if (verdict === 'success') this.#latency = withSuccess(this.#latency, ranMs);
  }

  /** The report of a call to the fleet, before it is known whether it belongs to the sample. */
  forFleet(call: FinishedCall, viewMs: number): Report {
    const { random, mirrors } = this.#settings;
    // Where copies are needed calls are so many that others may be counted in the meantime.
    const isHasty = mirrors > 0 && random() < 0.5;
    const luck = random();
    return { ...call, usualMs: usualMs(this.#latency), viewMs, luck, calls: 1, isHasty };
  }

  /** The report of a call to this instance's own circuit, which every call counts in at once. */
  forItself(call: FinishedCall): Report {
    return { ...call, usualMs: 0, viewMs: 0, luck: 0, calls: 1 };
  }
}
