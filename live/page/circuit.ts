/** The circuit: diagram, what it means just now, its item, and the transitions of the last minutes. */
import type { CircuitTransition, Frame, Status, StoredCircuit } from '../frames.ts';
import { Diagram } from './diagram.ts';
import { byId, element, setText } from './dom.ts';
import { Item } from './item.ts';
import { overrideInForce } from './state-in-force.ts';

export class CircuitView {
  readonly #diagram = new Diagram(byId('diagram'));
  readonly #item = new Item();
  readonly #line = byId('circuit-line');
  readonly #facts = byId('circuit-facts');
  readonly #list = byId('transitions');

  add({ transitions, isWhole }: Frame): void {
    if (!isWhole) this.#diagram.add(transitions);
  }

  show(status: Status, nowMs: number): void {
    document.body.classList.toggle('lost', !status.engine.isRunning);
    const circuit = status.circuit;
    if (!circuit) return;
    this.#diagram.show(circuit, nowMs);
    this.#item.show(status, nowMs);
    setText(this.#line, status.engine.isRunning ? lineOf(circuit, nowMs) : aloneLine(status));
    this.#showFacts(circuit);
  }

  #showFacts({ generation, reason, updatedBy, updatedAtMs }: StoredCircuit): void {
    const facts: [string, string][] = [
      ['Reason', reason],
      ['Written by', updatedBy ? `${short(updatedBy)}, ${clock(updatedAtMs)}` : 'nobody yet'],
      ['Generation', String(generation)],
    ];
    const shown = facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]);
    if (textOf(shown) !== textOf([...this.#facts.children])) this.#facts.replaceChildren(...shown);
  }

  showTransitions(transitions: readonly CircuitTransition[]): void {
    this.#list.replaceChildren(...transitions.toReversed().map(transitionLine));
    if (transitions.length === 0) this.#list.append(element('li', 'none yet'));
  }
}

const textOf = (elements: readonly Element[]): string =>
  elements.map(({ textContent }) => textContent).join('\n');

function lineOf(circuit: StoredCircuit, nowMs: number): string {
  const { state, openUntilMs = 0, probeOwner, probeLeaseUntilMs = 0 } = circuit;
  const forced = overrideLine(circuit, nowMs);
  if (forced) return forced;
  if (state === 'CLOSED') return 'Every call goes to the recommendations.';
  if (state === 'OPEN') {
    const leftMs = openUntilMs - nowMs;
    if (leftMs <= 0) return 'The open period is over: the next call may be the probe.';
    return `No call goes there. The next probe in ${(leftMs / 1000).toFixed(1)} s.`;
  }
  if (!probeOwner) return 'The next call is the probe.';
  const leaseMs = probeLeaseUntilMs - nowMs;
  const lease = leaseMs > 0 ? `, given up for dead in ${(leaseMs / 1000).toFixed(1)} s` : '';
  return `One instance makes the probe${lease}.`;
}

function overrideLine(circuit: StoredCircuit, nowMs: number): string | undefined {
  const override = overrideInForce(circuit, nowMs);
  if (!override) return undefined;
  const { overrideUntilMs } = circuit;
  const words = override === 'FORCED_OPEN' ? 'Forced open' : 'Forced closed';
  const until = overrideUntilMs === undefined ? 'released' : clock(overrideUntilMs);
  return `${words} by an operator, until ${until}.`;
}

function aloneLine({ alone }: Status): string {
  const total = alone.CLOSED + alone.OPEN + alone.HALF_OPEN;
  if (total === 0) return 'The table is gone. No instance has missed it yet.';
  const parts = Object.entries(alone).filter(([, count]) => count > 0);
  const states = parts.map(([state, count]) => `${count} ${state}`).join(', ');
  return `The table is gone: ${total} ${total === 1 ? 'instance decides' : 'instances decide'} alone (${states}).`;
}

function transitionLine({ from, to, reason, by, atMs, scope }: CircuitTransition): HTMLElement {
  const line = element('li');
  const alone = scope === 'instance' ? ', alone' : '';
  const who = element('small', ` by ${short(by)}${alone}`);
  line.append(element('time', clock(atMs)), `${from} → ${to}: ${reason}`, who);
  return line;
}

/** An instance signs with a random id: its beginning tells it from the others. */
const short = (name: string): string => name.replace(/^([0-9a-f]{8})-[-0-9a-f]{27}/, 'instance $1');

const clock = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toLocaleTimeString('en-GB');
