import * as Plot from '@observablehq/plot';
import { count } from '../../format.ts';
import type { Part, Report } from '../../report.ts';
import type { Variants } from '../variants.ts';
import type { Chart } from './draw.ts';
import { circuitBands, facetNames, facetScale, phaseMarks, timeScale } from './time-axis.ts';

const DASHES: Readonly<Record<string, string>> = {
  gateway: '',
  recommendations: '6,3',
  product: '1.5,3',
};
const role = (part: Part) => (part.startsWith('gateway') ? 'gateway' : part);

/** Without the functions' logs there is no chart. */
export function concurrencyChart(report: Report, variants: Variants): Chart | undefined {
  const functions = variants.flatMap((variant) =>
    (report.variants[variant].fleet?.concurrencyBySecond ?? []).map(({ part, busy }) => ({
      variant,
      role: role(part),
      busy,
    })),
  );
  if (functions.length === 0) return undefined;
  const lines = functions.flatMap(({ busy, ...one }) =>
    busy.map((environments, second) => ({ ...one, second: second + 0.5, environments })),
  );
  return {
    name: 'Environments busy at once',
    description: functions
      .map(
        ({ variant, role: name, busy }) =>
          `${variant} ${name}: at most ${count(Math.max(...busy))}`,
      )
      .join(', '),
    draw: (size) => ({
      height: (size.narrow ? 150 : 170) * variants.length + 60,
      x: timeScale(report, size),
      y: { grid: true, label: null, nice: true },
      fy: facetScale(variants),
      marks: [
        ...(variants.includes('v2') ? circuitBands(report, { fy: 'v2' }) : []),
        ...phaseMarks(report, size, { fy: variants[0] }),
        ...Object.entries(DASHES).map(([name, strokeDasharray]) =>
          Plot.lineY(
            lines.filter((line) => line.role === name),
            {
              x: 'second',
              y: 'environments',
              fy: 'variant',
              stroke: `var(--${name})`,
              strokeWidth: 2,
              strokeDasharray,
            },
          ),
        ),
        Plot.ruleY([0]),
        facetNames(variants),
      ],
    }),
  };
}
