import { html } from 'hono/html';
import { count, dollars, figure } from '../format.ts';
import type { Fleet, Report } from '../report.ts';

export function costSection({ variants, prices }: Report) {
  const { v1, v2 } = { v1: variants.v1.fleet, v2: variants.v2.fleet };
  if (!v1 || !v2) return html``;
  const row = (label: string, show: (cost: Fleet['costPerMillion']) => number) =>
    html`<tr><th scope="row">${label}</th><td>${dollars(show(v1.costPerMillion))}</td><td>${dollars(show(v2.costPerMillion))}</td></tr>`;
  return html`<section><h2>Cost of a million user requests</h2><div class="scroll"><table>
<thead><tr><th></th><th class="v1">v1</th><th class="v2">v2</th></tr></thead><tbody>
${row('API Gateway requests', ({ apiGateway }) => apiGateway)}
${row('Lambda requests', ({ lambdaRequests }) => lambdaRequests)}
${row('Lambda duration', ({ lambdaDuration }) => lambdaDuration)}
${row('DynamoDB', ({ dynamoDb }) => dynamoDb)}
${row('Together', ({ total }) => total)}
</tbody></table></div>
<p class="read">An estimate: the billed durations, invocations and table operations of this run at list price
(${prices.region}, ${prices.asOf}; no free tier, no logs, no data transfer).</p>
<details><summary>The prices</summary><table><tbody>
${priceRows(prices)}
</tbody></table></details></section>`;
}

const priceRows = (prices: Report['prices']) =>
  (
    [
      ['Million requests to a REST API', prices.apiGatewayRestPerMillionRequests],
      ['Million Lambda requests', prices.lambdaPerMillionRequests],
      ['Lambda GB-second on arm64', prices.lambdaPerGbSecondArm64],
      ['Million DynamoDB write units, on demand', prices.dynamoDbPerMillionWriteUnits],
      ['Million DynamoDB read units, on demand', prices.dynamoDbPerMillionReadUnits],
    ] as const
  ).map(([what, price]) => html`<tr><th scope="row">${what}</th><td>$${price}</td></tr>`);

/** What the busy time of a request means for the concurrency limit of an account. */
export function concurrencySection({ variants, concurrencyNeed: concurrency }: Report) {
  const { v1, v2 } = { v1: variants.v1.fleet, v2: variants.v2.fleet };
  if (!v1 || !v2 || !concurrency) return html``;
  const { accountLimit, atRequestsPerSecond, exhaustedAt } = concurrency;
  return html`<section><h2>Concurrency that a request rate needs</h2><div class="scroll"><table>
<thead><tr><th>user requests per second</th><th class="v1">v1</th><th class="v2">v2</th></tr></thead><tbody>
${atRequestsPerSecond.map((need) => html`<tr><th scope="row">${need.requestsPerSecond}</th><td>${figure(need.v1)}</td><td>${figure(need.v2)}</td></tr>`)}
<tr><th scope="row">rate at which ${count(accountLimit)} are used up</th><td>${figure(exhaustedAt.v1)}/s</td><td>${figure(exhaustedAt.v2)}/s</td></tr>
</tbody></table></div>
<p class="read">Little’s law: environments at once = requests per second × seconds that one request keeps functions busy. Here that is ${figure(v1.busySecondsPerRequest)} s for v1 and
${figure(v2.busySecondsPerRequest)} s for v2 (billed time of all functions / user requests). ${count(accountLimit)} is the default limit of an account in a region.</p></section>`;
}
