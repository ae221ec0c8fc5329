/** The circuit's item as it is stored; what the last write changed is lit up for a while. */
import type { Status, StoredCircuit } from '../frames.ts';
import { byId, element, setText } from './dom.ts';

type Attributes = StoredCircuit['attributes'];

const LIT_FOR_MS = 2_500;

export class Item {
  readonly #body = byId('item').querySelector('tbody') as HTMLElement;
  readonly #line = byId('item-line');
  #shown: Attributes | undefined;
  #litUntilMs = 0;

  show({ circuit, engine }: Status, nowMs: number): void {
    if (!circuit) return;
    setText(this.#line, lineOf(circuit.attributes, engine));
    if (circuit.attributes !== this.#shown) this.#render(circuit.attributes, nowMs);
    if (nowMs > this.#litUntilMs) this.#unlight();
  }

  #render(attributes: Attributes, nowMs: number): void {
    const before = this.#shown;
    const rows = Object.entries(attributes).map(([name, value]) => {
      const isNew = before !== undefined && before[name] !== value;
      return row(name, String(value), isNew);
    });
    this.#body.replaceChildren(...rows);
    this.#shown = attributes;
    this.#litUntilMs = nowMs + LIT_FOR_MS;
  }

  #unlight(): void {
    for (const lit of this.#body.querySelectorAll('.changed')) lit.classList.remove('changed');
  }
}

function lineOf(attributes: Attributes, { isRunning, end }: Status['engine']): string {
  if (!isRunning) return `Lost: the engine has ended (${end}).`;
  if (Object.keys(attributes).length > 0) return '';
  return 'There is no item: a circuit that was never written is closed.';
}

/** A changed attribute is marked by a word too, for those who do not see the colour. */
function row(name: string, value: string, isChanged: boolean): HTMLElement {
  const made = element('tr', '', isChanged ? 'changed' : '');
  const head = element('th', name);
  head.setAttribute('scope', 'row');
  made.append(head, element('td', value));
  return made;
}
