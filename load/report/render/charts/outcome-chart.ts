import * as Plot from '@observablehq/plot';
import { OUTCOMES } from '../../../outcome.ts';
import { percent } from '../../format.ts';
import type { Report } from '../../report.ts';
import type { Variants } from '../variants.ts';
import type { Chart } from './draw.ts';
import { circuitBands, facetNames, facetScale, phaseMarks, timeScale } from './time-axis.ts';

/** Each outcome has a texture of its own besides its colour; see the page's patterns. */
export function outcomeChart(report: Report, variants: Variants): Chart {
  const shares = variants.map(
    (name) =>
      `${name}: ${percent(report.variants[name].phases.fault.outcomes.failed.share)} failed under the fault`,
  );
  const data = variants.flatMap((variant) =>
    report.variants[variant].seconds.flatMap((second, index) =>
      OUTCOMES.map((outcome) => ({ variant, outcome, second: index, answers: second[outcome] })),
    ),
  );
  return {
    name: 'Answers per second, by outcome',
    description: `${shares.join(', ')}.`,
    draw: (size) => ({
      height: (size.narrow ? 150 : 170) * variants.length + 60,
      x: timeScale(report, size),
      y: { grid: true, label: null, nice: true },
      fy: facetScale(variants),
      marks: [
        ...(variants.includes('v2') ? circuitBands(report, { fy: 'v2' }) : []),
        ...phaseMarks(report, size, { fy: variants[0] }),
        Plot.rectY(
          data.filter(({ answers }) => answers > 0),
          Plot.stackY({
            order: [...OUTCOMES],
            x1: 'second',
            x2: ({ second }: { second: number }) => second + 1,
            y: 'answers',
            z: 'outcome',
            fy: 'variant',
            fill: ({ outcome }: { outcome: string }) => `url(#${outcome})`,
            insetLeft: 0.5,
          }),
        ),
        Plot.ruleY([0]),
        facetNames(variants),
      ],
    }),
  };
}
