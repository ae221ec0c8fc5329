/** Draws a chart as SVG text, once for wide screens and once for phones, where scaled-down text could not be read. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

export interface Size {
  readonly width: number;
  readonly narrow: boolean;
}

export interface Chart {
  /** What a screen reader says instead of the picture. */
  readonly name: string;
  readonly description: string;
  readonly draw: (size: Size) => Plot.PlotOptions;
}

const SIZES: readonly Size[] = [
  { width: 880, narrow: false },
  { width: 350, narrow: true },
];

/** The page shows one of the two drawings. */
export function chartHtml(chart: Chart): string {
  return SIZES.map(
    (size) => `<div class="${size.narrow ? 'narrow' : 'wide'}">${svg(chart, size)}</div>`,
  ).join('');
}

function svg({ name, description, draw }: Chart, size: Size): string {
  const { document } = parseHTML('<html><body></body></html>');
  const plot = Plot.plot({
    document,
    width: size.width,
    marginTop: 42,
    marginBottom: 42,
    marginLeft: 52,
    marginRight: 40,
    style: { background: 'none', fontSize: '12px' },
    ariaLabel: name,
    ariaDescription: description,
    ...draw(size),
  });
  plot.setAttribute('role', 'img');
  return plot.outerHTML;
}
