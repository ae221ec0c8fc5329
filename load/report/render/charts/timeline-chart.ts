import * as Plot from '@observablehq/plot';
import { seconds } from '../../format.ts';
import type { FirstRequest, Report, Variant } from '../../report.ts';
import type { Chart } from './draw.ts';
import { facetNames, facetScale } from './time-axis.ts';

type Bar = FirstRequest & { readonly variant: Variant; readonly place: number };

/** The first requests of each variant that met the fault, one bar from sending to answer. */
export function timelineChart(report: Report, variants: readonly Variant[]): Chart {
  const bars: Bar[] = variants.flatMap((variant) =>
    report.variants[variant].firstRequests.map((request, index) => ({
      ...request,
      variant,
      place: index + 1,
    })),
  );
  const begin = Math.floor(Math.min(...bars.map(({ sentSeconds }) => sentSeconds)));
  const end = Math.max(...bars.map(endSeconds));
  return {
    name: 'The first requests that met the fault',
    description: variants.map((variant) => summary(variant, report)).join(' '),
    draw: ({ narrow }) => ({
      height: (narrow ? 220 : 280) * variants.length + 40,
      marginRight: 60,
      x: {
        domain: [begin, end],
        label: 'seconds since the first request',
        grid: true,
        ticks: narrow ? 4 : 10,
      },
      y: { label: null, type: 'band', ticks: [1, 10, 20, 30, 40, 50], padding: 0.25 },
      fy: facetScale(variants),
      marks: [
        Plot.barX(bars, {
          y: 'place',
          fy: 'variant',
          x1: 'sentSeconds',
          // An answer within milliseconds would be thinner than the eye sees.
          x2: (bar: Bar) => Math.max(endSeconds(bar), bar.sentSeconds + (end - begin) / 250),
          fill: ({ outcome }: Bar) => `url(#${outcome})`,
        }),
        Plot.text(bars.filter(worthALabel), {
          y: 'place',
          fy: 'variant',
          x: endSeconds,
          text: ({ latencyMs }: Bar) => seconds(latencyMs),
          textAnchor: 'start',
          dx: 5,
          stroke: 'var(--paper)',
          strokeWidth: 3,
          fill: 'currentColor',
          fontSize: narrow ? 9 : 10,
        }),
        ...tripMark(report, variants, narrow),
        facetNames(variants),
      ],
    }),
  };
}

function tripMark(report: Report, variants: readonly Variant[], narrow: boolean): Plot.Markish[] {
  const tripSeconds = report.variants.v2.circuit?.firstOpenSeconds;
  if (tripSeconds === undefined || !variants.includes('v2')) return [];
  const trip = [{ tripSeconds }];
  const place = { x: 'tripSeconds', fy: () => 'v2' } as const;
  return [
    Plot.ruleX(trip, { ...place, stroke: 'var(--v2)', strokeWidth: 2, strokeDasharray: '4,3' }),
    Plot.text(trip, {
      ...place,
      text: () => (narrow ? '← opens' : '← the circuit opens'),
      fill: 'var(--v2)',
      textAnchor: 'start',
      fontWeight: 600,
      dx: 95,
    }),
  ];
}

const endSeconds = ({ sentSeconds, latencyMs }: FirstRequest) => sentSeconds + latencyMs / 1000;

/** Every fifth bar has a label; more would not fit. */
const worthALabel = ({ place }: Bar) => place % 5 === 0 || place === 1;

function summary(variant: Variant, { variants }: Report): string {
  const latencies = variants[variant].firstRequests.map(({ latencyMs }) => latencyMs);
  return `${variant}: from ${seconds(Math.min(...latencies))} to ${seconds(Math.max(...latencies))}.`;
}
