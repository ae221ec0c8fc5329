const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Of an option such as `--since 10m`, in milliseconds. */
export function durationMs(option: string, text: string): number {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new Error(`${option} ${text}: write a number and a unit, such as 500ms, 60s, 5m or 1h`);
}
