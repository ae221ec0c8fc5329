/** Keys of the charts: a swatch as it is drawn, and its word. */
import { html, raw } from 'hono/html';

interface Entry {
  readonly word: string;
  readonly swatch: string;
}

const area = (fill: string) => `<rect width="24" height="14" rx="2" fill="${fill}"/>`;
const line = (stroke: string, dashes: string) =>
  `<path d="M0 7H24" stroke="${stroke}" stroke-width="2.5" stroke-dasharray="${dashes}"/>`;

export const ENTRIES = {
  v1: { word: 'v1 (no breaker)', swatch: '<path d="M12 1L19 13H5Z" fill="var(--v1)"/>' },
  v2: { word: 'v2 (breaker)', swatch: '<circle cx="12" cy="7" r="5.5" fill="var(--v2)"/>' },
  ok: { word: 'ok: product and recommendations', swatch: area('url(#ok)') },
  degraded: { word: 'degraded: product only', swatch: area('url(#degraded)') },
  failed: { word: 'failed: nothing', swatch: area('url(#failed)') },
  open: { word: 'circuit open', swatch: area('var(--open)') },
  probing: { word: 'circuit half-open', swatch: area('url(#probing)') },
  gateway: { word: 'gateway', swatch: line('var(--gateway)', '') },
  recommendations: { word: 'recommendations', swatch: line('var(--recommendations)', '6,3') },
  product: { word: 'product', swatch: line('var(--product)', '1.5,3') },
} as const satisfies Readonly<Record<string, Entry>>;

export const key = (names: readonly (keyof typeof ENTRIES)[]) =>
  html`<ul class="key">${names.map((name) => {
    const { word, swatch } = ENTRIES[name];
    return html`<li><svg viewBox="0 0 24 14" aria-hidden="true">${raw(swatch)}</svg>${word}</li>`;
  })}</ul>`;
