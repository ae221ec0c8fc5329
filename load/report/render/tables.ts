import { html } from 'hono/html';
import { usefulShare } from '../compare/verdict.ts';
import { count, figure, percent, seconds } from '../format.ts';
import type { Report, Variant, VariantReport } from '../report.ts';
import { PHASE_DEFINITION, phaseRows } from './phase-rows.ts';
import { comparisonRows } from './rows.ts';
import { VARIANT_NAMES, type Variants } from './variants.ts';

/** The figures that answer the question at a glance. */
export function tiles({ variants: { v1, v2 } }: Report) {
  const tile = (what: string, show: (variant: VariantReport) => string) => html`<li>
<span class="what">${what}</span>
<div class="pair"><span class="v1">v1<b>${show(v1)}</b></span><span class="v2">v2<b>${show(v2)}</b></span></div></li>`;
  return html`<ul class="tiles">
${tile('Served', ({ phases }) => percent(usefulShare(phases.fault)))}
${tile('Latency, median', ({ phases }) => seconds(phases.fault.latencyMs?.median ?? 0))}
${tile('Requests per second', ({ phases }) => figure(phases.fault.requestsPerSecond))}
${v1.fleet && v2.fleet ? tile('Calls to recommendations', ({ fleet }) => count(fleet?.recommendationsCalls ?? 0)) : ''}
</ul>`;
}

const CLOSED_LOOP = html`<p class="read">A user who waits asks nothing meanwhile. Shares of requests therefore flatter the slower
variant; requests per second do not.</p>`;

const heading = ({ variants }: Report): string => `While ${variants.v1.phases.fault.name}`;

export const comparisonTable = (report: Report) => html`<section><h2>${heading(report)}</h2>
<div class="scroll"><table>
<thead><tr><th></th><th class="v1" scope="col">${VARIANT_NAMES.v1}</th><th class="v2" scope="col">${VARIANT_NAMES.v2}</th></tr></thead>
<tbody>${comparisonRows(report).map(
  ({ label, isDetail, v1, v2 }) =>
    html`<tr class="${isDetail ? 'detail' : ''}"><th scope="row">${label}</th><td>${v1}</td><td>${v2}</td></tr>`,
)}</tbody>
</table></div>${CLOSED_LOOP}</section>`;

export const variantTable = (
  report: Report,
  variant: Variant,
) => html`<section><h2>${heading(report)}</h2>
<div class="scroll"><table>
<tbody>${comparisonRows(report).map(
  (row) =>
    html`<tr class="${row.isDetail ? 'detail' : ''}"><th scope="row">${row.label}</th><td>${row[variant]}</td></tr>`,
)}</tbody>
</table></div>${CLOSED_LOOP}</section>`;

export const phaseTable = (report: Report, shown: Variants) => html`<section><h2>Phase by phase</h2>
<div class="scroll"><table>
<thead><tr><th>phase</th><th class="words"></th><th>served</th><th>ok</th><th>degraded</th><th>failed</th><th>median</th><th>p95</th></tr></thead>
<tbody>${phaseRows(report, shown).map(
  ({ phase, variant, served, ok, degraded, failed, median, p95 }) =>
    html`<tr><th scope="row">${phase}</th><td class="words ${variant}">${variant}</td><td>${served}</td><td>${ok}</td><td>${degraded}</td><td>${failed}</td><td>${median}</td><td>${p95}</td></tr>`,
)}</tbody>
</table></div><p class="read">${PHASE_DEFINITION}</p></section>`;
