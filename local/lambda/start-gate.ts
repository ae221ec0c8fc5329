/**
 * Not an AWS rule but this machine's: loading a function is work for a processor, so hundreds of cold starts at once
 * would only slow each other down. At most `limit` run at a time. The others wait in one line per function, and the
 * lines take turns: a caller with a hundred starts must not make those whom it calls wait for all of them.
 */
export type StartGate = <T>(line: string, start: () => Promise<T>) => Promise<T>;

export function createStartGate(limit: number): StartGate {
  const lines = new Map<string, (() => void)[]>();
  let free = limit;
  const waitInLine = (line: string) =>
    new Promise<void>((resolve) => {
      lines.set(line, [...(lines.get(line) ?? []), resolve]);
    });
  const callNext = () => {
    const [line, waiting] = lines.entries().next().value ?? [];
    const [next, ...others] = waiting ?? [];
    if (line === undefined || !next) {
      free++;
      return;
    }
    // A map keeps the order of insertion: the line that had its turn goes to the end.
    lines.delete(line);
    if (others.length > 0) lines.set(line, others);
    next();
  };
  return async (line, start) => {
    if (free > 0) free--;
    else await waitInLine(line);
    try {
      return await start();
    } finally {
      callNext();
    }
  };
}
