import type { Settings } from './options.ts';
import { UNKNOWN_LATENCY, usualMs, withSuccess } from './protocol/latency.ts';
import type { FinishedCall, Report } from './protocol/settle.ts';

/** What an instance adds to its finished calls, so that they can be settled. */
export class Reports {
  readonly #random: Settings['random'];
  #latency = UNKNOWN_LATENCY;

  constructor(random: Settings['random']) {
    this.#random = random;
  }

  /** Learns how long successful calls take. */
  learn({ verdict, ranMs }: FinishedCall): void {
    if (verdict === 'success') this.#latency = withSuccess(this.#latency, ranMs);
  }

  /** The report of a call to the fleet, before it is known whether it belongs to the sample. */
  forFleet(call: FinishedCall, viewMs: number): Report {
    const luck = this.#random();
    return { ...call, usualMs: usualMs(this.#latency), viewMs, luck, calls: 1 };
  }

  /** The report of a call to this instance's own circuit, which every call counts in at once. */
  forItself(call: FinishedCall): Report {
    return { ...call, usualMs: 0, viewMs: 0, luck: 0, calls: 1 };
  }
}
