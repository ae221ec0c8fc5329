/** The running load on the terminal: two lines that are rewritten, or a plain line now and then where there is none. */
import { styleText } from 'node:util';
import { clock, type Snapshot } from './progress.ts';
import { count, figure, seconds } from './report/format.ts';

type Style = Parameters<typeof styleText>[0];

/** A word or two that are shown whole or not at all. */
interface Piece {
  readonly text: string;
  readonly style: Style;
}

export interface Moment {
  readonly variant: string;
  readonly now: Snapshot;
  /** Undefined: it is not known, or there is no circuit. */
  readonly circuitState: string | undefined;
  readonly phase: { readonly name: string; readonly fromSeconds: number };
  /** Null: the phase ends when everybody is served again. */
  readonly phaseSeconds: number | null;
}

const STATE_STYLES: Readonly<Record<string, Style>> = {
  CLOSED: 'green',
  HALF_OPEN: ['bold', 'yellow'],
  OPEN: ['bold', 'red'],
};

/** The two lines of a moment, what matters most first: a narrow terminal drops the ends. */
export function piecesOf(moment: Moment): readonly [Piece[], Piece[]] {
  const { variant, now, circuitState } = moment;
  const { ok, degraded, failed } = now.outcomes;
  const indent = ' '.repeat(variant.length);
  const circuit = circuitState
    ? [{ text: `circuit ${circuitState}`, style: STATE_STYLES[circuitState] ?? 'reset' }]
    : [];
  return [
    [
      { text: variant, style: 'bold' },
      { text: `failed ${count(failed)}`, style: failed > 0 ? ['bold', 'red'] : 'green' },
      ...circuit,
      { text: phaseText(moment), style: 'reset' },
    ],
    [
      { text: indent, style: 'reset' },
      ...[
        `ok ${count(ok)}`,
        `degraded ${count(degraded)}`,
        `${figure(now.answersPerSecond)}/s`,
        `p95 ${now.latencyMsP95 === undefined ? '-' : seconds(now.latencyMsP95)}`,
        `${count(now.waiting)} waiting`,
      ].map((text): Piece => ({ text, style: 'dim' })),
    ],
  ];
}

function phaseText({ phase, phaseSeconds, now }: Moment): string {
  // A switch takes a moment: meanwhile the phase before it goes on.
  const sinceItsStart = Math.min(now.elapsedSeconds - phase.fromSeconds, phaseSeconds ?? Infinity);
  const inPhase = clock(Math.max(0, sinceItsStart));
  return `${phase.name} ${inPhase}${phaseSeconds === null ? '' : ` of ${clock(phaseSeconds)}`}`;
}

const GAP = '  ';

/** As many pieces as fit into the columns. */
export function fitting(pieces: readonly Piece[], columns: number): readonly Piece[] {
  let used = 0;
  const end = pieces.findIndex(({ text }, index) => {
    used += text.length + (index > 0 ? GAP.length : 0);
    return used > columns;
  });
  return end < 0 ? pieces : pieces.slice(0, end);
}

const CLEAR_BELOW = '\r\x1b[0J';
const LINE_UP = '\x1b[1A';
const PLAIN_LINE_EVERY_MS = 10_000;

export function createDisplay(out: NodeJS.WriteStream) {
  let plainAtMs = Number.NEGATIVE_INFINITY;
  let phaseName = '';

  const plain = (moment: Moment): string =>
    piecesOf(moment)
      .flat()
      .map(({ text }) => text.trim())
      .filter(Boolean)
      .join(GAP);

  // One column stays free: a terminal may break a line that fills it.
  const line = (pieces: readonly Piece[]): string =>
    fitting(pieces, (out.columns || 80) - 1)
      .map(({ text, style }) => styleText(style, text, { stream: out }))
      .join(GAP);

  function twoLines(moment: Moment): string {
    const [first, second] = piecesOf(moment);
    return `${CLEAR_BELOW}${line(first)}\n${line(second)}`;
  }

  function showPlain(moment: Moment, nowMs: number): void {
    const isDue = nowMs - plainAtMs >= PLAIN_LINE_EVERY_MS || moment.phase.name !== phaseName;
    if (!isDue) return;
    plainAtMs = nowMs;
    phaseName = moment.phase.name;
    out.write(`${plain(moment)}\n`);
  }

  return {
    show(moment: Moment, nowMs: number): void {
      if (out.isTTY) out.write(`${twoLines(moment)}${LINE_UP}\r`);
      else showPlain(moment, nowMs);
    },
    /** Ends the live lines; this moment stays. */
    finish(moment: Moment): void {
      out.write(`${out.isTTY ? twoLines(moment) : plain(moment)}\n`);
    },
  };
}
