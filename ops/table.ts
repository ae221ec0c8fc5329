/** Rows in columns for the terminal, each as wide as its widest cell. Pure. */
export function table(
  rows: readonly (readonly string[])[],
  { rightFrom = Number.POSITIVE_INFINITY }: { rightFrom?: number } = {},
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const aligned = (cell: string, i: number) =>
    i < rightFrom ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(aligned).join('  ').trimEnd());
}
