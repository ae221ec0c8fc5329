/** The report as self-contained HTML. Pure: the same report gives the same bytes. */
import type { Report, Variant } from './report.ts';
import { comparisonRows, type Row } from './rows.ts';

export const comparisonPage = (report: Report): string =>
  page('Circuit breaker: v1 against v2', report, (rows) => [
    '<tr><th></th><th>v1 (no breaker)</th><th>v2 (breaker)</th><th>v2 against v1</th></tr>',
    ...rows.map(({ label, v1, v2, ratio }) => tableRow([label, v1, v2, ratio])),
  ]);

export const variantPage = (report: Report, variant: Variant): string =>
  page(`Circuit breaker: ${variant}`, report, (rows) =>
    rows.map((row) => tableRow([row.label, row[variant]])),
  );

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const tableRow = ([label = '', ...cells]: string[]): string =>
  `<tr><th>${escapeHtml(label)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;

function page(title: string, report: Report, table: (rows: Row[]) => string[]): string {
  const { run, verdict, caveats } = report;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
th { text-align: left; white-space: pre-wrap } td { text-align: right; padding-left: 1rem }
</style>
<h1>${title}</h1>
<h2>${escapeHtml(verdict.headline)}</h2>
<p>${escapeHtml(verdict.detail)}</p>
<table>${table(comparisonRows(report)).join('\n')}</table>
<ul>${caveats.map((caveat) => `<li>${escapeHtml(caveat)}</li>`).join('')}</ul>
<p>${escapeHtml(run.startedAt)}, ${escapeHtml(run.plan.scenario)}, ${run.plan.profile} profile.</p>
</html>
`;
}
