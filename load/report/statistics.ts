import type { Distribution } from './report.ts';

/** The nearest-rank percentile of values sorted upwards: always one of the values. */
export function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Without a value there is no distribution. */
export function distribution(values: readonly number[]): Distribution | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number) => percentile(sorted, percent) ?? Number.NaN;
  if (sorted.length === 0) return undefined;
  return {
    min: at(0),
    mean: sum(sorted) / sorted.length,
    median: at(50),
    p95: at(95),
    p99: at(99),
    max: at(100),
  };
}
