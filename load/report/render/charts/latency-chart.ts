import * as Plot from '@observablehq/plot';
import { seconds } from '../../format.ts';
import type { LatencyDot, Report, Variant } from '../../report.ts';
import type { Chart } from './draw.ts';
import { circuitBands, phaseMarks, timeScale } from './time-axis.ts';

/** Shape as well as colour tells the variants apart. */
const SYMBOLS = { v1: 'triangle', v2: 'circle' } as const;

export function latencyChart(report: Report, variants: readonly Variant[]): Chart {
  const longestMs = variants.flatMap((variant) =>
    report.variants[variant].latencyDots.map(({ latencyMs }) => latencyMs),
  );
  return {
    name: 'Latency over time',
    description:
      'Latency of the requests by the second in which they were sent, on a logarithmic axis. ' +
      variants.map((variant) => median(variant, report)).join(', '),
    draw: (size) => ({
      height: size.narrow ? 300 : 360,
      x: timeScale(report, size),
      y: {
        type: 'log',
        grid: true,
        domain: [1, Math.max(60_000, ...longestMs)],
        ticks: [1, 10, 100, 1000, 10_000],
        tickFormat: seconds,
        label: null,
      },
      r: { type: 'sqrt', domain: [0, 40], range: [0, size.narrow ? 5 : 8] },
      marks: [
        ...(variants.includes('v2') ? circuitBands(report) : []),
        ...phaseMarks(report, size),
        ...variants.map((variant) => dots(variant, report.variants[variant].latencyDots)),
      ],
    }),
  };
}

const median = (variant: Variant, { variants }: Report) =>
  `median of ${variant} under the fault ${seconds(variants[variant].phases.fault.latencyMs?.median ?? 0)}`;

const dots = (variant: Variant, data: readonly LatencyDot[]) =>
  Plot.dot(data, {
    x: 'atSeconds',
    y: 'latencyMs',
    r: 'requests',
    symbol: SYMBOLS[variant],
    fill: `var(--${variant})`,
    fillOpacity: 0.75,
  });
