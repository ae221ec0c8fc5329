import { html } from 'hono/html';
import { type Plan, SCENARIOS } from '../../plan.ts';
import { count, figure, milliseconds } from '../format.ts';
import type { CircuitReport, Report, Variant, VariantReport } from '../report.ts';
import { comparisonRows } from './rows.ts';

export const caveats = ({ caveats: all }: Report) =>
  all.length === 0
    ? html``
    : html`<section><h2>Before you quote these figures</h2><ul>${all.map((one) => html`<li>${one}</li>`)}</ul></section>`;

/** What the circuit did, and who did it. */
export function circuitSection({ variants: { v2 } }: Report) {
  const { circuit } = v2;
  if (!circuit) return html``;
  const { transitions, firstOpenSeconds } = circuit;
  if (firstOpenSeconds === undefined)
    return html`<section><h2>The circuit</h2><p>It stayed closed.</p></section>`;
  return html`<section><h2>The circuit</h2>
<p>It opened ${figure(firstOpenSeconds)} s after the first request. ${callsText(circuit)} ${recoveryWords(v2)}</p>
<details><summary>All ${transitions.length} transitions</summary><div class="scroll"><table>
<thead><tr><th>second</th><th class="words">from</th><th class="words">to</th><th>generation</th><th class="words">reason</th><th class="words">made by instance</th></tr></thead>
<tbody>${transitions.map(
    ({ atSeconds, from, to, generation, reason, by }) =>
      html`<tr><td>${atSeconds.toFixed(2)}</td><td class="words">${from}</td><td class="words">${to}</td><td>${generation}</td><td class="words">${reason}</td><td class="words"><code>${by.slice(0, 8)}</code></td></tr>`,
  )}</tbody></table></div></details></section>`;
}

export function fleetSection({ variants }: Report, shown: readonly Variant[]) {
  const rows = shown.flatMap((variant) =>
    (variants[variant].fleet?.functions ?? []).map((one) => ({ variant, ...one })),
  );
  if (rows.length === 0) return html``;
  return html`<section><h2>The functions</h2><div class="scroll"><table>
<thead><tr><th>function</th><th>invocations</th><th>cold starts</th><th>busy at once</th><th>mean duration</th><th>billed GB-s</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><td><span class="${row.variant}">${row.variant}</span> ${row.part}</td><td>${count(row.invocations)}</td><td>${count(row.coldStarts)}</td><td>${count(row.peakConcurrency)}</td><td>${milliseconds(row.meanDurationMs)}</td><td>${figure(row.billedGbSeconds)}</td></tr>`,
  )}</tbody></table></div>
<p class="read">Cold starts are requests that waited for a new environment; environments that were started ahead are none.
Source: START, REPORT and the time of the last line of each invocation in the functions’ logs.</p></section>`;
}

export const definitions = (
  report: Report,
) => html`<section><h2>What each figure means</h2><details><summary>Definitions and sources</summary><dl>
${comparisonRows(report).map(({ label, definition }) => html`<dt>${label}</dt><dd>${definition}</dd>`)}
</dl><p class="read">All of it can be worked out again: what was recorded is in the folder <code>raw</code> beside this
file, and <code>npm run report</code> makes this file from it.</p></details></section>`;

export function aboutRun({ run }: Report) {
  const { plan } = run;
  const facts: [string, string][] = [
    ['Started', run.startedAt],
    ['Target', run.target],
    [
      'Load',
      `${plan.users} users, ${plan.usersPerSecond} new ones per second, 1 to 2 s between two requests of a user, seed ${plan.seed}`,
    ],
    ['Scenario', `${plan.scenario}: ${SCENARIOS[plan.scenario].summary}`],
    ['A hanging call', `answers 408 after ${plan.hangMs / 1000} s`],
    ...(run.target === 'local' ? localFacts(plan) : []),
    ...Object.entries(run.versions),
    ...Object.entries(run.machine).map(([name, value]): [string, string] => [name, String(value)]),
  ];
  return html`<section><h2>This run</h2><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

function callsText({ callsByState, openPeriods }: CircuitReport): string {
  const periods = `It was open ${count(openPeriods)} times.`;
  if (!callsByState) return periods;
  const { CLOSED = 0, OPEN = 0, HALF_OPEN = 0 } = callsByState;
  return (
    `${periods} ${count(CLOSED)} calls reached recommendations while it was closed, ` +
    `${count(OPEN)} while it was open, ${count(HALF_OPEN)} while it was half-open.`
  );
}

function recoveryWords({ phases, recovery }: VariantReport): string {
  const { circuitClosedSeconds } = recovery;
  const ended = `The fault’s end was in force at second ${phases.after.fromSeconds.toFixed(1)}`;
  if (circuitClosedSeconds === null) return `${ended}; the circuit did not close any more.`;
  return `${ended}; the circuit was closed ${figure(circuitClosedSeconds)} s after it was asked for.`;
}

const localFacts = ({ accountConcurrency, prewarm }: Plan): [string, string][] => [
  ['Account limit', `${count(accountConcurrency)} executions at once`],
  [
    'Started ahead',
    `${prewarm} environments of every function; each variant in a fresh local cloud`,
  ],
];
