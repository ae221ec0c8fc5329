import type { Item, Transition, Write } from 'fleet-breaker';
import type { EventLoop } from './event-loop.ts';

/** A rule of the protocol was broken; `journal`: what happened just before. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly journal: readonly string[];

  constructor(rule: string, journal: readonly string[]) {
    super(rule);
    this.journal = journal;
  }
}

const JOURNAL_LENGTH = 60;

const LEGAL_PATHS = new Set([
  'CLOSED to OPEN',
  'OPEN to HALF_OPEN',
  'HALF_OPEN to HALF_OPEN',
  'HALF_OPEN to OPEN',
  'HALF_OPEN to CLOSED',
]);

/** The right to make one probe. */
export interface Claim {
  readonly owner: string;
  readonly generation: number;
}

type Entry = readonly [atMs: number, who: string, what: string, detail: unknown];

/**
 * Watches the real library from outside: what the store holds, what each instance has been shown,
 * what it says, which calls it makes. Ends the run at the first rule that is broken.
 */
export class Monitor {
  /** Generations whose transition was told to the fleet's listeners. */
  readonly told = new Map<number, string>();
  readonly #loop: EventLoop;
  readonly #failureThreshold: number;
  readonly #journal: Entry[] = [];
  #written = 0;
  /** Probes under way at the downstream. */
  #probes: (Claim & { readonly endsMs: number })[] = [];

  constructor(loop: EventLoop, failureThreshold: number) {
    this.#loop = loop;
    this.#failureThreshold = failureThreshold;
  }

  note(who: string, what: string, detail?: unknown): void {
    this.#journal[this.#written++ % JOURNAL_LENGTH] = [this.#loop.nowMs, who, what, detail];
  }

  broken(rule: string): void {
    this.#loop.fail(this.violation(rule));
  }

  violation(rule: string): Violation {
    return new Violation(rule, this.#lastEvents());
  }

  /** A write of the library changed the item. */
  changed(before: Item | undefined, after: Item | undefined, write: Write): void {
    this.note(String(write.set.updatedBy), `wrote ${write.operation}`, summary(after));
    const from = { state: before?.state ?? 'CLOSED', generation: Number(before?.generation ?? 0) };
    const to = { state: after?.state, generation: Number(after?.generation) };
    if (to.generation < from.generation)
      this.broken(`the stored generation went back from ${from.generation} to ${to.generation}`);
    if (from.state === to.state && to.generation === from.generation) return;
    if (to.generation !== from.generation + 1)
      this.broken(`${from.state} became ${to.state} without a generation of its own`);
    const path = `${from.state} to ${to.state}`;
    if (!LEGAL_PATHS.has(path)) this.broken(`the stored state went from ${path}`);
    if (
      path === 'CLOSED to OPEN' &&
      Number(before?.streakFailures ?? 0) < this.#failureThreshold - 1
    )
      this.broken(`tripped after ${before?.streakFailures ?? 0} counted failures`);
    const isOwner = String(before?.probeOwner).startsWith(`${write.set.updatedBy}#`);
    if (from.state === 'HALF_OPEN' && to.state !== 'HALF_OPEN' && !isOwner)
      this.broken(`${write.set.updatedBy} decided on the probe of ${before?.probeOwner}`);
  }

  tell(transition: Transition): void {
    const { generation, by } = transition;
    const earlier = this.told.get(generation);
    if (earlier) this.broken(`generation ${generation} was told by ${earlier} and by ${by}`);
    this.told.set(generation, by);
  }

  probeStarts({ owner, generation }: Claim, endsMs: number): void {
    this.#probes = this.#probes.filter((probe) => probe.endsMs > this.#loop.nowMs);
    const other = this.#probes.find((probe) => probe.generation === generation);
    if (other) this.broken(`${owner} and ${other.owner} probe together in one generation`);
    this.#probes.push({ owner, generation, endsMs });
  }

  #lastEvents(): string[] {
    const start = this.#written % JOURNAL_LENGTH;
    const entries = [...this.#journal.slice(start), ...this.#journal.slice(0, start)];
    return entries.map(
      ([atMs, who, what, detail]) =>
        `${atMs.toFixed(3).padStart(12)} ms  ${who.padEnd(8)} ${what}` +
        (detail === undefined ? '' : ` ${JSON.stringify(detail)}`),
    );
  }
}

/** What matters of an item when reading a journal. */
export function summary(item: Item | undefined): unknown {
  if (!item) return 'no item';
  const { state, generation, streakId, streakFailures, probeOwner, reopenings } = item;
  return { state, generation, streakId, streakFailures, probeOwner, reopenings };
}
