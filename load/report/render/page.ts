/** The report as self-contained HTML. Pure: the same report gives the same bytes. */

import { html, raw } from 'hono/html';
import { amount, usefulShare } from '../compare/verdict.ts';
import type { Report, Variant } from '../report.ts';
import { concurrencyChart } from './charts/concurrency-chart.ts';
import type { Chart } from './charts/draw.ts';
import { chartHtml } from './charts/draw.ts';
import { latencyChart } from './charts/latency-chart.ts';
import { outcomeChart } from './charts/outcome-chart.ts';
import { timelineChart } from './charts/timeline-chart.ts';
import { concurrencySection, costSection } from './cost-sections.ts';
import { type ENTRIES, key } from './key.ts';
import { aboutRun, caveats, circuitSection, definitions, fleetSection } from './sections.ts';
import { PATTERNS, STYLE } from './style.ts';
import { comparisonTable, phaseTable, tiles, variantTable } from './tables.ts';
import type { Variants } from './variants.ts';

const BOTH = ['v1', 'v2'] as const;

export const comparisonPage = (report: Report): Promise<string> =>
  page(report, 'Circuit breaker, v1 against v2', [
    html`<p class="verdict">${report.verdict.headline}</p><p class="detail">${report.verdict.detail}</p>`,
    tiles(report),
    phaseTable(report, BOTH),
    caveats(report),
    comparisonTable(report),
    ...charts(report, BOTH),
    circuitSection(report),
    fleetSection(report, BOTH),
    costSection(report),
    concurrencySection(report),
    definitions(report),
    aboutRun(report),
  ]);

const TITLES = { v1: 'v1, without a breaker', v2: 'v2, with the breaker' } as const;

export const variantPage = (report: Report, variant: Variant): Promise<string> =>
  page(report, `Circuit breaker, ${TITLES[variant]}`, [
    html`<p class="verdict">${TITLES[variant]}, served ${amount(usefulShare(report.variants[variant].phases.fault))}.</p>`,
    phaseTable(report, [variant]),
    caveats(report),
    variantTable(report, variant),
    ...charts(report, [variant]),
    variant === 'v2' ? circuitSection(report) : html``,
    fleetSection(report, [variant]),
    definitions(report),
    aboutRun(report),
  ]);

function charts(report: Report, variants: Variants): Content[] {
  const circuit =
    variants.includes('v2') && report.variants.v2.circuit ? (['open', 'probing'] as const) : [];
  const concurrency = concurrencyChart(report, variants);
  return [
    figure('Latency over time', latencyChart(report, variants), {
      key: [...variants, ...circuit],
      read: 'Each mark stands for requests that were sent about the same time and took about as long; the larger, the more. The latency axis is logarithmic: each line is ten times the one below.',
    }),
    figure('Answers per second, by outcome', outcomeChart(report, variants), {
      key: ['ok', 'degraded', 'failed', ...circuit],
      read: 'Each bar is one second; an answer counts in the second in which it arrived. Where bars are missing, users wait.',
    }),
    ...(concurrency
      ? [
          figure('Environments busy at once', concurrency, {
            key: ['gateway', 'recommendations', 'product', ...circuit],
            read: 'How many execution environments of each function are at work: what an account limit counts and what is paid for. A hanging call keeps two of them, the gateway’s and its own.',
          }),
        ]
      : []),
    figure('The first requests that met the fault', timelineChart(report, variants), {
      key: ['ok', 'degraded', 'failed'],
      read: 'One bar per request, from sending to answer, in the order of sending. Every fifth is labelled.',
    }),
  ];
}

interface Explanation {
  readonly key: readonly (keyof typeof ENTRIES)[];
  readonly read: string;
}

const figure = (title: string, chart: Chart, explanation: Explanation) =>
  html`<section><h2>${title}</h2>${key(explanation.key)}
<figure>${raw(chartHtml(chart))}<figcaption class="read">How to read it: ${explanation.read}</figcaption></figure></section>`;

type Content = ReturnType<typeof html>;

async function page(report: Report, title: string, content: readonly Content[]): Promise<string> {
  const { plan, target, startedAt } = report.run;
  const run = `${plan.scenario}, ${plan.profile} profile, ${target}, ${startedAt.slice(0, 10)}`;
  const main = await html`${content}`;
  const whole = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${raw(PATTERNS)}
<header><h1>${title} · ${run}</h1></header>
<main>
${raw(withUnbrokenUnits(main))}
</main>
</body>
</html>
`;
  // The helper's string is an object, which a file would be written from character by character.
  return whole.toString();
}

/** A figure and its unit stay on one line. */
const withUnbrokenUnits = (text: string): string =>
  text.replace(/(?<=\d) (?=(?:ms|s|%)(?![a-z]))/g, '&nbsp;');
