/** The circuit's three states as a diagram; the one in force is lit. */
import type { CircuitState, CircuitTransition, StoredCircuit } from '../frames.ts';
import { setText, within } from './dom.ts';
import { overrideInForce, stateInForce } from './state-in-force.ts';

interface Step {
  readonly from: CircuitState | undefined;
  readonly to: CircuitState;
}

/** Each step is lit for at least this long: a probe that succeeds is over within milliseconds. */
const SHOWN_FOR_MS = 700;
const RING = 2 * Math.PI * 47;

/** A circle, an octagon, a diamond. */
const NODES: Readonly<
  Record<CircuitState, { readonly at: [number, number]; readonly path: string }>
> = {
  CLOSED: { at: [66, 62], path: 'M-42 0a42 42 0 1 0 84 0a42 42 0 1 0 -84 0Z' },
  OPEN: { at: [334, 62], path: 'M-17 -41H17L41 -17V17L17 41H-17L-41 17V-17Z' },
  HALF_OPEN: { at: [200, 172], path: 'M0 -46L66 0L0 46L-66 0Z' },
};

const ARROWS: readonly {
  readonly name: string;
  readonly path: string;
  readonly words: [number, number, string][];
}[] = [
  { name: 'CLOSED-OPEN', path: 'M112 50H286', words: [[200, 42, 'too many failures']] },
  { name: 'OPEN-CLOSED', path: 'M286 72H114', words: [[200, 87, 'an operator']] },
  {
    name: 'OPEN-HALF_OPEN',
    path: 'M330 110Q318 156 270 168',
    words: [
      [346, 152, 'the open'],
      [346, 166, 'period is over'],
    ],
  },
  { name: 'HALF_OPEN-OPEN', path: 'M232 146Q268 128 292 94', words: [[232, 112, 'probe fails']] },
  {
    name: 'HALF_OPEN-CLOSED',
    path: 'M134 168Q82 156 70 110',
    words: [
      [54, 152, 'probe'],
      [54, 166, 'succeeds'],
    ],
  },
];

const MARKUP = `<svg viewBox="0 0 400 222" role="img" aria-labelledby="diagram-title"><title id="diagram-title"></title>
<defs><marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse" markerUnits="userSpaceOnUse"><path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>
${ARROWS.map(({ name, path, words }) => `<g><path class="arrow" data-arrow="${name}" d="${path}" marker-end="url(#head)"/>${words.map(([x, y, text]) => `<text class="arrow-words" x="${x}" y="${y}" text-anchor="middle">${text}</text>`).join('')}</g>`).join('')}
${Object.entries(NODES)
  .map(
    ([state, { at, path }]) =>
      `<g class="state" data-state="${state}" transform="translate(${at.join(' ')})"><path class="node" d="${path}"/><text class="node-name" y="1">${state}</text><text class="node-words" y="18"></text></g>`,
  )
  .join('')}
<circle class="ring" r="47" cx="334" cy="62" transform="rotate(-90 334 62)" stroke-dasharray="${RING}" stroke-dashoffset="${RING}"/>
</svg>`;

function openWords(isForced: boolean, leftMs: number): string {
  if (isForced) return 'forced';
  return leftMs > 0 ? `probe in ${(leftMs / 1000).toFixed(1)} s` : '';
}

export class Diagram {
  readonly #svg: SVGElement;
  #queue: Step[] = [];
  #shown: CircuitState | undefined;
  #shownSinceMs = 0;

  constructor(place: HTMLElement) {
    place.innerHTML = MARKUP;
    this.#svg = within<SVGElement>(place, 'svg');
  }

  /** Transitions are shown one after the other. */
  add(transitions: readonly CircuitTransition[]): void {
    const steps = transitions.filter(({ scope, from, to }) => scope === 'fleet' && from !== to);
    this.#queue.push(...steps.map(({ from, to }) => ({ from, to })));
  }

  show(circuit: StoredCircuit, nowMs: number): void {
    const state = stateInForce(circuit, nowMs);
    this.#advance(state, nowMs);
    setText(within(this.#svg, 'title'), `The circuit is ${state}.`);
    const leftMs = (circuit.openUntilMs ?? 0) - nowMs;
    const isForced = overrideInForce(circuit, nowMs) !== undefined;
    const isOpen = state === 'OPEN' && this.#shown === 'OPEN' && !isForced;
    this.#showRing(isOpen ? leftMs : 0, Number(circuit.attributes.openDurationMs ?? leftMs));
    this.#say('OPEN', openWords(isForced, isOpen ? leftMs : 0));
    this.#say('HALF_OPEN', 'one probe');
    this.#say('CLOSED', isForced ? 'forced' : 'calls pass');
  }

  #advance(stored: CircuitState, nowMs: number): void {
    if (this.#shown && nowMs - this.#shownSinceMs < SHOWN_FOR_MS) return;
    const step = this.#queue.shift() ?? { from: undefined, to: stored };
    if (step.to === this.#shown && !step.from) return;
    this.#light({ ...step, from: step.from ?? this.#shown });
    this.#shownSinceMs = nowMs;
  }

  #light({ from, to }: Step): void {
    this.#shown = to;
    for (const state of this.#svg.querySelectorAll<SVGElement>('.state')) {
      state.classList.toggle('lit', state.dataset.state === to);
    }
    for (const arrow of this.#svg.querySelectorAll<SVGElement>('.arrow')) {
      arrow.classList.toggle('taken', arrow.dataset.arrow === `${from}-${to}`);
    }
  }

  #showRing(leftMs: number, wholeMs: number): void {
    const share = wholeMs > 0 ? Math.min(1, Math.max(0, leftMs / wholeMs)) : 0;
    within(this.#svg, '.ring').setAttribute('stroke-dashoffset', String(RING * (1 - share)));
  }

  #say(state: CircuitState, words: string): void {
    setText(within(this.#svg, `[data-state="${state}"] .node-words`), words);
  }
}
