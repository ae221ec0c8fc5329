import { html } from 'hono/html';
import { usefulShare } from '../compare/verdict.ts';
import { factor, figure, percent, seconds, times } from '../format.ts';
import type { Comparison, Report, Variant, VariantReport } from '../report.ts';
import { comparisonRows } from './rows.ts';

/** The four figures that answer the question at a glance. */
export function tiles({ variants: { v1, v2 }, comparison }: Report) {
  const tile = (what: string, show: (variant: VariantReport) => string, ratio: string) => html`<li>
<span class="what">${what}</span>
<div class="pair"><span class="v1">v1<b>${show(v1)}</b></span><span class="v2">v2<b>${show(v2)}</b></span></div>
<span class="ratio">${ratio}</span></li>`;
  const useful = (variant: VariantReport) => percent(usefulShare(variant));
  return html`<ul class="tiles">
${tile('Served', useful, '')}
${tile('Requests per second', (variant) => figure(variant.requestsPerSecond), factor(comparison.requestsPerSecondRatio))}
${tile('Latency, median', ({ latencyMs }) => seconds(latencyMs.median), soonerOrLater(v1, comparison))}
${tile('Latency, p99', ({ latencyMs }) => seconds(latencyMs.p99), '')}
</ul>`;
}

/** Failing fast is no merit. */
const soonerOrLater = ({ outcomes }: VariantReport, { latencyMedianRatio }: Comparison): string =>
  outcomes.failed.share > 0.5 && (latencyMedianRatio ?? 1) < 1
    ? 'v1 fails fast'
    : times(latencyMedianRatio, 'sooner', 'later');

const closedLoop = html`<p class="read">A user who waits asks nothing meanwhile. Shares of requests therefore flatter the slower
variant; requests per second do not.</p>`;

export const comparisonTable = (report: Report) => html`<section><h2>Side by side</h2>
<div class="scroll"><table>
<thead><tr><th></th><th class="v1" scope="col">v1 (no breaker)</th><th class="v2" scope="col">v2 (breaker)</th><th scope="col">v2 against v1</th></tr></thead>
<tbody>${comparisonRows(report).map(
  ({ label, isDetail, v1, v2, ratio }) =>
    html`<tr class="${isDetail ? 'detail' : ''}"><th scope="row">${label}</th><td>${v1}</td><td>${v2}</td><td>${ratio}</td></tr>`,
)}</tbody>
</table></div>${closedLoop}</section>`;

export const variantTable = (report: Report, variant: Variant) => html`<section><h2>Figures</h2>
<div class="scroll"><table>
<tbody>${comparisonRows(report).map(
  (row) =>
    html`<tr class="${row.isDetail ? 'detail' : ''}"><th scope="row">${row.label}</th><td>${row[variant]}</td></tr>`,
)}</tbody>
</table></div>${closedLoop}</section>`;
