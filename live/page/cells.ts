/** The execution environments of one function, a cell for each. */
import type { Cell, FunctionPart } from '../frames.ts';
import { element, setText, toggleAttribute } from './dom.ts';

type Look = 'starting' | 'idle' | 'busy' | 'hanging';

/** A healthy request takes a few milliseconds. */
const HANGING_AFTER_MS = 1_000;

export class Cells {
  readonly part: FunctionPart;
  readonly #title: string;
  readonly #summary = element('p');
  readonly #box = element('div', '', 'cells');
  readonly #elements = new Map<number, HTMLElement>();
  /** Of each cell: since when it is as it is. An idle one that changed has served somebody meanwhile. */
  readonly #sinceMs = new Map<number, number>();

  constructor(place: HTMLElement) {
    this.part = place.dataset.part as FunctionPart;
    this.#title = place.dataset.title ?? '';
    this.#box.setAttribute('aria-hidden', 'true');
    place.append(this.#summary, this.#box);
  }

  show(cells: readonly Cell[], nowMs: number): void {
    const counts = { starting: 0, idle: 0, busy: 0, hanging: 0 };
    for (const cell of cells) {
      const look = lookOf(cell, nowMs);
      counts[look] += 1;
      this.#showCell(cell, look);
    }
    this.#removeAllBut(new Set(cells.map(({ id }) => id)));
    this.#summarize(cells.length, counts);
  }

  #showCell(cell: Cell, look: Look): void {
    const shown = this.#elements.get(cell.id) ?? this.#add(cell.id);
    const hasServed = look === 'idle' && this.#sinceMs.get(cell.id) !== cell.sinceMs;
    this.#sinceMs.set(cell.id, cell.sinceMs);
    if (shown.dataset.look !== look) shown.dataset.look = look;
    toggleAttribute(shown, 'data-served', hasServed);
    toggleAttribute(shown, 'data-probing', cell.isProbing);
    toggleAttribute(shown, 'data-alone', cell.isAlone);
  }

  #add(id: number): HTMLElement {
    const added = element('i', '', 'cell');
    this.#elements.set(id, added);
    this.#box.append(added);
    return added;
  }

  #removeAllBut(ids: ReadonlySet<number>): void {
    for (const [id, shown] of this.#elements) {
      if (ids.has(id)) continue;
      shown.remove();
      this.#elements.delete(id);
      this.#sinceMs.delete(id);
    }
  }

  #summarize(total: number, counts: Readonly<Record<Look, number>>): void {
    const parts = Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([look, count]) => `${count} ${look}`);
    setText(this.#summary, `${this.#title}: ${total}${total > 0 ? ` (${parts.join(', ')})` : ''}`);
  }
}

function lookOf({ state, sinceMs }: Cell, nowMs: number): Look {
  if (state !== 'busy') return state === 'starting' ? 'starting' : 'idle';
  return nowMs - sinceMs >= HANGING_AFTER_MS ? 'hanging' : 'busy';
}
