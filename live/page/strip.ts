/** The last 60 s of a gateway: each answer where it arrived, by its latency; each user who waits as a rising line. */
import type { Outcome } from '../../load/outcome.ts';
import type { Answered, Waiting } from '../frames.ts';
import type { Colours } from './colours.ts';
import { SHOWN_MS } from './model.ts';

interface Moment {
  readonly answers: readonly Answered[];
  readonly waiting: readonly Waiting[];
  readonly nowMs: number;
}

interface Area {
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly outcome: Outcome;
  readonly moment: Moment;
  readonly area: Area;
  readonly colours: Colours;
}

type Draw = (context: CanvasRenderingContext2D, x: number, y: number) => void;

const LEAST_MS = 1;
const MOST_MS = 45_000;
const GRID: readonly (readonly [number, string])[] = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1_000, '1 s'],
  [10_000, '10 s'],
];
type Time = readonly [agoS: number, align: CanvasTextAlign];

const TIMES: readonly Time[] = [
  [60, 'left'],
  [40, 'center'],
  [20, 'center'],
  [0, 'right'],
];
const FEW_TIMES: readonly Time[] = [
  [60, 'left'],
  [0, 'right'],
];
/** In pixels: there is no room for more times on a phone. */
const NARROW = 300;
/** Where API Gateway gives up. */
const LIMIT_MS = 29_000;
const LEFT = 46;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 18;
const SIZE = 3.4;

/** Each shape is drawn by its path; the colour comes from the style sheet. */
const SHAPES: Record<Outcome, Draw> = {
  ok(context, x, y) {
    context.moveTo(x + SIZE, y);
    context.arc(x, y, SIZE, 0, 2 * Math.PI);
  },
  degraded(context, x, y) {
    context.moveTo(x, y - SIZE * 1.2);
    context.lineTo(x + SIZE * 1.15, y + SIZE);
    context.lineTo(x - SIZE * 1.15, y + SIZE);
    context.closePath();
  },
  failed(context, x, y) {
    context.moveTo(x - SIZE, y - SIZE);
    context.lineTo(x + SIZE, y + SIZE);
    context.moveTo(x - SIZE, y + SIZE);
    context.lineTo(x + SIZE, y - SIZE);
  },
};

export class Strip {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser cannot draw');
    this.#canvas = canvas;
    this.#context = context;
  }

  /** For those who do not see it. */
  describe(words: string): void {
    this.#canvas.setAttribute('aria-label', words);
  }

  draw(moment: Moment, colours: Colours): void {
    const area = this.#fit();
    this.#context.clearRect(0, 0, area.width, area.height);
    this.#drawGrid(area, colours);
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(LEFT, 0, area.width - LEFT, area.height);
    this.#context.clip();
    this.#drawWaiting(moment, area, colours);
    for (const outcome of ['ok', 'degraded', 'failed'] as const) {
      this.#drawAnswers({ outcome, moment, area, colours });
    }
    this.#context.restore();
  }

  #fit(): Area {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = window.devicePixelRatio;
    const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== pixelsWide || this.#canvas.height !== pixelsHigh) {
      this.#canvas.width = pixelsWide;
      this.#canvas.height = pixelsHigh;
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }

  #drawGrid(area: Area, colours: Colours): void {
    const { width, height } = area;
    const context = this.#context;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.fillStyle = colours.quiet;
    for (const [ms, words] of GRID) {
      const y = Math.round(yOf(ms, height)) + 0.5;
      line(context, LEFT, y, width - RIGHT, y);
      context.fillText(words, LEFT - 6, y);
    }
    context.setLineDash([5, 4]);
    context.strokeStyle = colours.failed;
    const y = Math.round(yOf(LIMIT_MS, height)) + 0.5;
    line(context, LEFT, y, width - RIGHT, y);
    context.setLineDash([]);
    context.fillText('29 s', LEFT - 6, y);
    this.#drawTimes(area);
  }

  #drawTimes({ width, height }: Area): void {
    const context = this.#context;
    context.textBaseline = 'alphabetic';
    for (const [agoS, align] of width < NARROW ? FEW_TIMES : TIMES) {
      context.textAlign = align;
      const words = agoS === 0 ? 'now' : `${agoS} s ago`;
      context.fillText(words, xOf(agoS * 1000, width), height - 4);
    }
  }

  #drawWaiting({ waiting, nowMs }: Moment, { width, height }: Area, colours: Colours): void {
    const context = this.#context;
    context.strokeStyle = colours.waiting;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const { sinceMs } of waiting) {
      const ageMs = Math.max(LEAST_MS, nowMs - sinceMs);
      context.moveTo(xOf(ageMs, width), yOf(LEAST_MS, height));
      for (let share = 0.05; share < 1; share += 0.05) {
        context.lineTo(xOf(ageMs * (1 - share), width), yOf(ageMs * share, height));
      }
      context.lineTo(xOf(0, width), yOf(ageMs, height));
    }
    context.stroke();
  }

  #drawAnswers({ outcome, moment, area, colours }: Drawing): void {
    const { answers, nowMs } = moment;
    const { width, height } = area;
    const context = this.#context;
    const shape = SHAPES[outcome];
    context.beginPath();
    for (const answer of answers) {
      if (answer.outcome !== outcome) continue;
      shape(context, xOf(nowMs - answer.atMs, width), yOf(answer.latencyMs, height));
    }
    const colour = colours[outcome];
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    if (outcome === 'failed') context.stroke();
    else context.fill();
  }
}

const xOf = (agoMs: number, width: number): number =>
  width - RIGHT - (agoMs / SHOWN_MS) * (width - LEFT - RIGHT);

function yOf(ms: number, height: number): number {
  const share = Math.log(Math.min(MOST_MS, Math.max(LEAST_MS, ms)) / LEAST_MS) / Math.log(MOST_MS);
  return height - BOTTOM - share * (height - BOTTOM - TOP);
}

function line(context: CanvasRenderingContext2D, ...[x1, y1, x2, y2]: number[]): void {
  context.beginPath();
  context.moveTo(x1 ?? 0, y1 ?? 0);
  context.lineTo(x2 ?? 0, y2 ?? 0);
  context.stroke();
}
