/** One gateway: its verdict, its figures, its strip. */
import type { Gateway } from '../frames.ts';
import type { Colours } from './colours.ts';
import { byId, element, setText, within } from './dom.ts';
import { duration, type Figures, figuresOf, verdict } from './figures.ts';
import type { Model } from './model.ts';
import { Strip } from './strip.ts';

interface Figure {
  readonly name: string;
  readonly words: string;
  readonly title: string;
  readonly of: (figures: Figures) => string;
}

const FIGURES: readonly Figure[] = [
  { name: 'ok', words: 'ok', title: 'in the last 10 s', of: ({ ok }) => String(ok) },
  { name: 'degraded', words: 'degraded', title: 'in the last 10 s', of: (f) => String(f.degraded) },
  {
    name: 'failed',
    words: 'failed',
    title: 'in the last 10 s',
    of: ({ failed }) => String(failed),
  },
  { name: 'waiting', words: 'waiting', title: 'now', of: ({ waiting }) => String(waiting) },
  { name: 'rate', words: 'answers/s', title: 'over 10 s', of: (f) => f.perSecond.toFixed(1) },
  { name: 'median', words: 'median', title: 'of 10 s', of: (f) => duration(f.medianMs) },
  { name: 'p95', words: 'p95', title: 'of 10 s', of: (f) => duration(f.p95Ms) },
];

export class Lane {
  readonly #gateway: Gateway;
  readonly #verdict: HTMLElement;
  readonly #values = new Map<string, HTMLElement>();
  readonly #strip: Strip;

  constructor(gateway: Gateway) {
    const place = byId(gateway);
    this.#gateway = gateway;
    this.#verdict = within(place, '.verdict');
    this.#strip = new Strip(within<HTMLCanvasElement>(place, '.strip'));
    const list = within(place, '.figures');
    for (const figure of FIGURES) list.append(this.#addFigure(figure));
  }

  #addFigure({ name, words, title }: Figure): HTMLElement {
    const group = element('div', '', name);
    const value = element('dd');
    group.title = title;
    group.append(element('dt', words), value);
    this.#values.set(name, value);
    return group;
  }

  showFigures(model: Model): void {
    const nowMs = model.nowMs();
    const waiting = model.waitingAt(this.#gateway);
    const figures = figuresOf(model.answersOf(this.#gateway), waiting, nowMs);
    const sentence = verdict(figures);
    setText(this.#verdict, sentence);
    this.#strip.describe(`Answers of the last minute by their latency. ${sentence}`);
    for (const { name, of } of FIGURES) this.#showFigure(name, of(figures));
  }

  #showFigure(name: string, text: string): void {
    const value = this.#values.get(name);
    if (!value) return;
    setText(value, text);
    value.parentElement?.classList.toggle('none', text === '0' || text === '–');
  }

  draw(model: Model, colours: Colours): void {
    const moment = {
      answers: model.answersOf(this.#gateway),
      waiting: model.waitingAt(this.#gateway),
      nowMs: model.nowMs(),
    };
    this.#strip.draw(moment, colours);
  }
}
