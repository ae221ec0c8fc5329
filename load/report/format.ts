/** Figures as people read them: three significant digits, thousands separated, the unit always there. */
const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SIGNIFICANT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const count = (value: number): string => GROUPED.format(value);

export const figure = (value: number): string =>
  value >= 100 ? GROUPED.format(value) : SIGNIFICANT.format(value);

export const milliseconds = (ms: number): string => `${figure(ms)} ms`;

export const seconds = (ms: number): string =>
  ms < 1000 ? milliseconds(ms) : `${SIGNIFICANT.format(ms / 1000)} s`;

/** Never rounds a few to none, nor almost all to all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1 %';
  if (share < 1 && share > 0.999) return '>99.9 %';
  return `${SIGNIFICANT.format(share * 100)} %`;
}

export const dollars = (value: number): string =>
  `$${value >= 100 ? GROUPED.format(value) : value.toFixed(2)}`;
