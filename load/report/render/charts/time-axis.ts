/** What all charts over time share: the axis, the phases of the load and the states of the circuit. */
import * as Plot from '@observablehq/plot';
import type { Band, Report, Variant } from '../../report.ts';
import { VARIANT_NAMES } from '../variants.ts';
import type { Size } from './draw.ts';

/** Both variants on the same axis, which ends with the last answer of the slower one. */
const axisEndSeconds = ({ variants: { v1, v2 } }: Report): number =>
  Math.ceil(Math.max(v1.elapsedSeconds, v2.elapsedSeconds));

export const timeScale = (report: Report, { narrow }: Size) => ({
  domain: [0, axisEndSeconds(report)],
  label: 'seconds since the first request',
  ticks: narrow ? 4 : 10,
});

/** One above the other, each below its name: phones have no room at the sides. */
export const facetScale = (variants: readonly Variant[]) => ({
  axis: null,
  domain: [...variants],
  padding: 0.2,
});

export const facetNames = (variants: readonly Variant[]): Plot.Markish =>
  Plot.text(variants, {
    fy: (variant: Variant) => variant,
    text: (variant: Variant) => VARIANT_NAMES[variant],
    fill: (variant: Variant) => `var(--${variant})`,
    frameAnchor: 'top-left',
    fontWeight: 700,
    dy: -12,
  });

const STATES = {
  OPEN: { word: 'open', fill: 'var(--open)' },
  HALF_OPEN: { word: 'half-open', fill: 'url(#probing)' },
} as const;

const notClosed = (bands: readonly Band[]) =>
  bands.flatMap((band) => {
    const style =
      band.state === 'OPEN' || band.state === 'HALF_OPEN' ? STATES[band.state] : undefined;
    return style ? [{ ...band, ...style }] : [];
  });

/** The circuit of v2 behind the data. */
export function circuitBands(report: Report, facet: { fy?: string } = {}): Plot.Markish[] {
  const bands = notClosed(report.variants.v2.circuit?.bands ?? []);
  return [
    Plot.rectX(bands, {
      x1: 'fromSeconds',
      x2: 'toSeconds',
      fill: 'fill',
      ...(facet.fy && { fy: () => facet.fy }),
    }),
  ];
}

/** Where phases begin, and what they are called; v1's, for both variants get the same to the second. */
export function phaseMarks(
  report: Report,
  { narrow }: Size,
  facet?: { readonly fy: Variant },
): Plot.Markish[] {
  const endSeconds = axisEndSeconds(report);
  const phases = Object.values(report.variants.v1.phases);
  const marks = phases.map(({ name, fromSeconds }, index) => ({
    name,
    fromSeconds,
    toSeconds: phases[index + 1]?.fromSeconds ?? endSeconds,
  }));
  return [
    Plot.ruleX(marks.slice(1), { x: 'fromSeconds', strokeDasharray: '2,3' }),
    Plot.text(marks, {
      x: ({ fromSeconds, toSeconds }: (typeof marks)[number]) => (fromSeconds + toSeconds) / 2,
      text: 'name',
      frameAnchor: 'top',
      lineAnchor: 'bottom',
      dy: -22,
      fontWeight: 600,
      ...(narrow && { lineWidth: 8, fontSize: 10 }),
      ...(facet && { fy: () => facet.fy }),
    }),
  ];
}
