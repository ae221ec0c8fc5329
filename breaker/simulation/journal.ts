import type { Item } from 'fleet-breaker';
import type { VirtualTime } from './virtual-time.ts';

const LENGTH = 60;

type Entry = readonly [atMs: number, who: string, what: string, detail: unknown];

/** The last events of a run, to be read when a promise was broken. */
export class Journal {
  readonly #time: VirtualTime;
  readonly #entries: Entry[] = [];
  #written = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  note(who: string, what: string, detail?: unknown): void {
    this.#entries[this.#written++ % LENGTH] = [this.#time.elapsedMs, who, what, detail];
  }

  lastEvents(): string[] {
    const start = this.#written % LENGTH;
    const inOrder = [...this.#entries.slice(start), ...this.#entries.slice(0, start)];
    return inOrder.map(([atMs, who, what, detail]) => {
      const shown = detail === undefined ? '' : ` ${JSON.stringify(detail)}`;
      return `${atMs.toFixed(3).padStart(12)} ms  ${who.padEnd(8)} ${what}${shown}`;
    });
  }
}

/** What matters of an item when reading a journal. */
export function summary(item: Item | undefined): unknown {
  if (!item) return 'no item';
  const { state, generation, streakId, streakScore, probeOwner, reopenings } = item;
  return { state, generation, streakId, streakScore, probeOwner, reopenings };
}
